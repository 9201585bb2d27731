namespace Fhir.Server.Storage.Accounts;

/// <summary>The migrations of this program, oldest first. Written by <c>infra/migrations</c>.</summary>
internal static class KnownMigrations
{
    public static readonly IReadOnlyList<string> Sqlite =
    [
        "20261124220457_Accounts",
        "20261124223001_Capabilities",
    ];

    public static readonly IReadOnlyList<string> Postgres =
    [
        "20261124220502_Accounts",
        "20261124223020_Capabilities",
    ];
}
