using Fhir.Server.Outcomes;

namespace Fhir.Server.Jobs;

/// <summary>How far a job is, for whoever asked for it.</summary>
/// <param name="HasEnded">Whether it is done or has failed.</param>
/// <param name="Progress">What is told while it has not ended.</param>
/// <param name="Result">The resource that is the answer; null when it has not ended, or failed.</param>
/// <param name="Failure">Why it failed; null when it did not, or for a bug, of which nothing is told.</param>
public sealed record JobReport(bool HasEnded, string Progress, ReadOnlyMemory<byte>? Result, Problem? Failure);
