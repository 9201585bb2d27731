namespace Fhir.Server.Outcomes;

/// <summary>
/// The room of outcomes: <see cref="Outcome{T}"/>, a value or the reason there is none, and <see cref="Problem"/>, that reason.
/// It knows nobody; every other room may use it. Only doors turn a <see cref="ProblemKind"/> into a status.
/// </summary>
internal static class OutcomesRoom;
