using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Access;

/// <summary>How callers are told apart.</summary>
public enum AccessMode
{
    /// <summary>Everything is allowed to everybody; only on loopback addresses.</summary>
    Open,

    /// <summary>SMART on FHIR. Not in this version: choosing it stops the start.</summary>
    Smart,
}

/// <summary>Section <c>Access</c>.</summary>
public sealed class AccessOptions : IValidatableObject
{
    /// <summary>Default: <see cref="AccessMode.Open"/>, until sign-in exists.</summary>
    public AccessMode Mode { get; set; } = AccessMode.Open;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mode == AccessMode.Smart)
        {
            yield return new ValidationResult("Access:Mode=Smart is not available in this version; only Open is.", [nameof(Mode)]);
        }
    }
}
