using System.Globalization;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Who acts for a patient: inviting, taking back, ending.</summary>
internal static class ProxiesPage
{
    private const string Address = "/account/proxies";

    /// <summary>The most a proxy may, as a form names it.</summary>
    private static readonly Dictionary<string, string?> Scopes = new()
    {
        ["all"] = null,
        ["read"] = "patient/*.rs",
        ["images"] = "patient/Patient.rs patient/ImagingStudy.rs patient/DiagnosticReport.rs patient/DocumentReference.rs patient/Observation.rs patient/Binary.rs patient/Endpoint.rs",
    };

    public static void MapProxies(this RouteGroupBuilder pages)
    {
        pages.MapGet("/proxies", async (HttpContext context, SignedIn signedIn, ProxyGrants grants, IOptions<SignInOptions> options) =>
            await PatientAsync(context, signedIn) is { } patient ? await PageAsync(context, patient, grants, options.Value, null, null) : Refuse(context)).WithName("account-proxies");
        pages.MapPost("/proxies/invite", InviteAsync).WithName("account-proxy-invite");
        pages.MapPost("/proxies/withdraw", WithdrawAsync).WithName("account-proxy-withdraw");
        pages.MapPost("/proxies/revoke", RevokeAsync).WithName("account-proxy-revoke");
    }

    private static async Task<IResult> InviteAsync(
        HttpContext context, SignedIn signedIn, Attempts attempts, ProxyDesk desk, ProxyGrants grants, IOptions<SignInOptions> options, TimeProvider clock)
    {
        if (await PatientAsync(context, signedIn) is not { } patient)
        {
            return Refuse(context);
        }
        if (attempts.Refusal("invite " + patient.Id, context) is { } refusal)
        {
            return refusal;
        }
        var form = await SentForm.ReadAsync(context);
        var texts = AccountTexts.In(context.LanguageOf());
        var (end, problem) = await EndAsync(form, patient, desk, options.Value, clock, texts, context.RequestAborted);
        problem ??= AccountRules.IsAddress(form.Line("email")) ? null : SignInTexts.In(context.LanguageOf()).EmailInvalid;
        if (problem is not null || form.Line("name").Length == 0 || !Scopes.TryGetValue(form.Line("scope"), out var scopes)
            || Relationships(texts).All(one => one.Value != form.Line("relationship")))
        {
            return await PageAsync(context, patient, grants, options.Value, null, problem ?? SignInTexts.In(context.LanguageOf()).NameMissing);
        }
        var order = new ProxyOrder(form.Line("name"), form.Line("email"), form.Line("relationship"), scopes, end);
        await desk.InviteAsync(patient, order, context.LanguageOf(), context.RequestAborted);
        return await PageAsync(context, patient, grants, options.Value, texts.ProxySent, null);
    }

    private static async Task<IResult> WithdrawAsync(HttpContext context, SignedIn signedIn, ProxyGrants grants, IOptions<SignInOptions> options)
    {
        if (await PatientAsync(context, signedIn) is not { } patient)
        {
            return Refuse(context);
        }
        await grants.WithdrawAsync(patient.Record!, (await SentForm.ReadAsync(context)).Line("invitation"), context.RequestAborted);
        return await PageAsync(context, patient, grants, options.Value, AccountTexts.In(context.LanguageOf()).ProxyRevoked, null);
    }

    private static async Task<IResult> RevokeAsync(HttpContext context, SignedIn signedIn, ProxyDesk desk, ProxyGrants grants, IOptions<SignInOptions> options)
    {
        if (await PatientAsync(context, signedIn) is not { } patient)
        {
            return Refuse(context);
        }
        await desk.RevokeAsync(patient, (await SentForm.ReadAsync(context)).Line("grant"), context.RequestAborted);
        return await PageAsync(context, patient, grants, options.Value, AccountTexts.In(context.LanguageOf()).ProxyRevoked, null);
    }

