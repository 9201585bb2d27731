namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>Whether the codecs of the sandbox work.</summary>
public enum CodecState
{
    /// <summary>Switched off.</summary>
    Off,

    /// <summary>Being compiled or loaded; who wants to decode waits.</summary>
    Preparing,

    /// <summary>They work.</summary>
    Ready,

    /// <summary>They cannot be had on this machine, or not as they should be.</summary>
    Unavailable,
}

/// <summary>How it stands with the codecs.</summary>
/// <param name="State">Whether they work.</param>
/// <param name="Reason">Why not, for people; null when they work or will.</param>
public sealed record CodecReadiness(CodecState State, string? Reason = null)
{
    /// <summary>They work or will soon.</summary>
    public bool IsHopeful => State is CodecState.Preparing or CodecState.Ready;
}
