using System.Globalization;

namespace Fhir.Server.Storage.Accounts;

/// <summary>Whether anybody administers the server. By a plain statement, since it is asked at every start.</summary>
public sealed class AdministratorWatch
{
    private readonly AccountsDatabase database;

    internal AdministratorWatch(AccountsDatabase database) => this.database = database;

    /// <summary>Whether there is an administrator who could sign in.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM \"AspNetUsers\" WHERE \"Kind\" = {(int)AccountKind.Administrator} AND NOT \"IsDisabled\"";
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture) > 0;
    }
}
