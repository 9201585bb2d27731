namespace Fhir.Server.Hosting;

/// <summary>Section <c>Demo</c>.</summary>
public sealed class DemoOptions
{
    /// <summary>Whether an empty store is given demo patients; default: true in Development, else false.</summary>
    public bool Enabled { get; set; }
}
