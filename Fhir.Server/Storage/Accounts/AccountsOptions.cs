using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Which database accounts are kept in.</summary>
public enum AccountsKind
{
    /// <summary>A file in the folder of the embedded store.</summary>
    Sqlite,

    /// <summary>PostgreSQL, for several nodes.</summary>
    Postgres,
}

/// <summary>Section <c>Accounts</c>.</summary>
public sealed class AccountsOptions : IValidatableObject
{
    /// <summary>Default: <see cref="AccountsKind.Sqlite"/>.</summary>
    public AccountsKind Kind { get; set; } = AccountsKind.Sqlite;

    /// <summary>For <see cref="AccountsKind.Postgres"/>, required; for SQLite not used.</summary>
    public string? ConnectionString { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == AccountsKind.Postgres && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new ValidationResult("Accounts:Kind=Postgres needs Accounts:ConnectionString.", [nameof(ConnectionString)]);
        }
    }
}
