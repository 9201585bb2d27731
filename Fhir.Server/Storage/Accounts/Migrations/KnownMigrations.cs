namespace Fhir.Server.Storage.Accounts;

/// <summary>The migrations of this program, oldest first. Written by <c>infra/migrations</c>.</summary>
internal static class KnownMigrations
{
    public static readonly IReadOnlyList<string> Sqlite =
    [
        "20261124220457_Accounts",
    ];

    public static readonly IReadOnlyList<string> Postgres =
    [
        "20261124220502_Accounts",
    ];
}
