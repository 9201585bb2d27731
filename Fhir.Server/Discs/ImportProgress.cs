namespace Fhir.Server.Discs;

/// <summary>How far an import has come.</summary>
/// <param name="Total">Files to look at.</param>
/// <param name="Seen">Files looked at.</param>
/// <param name="Settled">Files of which it is known what became of them.</param>
/// <param name="Bytes">Bytes sent.</param>
/// <param name="Waiting">Why it is waiting; null when it is not.</param>
public sealed record ImportProgress(int Total, int Seen, int Settled, long Bytes, string? Waiting = null);
