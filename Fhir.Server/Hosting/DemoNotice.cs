namespace Fhir.Server.Hosting;

/// <summary>What the landing page says of the demo's accounts; nothing when there is no demo.</summary>
internal sealed class DemoNotice
{
    /// <summary>HTML; empty when there is nothing to say.</summary>
    public string Html { get; set; } = "";
}
