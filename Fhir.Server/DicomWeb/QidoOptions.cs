using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.DicomWeb;

/// <summary>Section <c>DicomWeb:Search</c>: how much a QIDO search may ask.</summary>
public sealed class QidoOptions : IValidatableObject
{
    /// <summary>Results of a search across studies that names no limit; default 1000.</summary>
    [Range(1, 100_000)]
    public int DefaultLimit { get; set; } = 1000;

    /// <summary>Results of any search; a higher limit asked for is taken for this one. Default 10,000.</summary>
    [Range(1, 100_000)]
    public int MaxLimit { get; set; } = 10_000;

    /// <summary>How long a search may look before it is answered 422; default 5 s, at most 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Keys a search may have; default 50.</summary>
    [Range(1, 500)]
    public int MaxKeys { get; set; } = 50;

    /// <summary>Values a list of UIDs or codes may have, and attributes <c>includefield</c> may name; default 1000.</summary>
    [Range(1, 10_000)]
    public int MaxValues { get; set; } = 1000;

    /// <summary>Characters a text to be matched may have (400); default 1024.</summary>
    [Range(64, 4096)]
    public int MaxText { get; set; } = 1024;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DefaultLimit > MaxLimit)
        {
            yield return new ValidationResult("DicomWeb:Search:DefaultLimit is above DicomWeb:Search:MaxLimit.", [nameof(DefaultLimit)]);
        }
    }
}
