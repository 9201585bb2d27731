using System.Text.RegularExpressions;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Discs;

/// <summary>What an operator wants imported, and for whom.</summary>
/// <param name="Sources">Files and folders.</param>
/// <param name="PatientId">The Patient they belong to; null for a new one made of what the first file says.</param>
public sealed partial record ImportRequest(IReadOnlyList<string> Sources, string? PatientId)
{
    /// <summary>What stands for a new patient on the command line.</summary>
    public const string NewPatient = "new";

    /// <summary>Files sent in one request at most. Default 50.</summary>
    public int BatchFiles { get; init; } = 50;

    /// <summary>Bytes sent in one request at most; a larger file goes alone. Default 64 MiB.</summary>
    public long BatchBytes { get; init; } = 64 << 20;

    /// <summary>Reads the arguments of the command line; <c>Patient/x</c> is the same as <c>x</c>.</summary>
    public static Outcome<ImportRequest> Parse(IReadOnlyList<string> sources, string patient)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(patient);
        if (sources.Count == 0)
        {
            return Problem.Invalid("Name at least one file or folder.");
        }
        if (patient.Equals(NewPatient, StringComparison.OrdinalIgnoreCase))
        {
            return new ImportRequest(sources, null);
        }
        var id = patient.StartsWith("Patient/", StringComparison.Ordinal) ? patient["Patient/".Length..] : patient;
        return FhirId().IsMatch(id)
            ? new ImportRequest(sources, id)
            : Problem.Invalid($"The patient must be '{NewPatient}' or the id of a Patient: letters, digits, '-' and '.', at most 64 of them.");
    }

    /// <summary>See https://hl7.org/fhir/R4/datatypes.html#id</summary>
    [GeneratedRegex(@"^[A-Za-z0-9\-.]{1,64}\z")]
    private static partial Regex FhirId();
}
