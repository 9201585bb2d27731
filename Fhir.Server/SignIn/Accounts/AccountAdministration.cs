using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Identity;
using Account = Fhir.Server.Storage.Accounts.Account;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>What an account shall be.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Organization">The id of its Organization; for practitioners and site operators.</param>
/// <param name="Practitioner">The id of its Practitioner; empty for one made of its name.</param>
/// <param name="IsChecked">Whether somebody checked who the person is.</param>
internal sealed record RoleOrder(AccountKind Kind, string Organization, string Practitioner, bool IsChecked);

/// <summary>Why an account was not changed.</summary>
internal enum RoleAnswer
{
    Done,

    /// <summary>It is a patient's, and stays one.</summary>
    HasRecord,

    NoOrganization,

    NoPractitioner,
}

/// <summary>What administrators do with accounts.</summary>
internal sealed class AccountAdministration(
    UserManager<Account> users, Sessions sessions, ISessionEnd ends, GuardedRecords records, ResourceContents contents)
{
    /// <summary>Disables an account, with its sessions and all it authorised, or enables it; false when there is none.</summary>
    public async Task<bool> SwitchAsync(string id, bool isDisabled, CancellationToken cancellationToken)
    {
        if (await users.FindByIdAsync(id) is not { } account)
        {
            return false;
        }
        account.IsDisabled = isDisabled;
        Registration.Held(await users.UpdateAsync(account));
        if (isDisabled)
        {
            await sessions.EndAllAsync(account, null, cancellationToken);
        }
        await ends.AccountChangedAsync(account.Id, cancellationToken);
        return true;
    }

    /// <summary>Makes an account a practitioner's, a site operator's and so on.</summary>
    public async Task<RoleAnswer> MakeAsync(Account account, RoleOrder order, Account by, CancellationToken cancellationToken)
    {
        if (account.Record is not null || order.Kind == AccountKind.Patient)
        {
            return RoleAnswer.HasRecord;
        }
        var shared = records.For(new Caller(CallerKind.Operator, OwnRecord.Client, by.Id, Reach.Everything, MayWrite: true));
        var worksFor = order.Kind is AccountKind.Practitioner or AccountKind.SiteOperator;
        if (worksFor && !await ExistsAsync(shared, "Organization", order.Organization, cancellationToken))
        {
            return RoleAnswer.NoOrganization;
        }
        var practitioner = order.Practitioner.Length == 0 ? account.Id : order.Practitioner;
        if (order.Kind == AccountKind.Practitioner && !await ExistsAsync(shared, "Practitioner", practitioner, cancellationToken))
        {
            if (order.Practitioner.Length > 0)
            {
                return RoleAnswer.NoPractitioner;
            }
            await MakePractitionerAsync(shared, practitioner, account.DisplayName, cancellationToken);
        }
        account.Kind = order.Kind;
        account.Organization = worksFor ? order.Organization : null;
        account.FhirUser = order.Kind == AccountKind.Practitioner ? $"Practitioner/{practitioner}" : null;
        account.Assurance = order.IsChecked ? AssuranceLevel.IdentityProofed
            : account.EmailConfirmed ? AssuranceLevel.EmailConfirmed : AssuranceLevel.Claimed;
        Registration.Held(await users.UpdateAsync(account));
        await ends.AccountChangedAsync(account.Id, cancellationToken);
        return RoleAnswer.Done;
    }

    private static async Task<bool> ExistsAsync(GuardedRecord shared, string type, string id, CancellationToken cancellationToken) =>
        RecordId.IsWellFormed(id) && (await shared.ReadAsync(new ResourceKey(type, id), cancellationToken)).IsSuccess;

    private async Task MakePractitionerAsync(GuardedRecord shared, string id, string name, CancellationToken cancellationToken)
    {
        var practitioner = new Practitioner { Active = true, Name = [new HumanName { Text = name }] };
        var made = await shared.CreateAsync(contents.Draft(practitioner, id, "POST", RecordId.Shared), cancellationToken);
        if (made.Problem is { } problem)
        {
            throw new InvalidOperationException($"A Practitioner could not be made: {problem.Text}");
        }
    }
}
