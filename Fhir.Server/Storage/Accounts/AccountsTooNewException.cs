namespace Fhir.Server.Storage.Accounts;

/// <summary>The database of accounts was brought up to date by a newer program; using it could harm it.</summary>
public sealed class AccountsTooNewException(string migration)
    : Exception($"The database of accounts has the migration {migration}, which this program does not know. Start the newer program again, or restore a backup.");
