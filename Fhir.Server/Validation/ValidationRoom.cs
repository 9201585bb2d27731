namespace Fhir.Server.Validation;

/// <summary>
/// The room of validation: what codes there are (<see cref="ModelCodes"/>) and which of them a value set holds
/// (<see cref="ValueSetExpander"/>). Pure: what is stored is handed in by a <see cref="TerminologySource"/>.
/// </summary>
internal static class ValidationRoom;
