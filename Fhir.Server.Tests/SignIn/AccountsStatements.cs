using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Statements tests run in the database of accounts, to turn its clock.</summary>
internal static class AccountsStatements
{
    public static async Task<int> RunAsync(PhrServer server, string sql)
    {
        await using var connection = await server.Services.GetRequiredService<AccountsDatabase>().OpenConnectionAsync(default);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync();
    }
}
