using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Clients;

/// <summary>Where an administrator registers clients and disables them.</summary>
internal static class ClientsPage
{
    private const string Address = "/account/admin/clients";

    public static void MapClientsPage(this RouteGroupBuilder pages)
    {
        pages.MapGet("/admin/clients", ShowAsync).WithName("account-admin-clients");
        pages.MapPost("/admin/clients", AddAsync).WithName("account-admin-clients-sent");
        pages.MapPost("/admin/clients/disable", DisableAsync).WithName("account-admin-clients-disable");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, SignedIn signedIn, ClientStore clients) =>
        await RefusalAsync(context, signedIn) ?? await PageAsync(context, clients, new ClientRegistration(), Html.Empty);

    private static async Task<IResult> AddAsync(HttpContext context, SignedIn signedIn, ClientStore clients, ClientRegistry registry)
    {
        if (await RefusalAsync(context, signedIn) is { } refusal)
        {
            return refusal;
        }
        var client = Read(await SentForm.ReadAsync(context));
        var texts = ClientTexts.In(context.LanguageOf());
        return (await registry.RegisterAsync(client, replace: false, context.RequestAborted)).TryGet(out var made, out var problem)
            ? await PageAsync(context, clients, new ClientRegistration(), Told(made, texts))
            : await PageAsync(context, clients, client, Fields.Alert(problem.Text), StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> DisableAsync(HttpContext context, SignedIn signedIn, ClientStore clients, ClientRegistry registry)
    {
        if (await RefusalAsync(context, signedIn) is { } refusal)
        {
            return refusal;
        }
        var outcome = await registry.DisableAsync((await SentForm.ReadAsync(context)).Line("client"), context.RequestAborted);
        return await PageAsync(context, clients, new ClientRegistration(), outcome.Match(
            _ => Fields.Notice(ClientTexts.In(context.LanguageOf()).Disabled), problem => Fields.Alert(problem.Text)));
    }

    /// <summary>To whoever is no administrator there is no such page.</summary>
    private static async Task<IResult?> RefusalAsync(HttpContext context, SignedIn signedIn) => await signedIn.FindAsync(context) switch
    {
        null => SignedIn.RequireSignIn(Address),
        { Account.Kind: AccountKind.Administrator } => null,
        _ => PageFrame.Problem(context, FrameTexts.In(context.LanguageOf()).NotFound, "", StatusCodes.Status404NotFound),
    };

    private static ClientRegistration Read(SentForm form) => new()
    {
        Id = NullIfEmpty(form.Line("id")), Name = form.Line("name"), Kind = Enum.TryParse<ClientKind>(form.Line("kind"), out var kind) ? kind : ClientKind.Public,
        RedirectUris = Words(form.Line("redirects")), Scopes = NullIfEmpty(form.Line("scopes")), Organization = NullIfEmpty(form.Line("organization")),
        Namespaces = Words(form.Line("namespaces")), Records = Words(form.Line("records")), LaunchUrl = NullIfEmpty(form.Line("launchUrl")),
        JwksUri = NullIfEmpty(form.Line("jwksUri")), Jwks = NullIfEmpty(form.Raw("jwks").Trim()), IsResourceServer = form.Ticked("resourceServer"),
    };

    private static async Task<IResult> PageAsync(
        HttpContext context, ClientStore clients, ClientRegistration typed, Html told, int status = StatusCodes.Status200OK)
    {
        var texts = ClientTexts.In(context.LanguageOf());
        var rows = Html.Join((await clients.ListAsync(context.RequestAborted)).Select(row => One(context, row, texts)));
        Html content = $"""
            {told}<ul class="plain">{rows}</ul>
            <h2>{texts.AddOne}</h2>
            <form method="post" action="{Address}">{FormToken.Field(context)}
            {Fields.Text("name", texts.Name, value: typed.Name)}
            {Fields.Text("id", "client_id", value: typed.Id, hint: texts.IdHint, isRequired: false)}
            {Fields.Choice("kind", texts.Kind, Enum.GetValues<ClientKind>().Select(kind => (kind.ToString(), texts.KindOf(kind))), typed.Kind.ToString())}
            {Fields.Text("redirects", texts.Redirects, value: string.Join(' ', typed.RedirectUris), hint: texts.SeveralHint, isRequired: false)}
            {Fields.Text("launchUrl", texts.LaunchUrl, "url", typed.LaunchUrl, isRequired: false)}
            {Fields.Text("scopes", texts.Scopes, value: typed.Scopes, hint: texts.ScopesHint, isRequired: false)}
            {Fields.Text("jwksUri", texts.JwksUri, "url", typed.JwksUri, isRequired: false)}
            <div class="field"><label for="jwks">{texts.Jwks}</label><textarea id="jwks" name="jwks" rows="4" spellcheck="false">{typed.Jwks}</textarea></div>
            {Fields.Text("organization", texts.Organization, value: typed.Organization, isRequired: false)}
            {Fields.Text("namespaces", texts.Namespaces, value: string.Join(' ', typed.Namespaces), hint: texts.SeveralHint, isRequired: false)}
            {Fields.Text("records", texts.Records, value: string.Join(' ', typed.Records), hint: texts.SeveralHint, isRequired: false)}
            {Fields.Tick("resourceServer", texts.ResourceServer, typed.IsResourceServer)}
            <button>{texts.Add}</button></form>
            """;
        return PageFrame.Page(context, texts.Clients, content, status);
    }

    private static Html One(HttpContext context, ClientRow row, ClientTexts texts)
    {
        Html end = row.IsDisabled
            ? (Html)$"<span class=\"soft\">{texts.IsDisabled}</span>"
            : $"""<form method="post" action="{Address}/disable">{FormToken.Field(context)}{Fields.Hidden("client", row.Id)}<button class="second">{texts.Disable(row.Name)}</button></form>""";
        return $"<li><div><strong>{row.Name}</strong> <span class=\"code\">{row.Id}</span><p class=\"hint\">{row.Scopes}</p></div>{end}</li>";
    }

    private static Html Told(RegisteredClient made, ClientTexts texts)
    {
        Html secret = made.Secret is null ? Html.Empty : $"<p>{texts.SecretOnce}</p><p class=\"code\">{made.Secret}</p>";
        return $"<div class=\"plate\" role=\"status\"><p>{texts.Added} <span class=\"code\">{made.Id}</span></p>{secret}</div>";
    }

    private static string[] Words(string text) => text.Split([' ', ',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
