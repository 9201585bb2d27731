using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;
using Microsoft.AspNetCore.Identity;
using Account = Fhir.Server.Storage.Accounts.Account;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>
/// The record of a patient: its id is planned at registration, the Patient is made when they first sign in, however often that is tried.
/// What was kept of the registration for it is forgotten then.
/// </summary>
internal sealed class OwnRecord(GuardedRecords records, ResourceContents contents, UserManager<Account> users)
{
    /// <summary>The client as which people act on account pages.</summary>
    public const string Client = "account-pages";

    /// <summary>Makes the Patient of an account where it is not there yet; nothing for accounts without a record.</summary>
    public async Task EnsureAsync(Account account, CancellationToken cancellationToken)
    {
        if (account.Record is not { } record || account.Family is null)
        {
            return;
        }
        var outcome = await Of(account, record).CreateAsync(contents.Draft(ToPatient(account), record, "POST", new RecordId(record)), cancellationToken);
        // There already: a start before this one got as far.
        if (outcome.Problem is { Kind: not (ProblemKind.Conflict or ProblemKind.PreconditionFailed) } problem)
        {
            throw new InvalidOperationException($"The record of an account could not be made: {problem.Text}");
        }
        (account.Given, account.Family, account.BirthDate, account.Gender) = (null, null, null, null);
        await users.UpdateAsync(account);
    }

    /// <summary>The record of a patient, as they reach it from their account page.</summary>
    public GuardedRecord Of(Account account, string record) =>
        records.For(new Caller(CallerKind.Restricted, Client, account.Id, Reach.Of(new ReachedRecord(record)), MayWrite: true));

    private static Patient ToPatient(Account account) => new()
    {
        Active = true,
        Name = [new HumanName { Use = HumanName.NameUse.Official, Family = account.Family, Given = account.Given?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [] }],
        BirthDate = account.BirthDate,
        Gender = account.Gender is { } gender ? EnumUtility.ParseLiteral<AdministrativeGender>(gender) : null,
    };
}
