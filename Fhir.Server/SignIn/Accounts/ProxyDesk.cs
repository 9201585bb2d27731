using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.Mail;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Account = Fhir.Server.Storage.Accounts.Account;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>An invitation as a patient fills it in.</summary>
internal sealed record ProxyOrder(string Name, string Email, string Relationship, string? Scopes, long? End);

/// <summary>
/// Who acts for whom: a patient invites, the invited accepts with their own account, and a RelatedPerson in the record says so to everybody
/// who may see it. Ending a grant counts at the next request.
/// </summary>
internal sealed class ProxyDesk(ProxyGrants grants, OwnRecord records, ResourceContents contents, UserManager<Account> users, ProxyTelling telling, TimeProvider clock)
{
    private const string RoleCode = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";

    /// <summary>Sends an invitation to act for the owner of a record.</summary>
    public async Task InviteAsync(Account patient, ProxyOrder order, Language language, CancellationToken cancellationToken)
    {
        var code = TokenHash.MakeSecret();
        await grants.InviteAsync(
            new ProxyInvitationRow
            {
                Id = Guid.NewGuid().ToString("N"), Hash = TokenHash.Of(code).Value, Record = patient.Record!, Inviter = patient.Id, Name = order.Name,
                Email = order.Email, Relationship = order.Relationship, Scopes = order.Scopes, End = order.End, Expires = telling.Expiry(),
            },
            cancellationToken);
        await telling.InviteAsync(patient, order.Email, code, language, cancellationToken);
    }

    /// <summary>The invitation behind a code and who sent it, when it is for this account; null otherwise.</summary>
    public async Task<(ProxyInvitationRow Invitation, Account Patient)?> FindAsync(string code, Account proxy, CancellationToken cancellationToken) =>
        await grants.FindInvitationAsync(TokenHash.Of(code), cancellationToken) is { } invitation
        && users.NormalizeEmail(invitation.Email) == proxy.NormalizedEmail && proxy.EmailConfirmed && invitation.Inviter != proxy.Id
        && await users.FindByIdAsync(invitation.Inviter) is { IsDisabled: false } patient && patient.Record == invitation.Record
            ? (invitation, patient)
            : null;

    /// <summary>Accepts an invitation; false when it was used or taken back meanwhile.</summary>
    public async Task<bool> AcceptAsync(ProxyInvitationRow invitation, Account patient, Account proxy, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        var grant = new ProxyGrantRow
        {
            Id = Guid.NewGuid().ToString("N"), Account = proxy.Id, Record = invitation.Record, RelatedPerson = Guid.NewGuid().ToString("N"),
            Scopes = invitation.Scopes, Start = now, End = invitation.End,
        };
        var record = records.Of(patient, invitation.Record);
        var person = contents.Draft(ToRelatedPerson(invitation, grant), grant.RelatedPerson, "POST", new RecordId(invitation.Record));
        if ((await record.CreateAsync(person, cancellationToken)).Problem is { } problem)
        {
            throw new InvalidOperationException($"A RelatedPerson could not be made: {problem.Text}");
        }
        if (!await grants.AcceptAsync(invitation, grant, cancellationToken))
        {
            await record.DeleteAsync(new ResourceKey("RelatedPerson", grant.RelatedPerson), null, cancellationToken);
            return false;
        }
        await telling.ChangedAsync(grant, cancellationToken);
        return true;
    }

    /// <summary>Ends a grant of a patient's record; nothing when it is none.</summary>
    public async Task RevokeAsync(Account patient, string id, CancellationToken cancellationToken)
    {
        if (await grants.RevokeAsync(patient.Record!, id, cancellationToken) is not { } grant)
        {
            return;
        }
        await telling.ChangedAsync(grant, cancellationToken);
        var record = records.Of(patient, grant.Record);
        if ((await record.ReadAsync(new ResourceKey("RelatedPerson", grant.RelatedPerson), cancellationToken)).TryGet(out var found, out _))
        {
            var person = FhirJson.ReadOwn<RelatedPerson>(found.Json);
            person.Active = false;
            (person.Period ??= new Period()).End = Day(grant.Revoked!.Value);
            await record.UpdateAsync(contents.Draft(person, grant.RelatedPerson, "PUT", new RecordId(grant.Record)), null, cancellationToken);
        }
    }

    /// <summary>When the owner of a record reaches an age; null when the record does not say when they were born.</summary>
    public async Task<long?> BirthdayAsync(Account patient, int age, CancellationToken cancellationToken)
    {
        var found = await records.Of(patient, patient.Record!).ReadAsync(new ResourceKey("Patient", patient.Record!), cancellationToken);
        return found.TryGet(out var stored, out _)
            && DateTime.TryParseExact(
                FhirJson.ReadOwn<Patient>(stored.Json).BirthDate, "yyyy-MM-dd", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var born)
                ? Microseconds.Of(born.AddYears(age))
                : null;
    }

    private static RelatedPerson ToRelatedPerson(ProxyInvitationRow invitation, ProxyGrantRow grant) => new()
    {
        Active = true,
        Patient = new ResourceReference($"Patient/{invitation.Record}"),
        Relationship = [new CodeableConcept(RoleCode, invitation.Relationship)],
        Name = [new HumanName { Text = invitation.Name }],
        Period = new Period { Start = Day(grant.Start), End = grant.End is { } end ? Day(end) : null },
    };

    private static string Day(long microseconds) => Times.DayOf(microseconds);
}

/// <summary>Tells people and the rest of the server of grants.</summary>
internal sealed class ProxyTelling(IEmailSender sender, ISessionEnd ends, PublicAddress address, IOptions<SignInOptions> options, TimeProvider clock)
{
    /// <summary>When an invitation of now ends.</summary>
    public long Expiry() => Microseconds.Of(clock.GetUtcNow() + options.Value.Invitations);

    /// <summary>Mails the code.</summary>
    public Task InviteAsync(Account patient, string email, string code, Language language, CancellationToken cancellationToken)
    {
        var texts = AccountTexts.In(language);
        var link = $"{address.Base}/account/invitation?code={code}";
        return sender.SendAsync(new Email(email, texts.MailInvitationSubject(patient.DisplayName), texts.MailInvitationText(patient.DisplayName, link)), cancellationToken);
    }

    /// <summary>A grant was given or ended.</summary>
    public Task ChangedAsync(ProxyGrantRow grant, CancellationToken cancellationToken) => ends.ProxyChangedAsync(grant.Account, grant.Record, cancellationToken);
}