    /// <summary>When the grant shall end, or what is wrong with what was asked; the earlier of the two ends holds.</summary>
    private static async Task<(long? End, string? Problem)> EndAsync(
        SentForm form, Account patient, ProxyDesk desk, SignInOptions options, TimeProvider clock, AccountTexts texts, CancellationToken cancellationToken)
    {
        var now = Microseconds.Of(clock.GetUtcNow());
        long? end = null;
        if (form.Line("until").Length > 0)
        {
            if (!DateTime.TryParseExact(
                form.Line("until"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day)
                || Microseconds.Of(day.AddDays(1)) <= now)
            {
                return (null, texts.DateInvalid);
            }
            // The day named is the last one.
            end = Microseconds.Of(day.AddDays(1));
        }
        if (form.Ticked("age"))
        {
            if (await desk.BirthdayAsync(patient, options.ProxyEndAge, cancellationToken) is not { } birthday || birthday <= now)
            {
                return (null, texts.AlreadyThatOld(Number(options.ProxyEndAge)));
            }
            end = end is { } named ? Math.Min(named, birthday) : birthday;
        }
        return (end, null);
    }

    private static async Task<IResult> PageAsync(HttpContext context, Account patient, ProxyGrants grants, SignInOptions options, string? notice, string? problem)
    {
        var texts = AccountTexts.In(context.LanguageOf());
        var given = (await grants.OfRecordAsync(patient.Record!, context.RequestAborted)).Select(one => Granted(context, one.Grant, one.Proxy, texts));
        var invited = (await grants.InvitationsOfAsync(patient.Record!, context.RequestAborted)).Select(one => Invited(context, one, texts));
        Html content = $"""
            <p>{texts.ProxiesText}</p>{Fields.Notice(notice)}{Fields.Alert(problem)}<ul class="plain">{given}{invited}</ul>
            <h2>{texts.ProxyInvite}</h2><form method="post" action="{Address}/invite">{FormToken.Field(context)}
            {Fields.Text("name", texts.ProxyName)}
            {Fields.Text("email", texts.ProxyEmail, "email")}
            {Fields.Choice("relationship", texts.ProxyRelationship, Relationships(texts))}
            {Fields.Choice("scope", texts.ProxyScope, [("read", texts.ProxyScopeRead), ("images", texts.ProxyScopeImages), ("all", texts.ProxyScopeAll)])}
            {Fields.Text("until", texts.ProxyUntil, "date", isRequired: false)}
            {Fields.Tick("age", texts.ProxyUntilAge(Number(options.ProxyEndAge)), hint: texts.ProxyUntilAgeText)}
            <button>{texts.ProxySend}</button></form><p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(context, texts.Proxies, content, problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }

    private static Html Granted(HttpContext context, ProxyGrantRow grant, Account proxy, AccountTexts texts) => $"""
        <li><span>{proxy.DisplayName} <span class="soft">{proxy.Email}<br>{ScopeOf(grant.Scopes, texts)}, {EndOf(grant.End, texts)}</span></span>
        <form method="post" action="{Address}/revoke">{FormToken.Field(context)}{Fields.Hidden("grant", grant.Id)}<button class="quiet">{texts.ProxyRevoke}</button></form></li>
        """;

    private static Html Invited(HttpContext context, ProxyInvitationRow invitation, AccountTexts texts) => $"""
        <li><span>{texts.ProxyInvited(invitation.Name, Times.DayOf(invitation.Expires))} <span class="soft">{invitation.Email}</span></span>
        <form method="post" action="{Address}/withdraw">{FormToken.Field(context)}{Fields.Hidden("invitation", invitation.Id)}<button class="quiet">{texts.ProxyWithdraw}</button></form></li>
        """;

    /// <summary>What a grant allows, in words.</summary>
    public static string ScopeOf(string? scopes, AccountTexts texts) =>
        scopes is null ? texts.ProxyScopeAll : scopes == Scopes["read"] ? texts.ProxyScopeRead : texts.ProxyScopeImages;

    /// <summary>When it ends, in words; the last day it holds.</summary>
    public static string EndOf(long? end, AccountTexts texts) => end is { } moment ? texts.ProxyEnds(Times.DayOf(moment - 1)) : texts.ProxyNoEnd;

    private static (string Value, string Text)[] Relationships(AccountTexts texts) =>
    [
        ("PRN", texts.RelationshipParent), ("CHILD", texts.RelationshipChild), ("SPS", texts.RelationshipSpouse), ("SIB", texts.RelationshipSibling),
        ("GUARD", texts.RelationshipGuardian), ("FRND", texts.RelationshipFriend), ("O", texts.RelationshipOther),
    ];

    private static async Task<Account?> PatientAsync(HttpContext context, SignedIn signedIn) =>
        await signedIn.FindAsync(context) is { Account: { Record: not null } account } ? account : null;

    private static IResult Refuse(HttpContext context)
    {
        if (context.Features.Get<SignedInSession>() is null)
        {
            return SignedIn.RequireSignIn(Address);
        }
        var texts = FrameTexts.In(context.LanguageOf());
        return PageFrame.Problem(context, texts.NotFound, texts.NotFound, StatusCodes.Status404NotFound);
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
