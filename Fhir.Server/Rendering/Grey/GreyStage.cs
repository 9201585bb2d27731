namespace Fhir.Server.Rendering.Grey;

/// <summary>One step from stored values to brightness, over many values at once. PS3.4 §N.2.</summary>
internal abstract record GreyStage
{
    /// <summary>Leaves values as they are.</summary>
    public static GreyStage Nothing { get; } = new Unchanged();

    /// <summary>Replaces each value.</summary>
    public abstract void Apply(Span<double> values);

    /// <summary>Replaces one value.</summary>
    public double Of(double value)
    {
        Span<double> one = [value];
        Apply(one);
        return one[0];
    }

    private sealed record Unchanged : GreyStage
    {
        public override void Apply(Span<double> values)
        {
        }
    }
}

/// <summary>Rescale slope and intercept. PS3.3 §C.11.1.1.2.</summary>
internal sealed record Rescale(double Slope, double Intercept) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        foreach (ref var value in values)
        {
            value = (value * Slope) + Intercept;
        }
    }
}

/// <summary>A table of output values. PS3.3 §C.11.1.1.1.</summary>
internal sealed record ModalityTable(LookupTable Table) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        foreach (ref var value in values)
        {
            value = Table[value];
        }
    }
}

/// <summary>A table whose entries run from black to white. PS3.3 §C.11.2.1.1.</summary>
internal sealed record VoiTable(LookupTable Table) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        var white = 1.0 / Table.Highest;
        foreach (ref var value in values)
        {
            value = Table[value] * white;
        }
    }
}

/// <summary>A table from brightness to brightness: its first entry is for black, its last for white. PS3.3 §C.11.6.</summary>
internal sealed record PresentationTable(LookupTable Table) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        var (last, white) = (Table.Count - 1, 1.0 / Table.Highest);
        foreach (ref var value in values)
        {
            value = Table.Entry((int)((value * last) + 0.5)) * white;
        }
    }
}

/// <summary>Black becomes white. PS3.3 §C.11.6.1.2.</summary>
internal sealed record Inversion : GreyStage
{
    public override void Apply(Span<double> values)
    {
        foreach (ref var value in values)
        {
            value = 1 - value;
        }
    }
}
