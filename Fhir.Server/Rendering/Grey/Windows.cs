namespace Fhir.Server.Rendering.Grey;

/// <summary>The straight window of whole numbers: <c>((x - (c - 0.5)) / (w - 1) + 0.5)</c> between its ends. PS3.3 §C.11.2.1.2.1.</summary>
internal sealed record LinearWindow(double Center, double Width) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        var (middle, span) = (Center - 0.5, Width - 1);
        var (low, high) = (middle - (span / 2), middle + (span / 2));
        var scale = span > 0 ? 1 / span : 0;
        foreach (ref var value in values)
        {
            value = value <= low ? 0 : value > high ? 1 : ((value - middle) * scale) + 0.5;
        }
    }
}

/// <summary>From black at one value straight to white at another; the exact window with its ends for names. PS3.3 §C.11.2.1.3.2.</summary>
internal sealed record LinearRange(double Low, double High) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        var scale = 1 / (High - Low);
        foreach (ref var value in values)
        {
            value = value <= Low ? 0 : value > High ? 1 : (value - Low) * scale;
        }
    }
}

/// <summary>The S-shaped window: <c>1 / (1 + exp(-4 (x - c) / w))</c>. PS3.3 §C.11.2.1.3.1.</summary>
internal sealed record SigmoidWindow(double Center, double Width) : GreyStage
{
    public override void Apply(Span<double> values)
    {
        var steepness = -4 / Width;
        foreach (ref var value in values)
        {
            value = 1 / (1 + Math.Exp((value - Center) * steepness));
        }
    }
}
