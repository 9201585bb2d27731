using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Fhir.Server.Tests.Conformance;

/// <summary>Somebody with an account and a browser of their own.</summary>
internal sealed class Person : IDisposable
{
    private readonly SmartServer server;

    public Person(SmartServer server, string email, string password)
    {
        (this.server, Email, Password) = (server, email, password);
        Browser = new Browser(server.Address);
    }

    public string Email { get; }

    public string Password { get; }

    /// <summary>Keeps them signed in.</summary>
    public Browser Browser { get; private set; }

    /// <summary>The id of their Patient; set once it is known.</summary>
    public string Record { get; set; } = "";

    /// <summary>Registers on the page for that, confirms the address by the link that is mailed, and signs in.</summary>
    public static async Task<Person> RegisterAsync(SmartServer server, string given, string family, string birthDate)
    {
        var person = new Person(server, $"{given}.{family}@example.org".ToLowerInvariant(), Pkce.Secret());
        var screen = await person.Browser.OpenAsync("/account/register");
        var form = screen.FormWith("input[type=password]");
        Assert.That(form, Is.Not.Null, $"There is no registration: {screen}");
        foreach (var input in form!.QuerySelectorAll<IHtmlInputElement>("input"))
        {
            Fill(input, person, given, family, birthDate);
        }
        foreach (var select in form!.QuerySelectorAll<IHtmlSelectElement>("select"))
        {
            if (select.Options.FirstOrDefault(one => one.Value == "female") is { } option)
            {
                option.IsSelected = true;
            }
        }
        screen = await person.Browser.SendAsync(screen, form!, Choice.ButtonOf(form!, isYes: true));
        Assert.That(screen.Status, Is.LessThan(400), screen.ToString());
        await person.ConfirmAsync();
        await person.SignInAsync();
        return person;
    }

    /// <summary>Signs in on the page for that.</summary>
    public async Task SignInAsync()
    {
        var screen = await FillSignInAsync(await Browser.OpenAsync("/account/sign-in"));
        Assert.That(screen.FormWith("input[type=password]"), Is.Null, $"Not signed in: {screen}");
    }

    /// <summary>Fills the sign-in form of a page and sends it.</summary>
    public Task<Screen> FillSignInAsync(Screen screen)
    {
        var form = screen.FormWith("input[type=password]") ?? throw new InvalidOperationException($"There is no sign-in form: {screen}");
        form.QuerySelector<IHtmlInputElement>("input[type=email],input[autocomplete*=username],input[name*=user]")!.Value = Email;
        form.QuerySelector<IHtmlInputElement>("input[type=password]")!.Value = Password;
        return Browser.SendAsync(screen, form, Choice.ButtonOf(form, isYes: true));
    }

    /// <summary>Signs out by the form every page has.</summary>
    public async Task SignOutAsync()
    {
        var screen = await Browser.OpenAsync("/account");
        var form = screen.Page!.QuerySelector<IHtmlFormElement>("form[action$='/sign-out']");
        Assert.That(form, Is.Not.Null, $"There is no way to sign out: {screen}");
        await Browser.SendAsync(screen, form!, null);
    }

    /// <summary>Lets somebody look after their record: invites them, who accept by the link that is mailed.</summary>
    public async Task InviteAsync(Person proxy, string name)
    {
        var page = await Browser.OpenAsync("/account/proxies");
        var form = page.FormWith("input[type=email]") ?? throw new InvalidOperationException($"Nobody can be invited: {page}");
        form.QuerySelector<IHtmlInputElement>("input[type=email]")!.Value = proxy.Email;
        form.QuerySelector<IHtmlInputElement>("input[name=name]")!.Value = name;
        await Browser.SendAsync(page, form, Choice.ButtonOf(form, isYes: true));
        var invitation = await proxy.Browser.OpenAsync(await server.LinkMailedToAsync(proxy.Email));
        var accept = invitation.Forms.FirstOrDefault(one => one.Method == "post") ?? throw new InvalidOperationException($"Nothing to accept: {invitation}");
        var accepted = await proxy.Browser.SendAsync(invitation, accept, Choice.ButtonOf(accept, isYes: true));
        Assert.That(accepted.Status, Is.EqualTo(200), accepted.ToString());
    }

    /// <summary>Another browser, in which they are not signed in.</summary>
    public void ForgetBrowser()
    {
        Browser.Dispose();
        Browser = new Browser(server.Address);
    }

    public void Dispose() => Browser.Dispose();

    private static void Fill(IHtmlInputElement input, Person person, string given, string family, string birthDate)
    {
        var (about, type) = ($"{input.GetAttribute("autocomplete")} {input.Name}".ToLowerInvariant(), input.Type);
        if (type == "hidden")
        {
            return;
        }
        if (type == "checkbox")
        {
            input.IsChecked = input.IsRequired;
            return;
        }
        input.Value = type == "email" ? person.Email
            : type == "password" ? person.Password
            : type == "date" || about.Contains("bday", StringComparison.Ordinal) || about.Contains("birth", StringComparison.Ordinal) ? birthDate
            : about.Contains("given", StringComparison.Ordinal) ? given
            : about.Contains("family", StringComparison.Ordinal) ? family
            : input.IsRequired ? $"{given} {family}" : input.Value;
    }

    private async Task ConfirmAsync()
    {
        var screen = await Browser.OpenAsync(await server.LinkMailedToAsync(Email));
        var form = screen.Forms.FirstOrDefault(one => one.Method == "post");
        Assert.That(form, Is.Not.Null, screen.ToString());
        // Whoever opens the link shows that it was they who registered.
        if (form!.QuerySelector<IHtmlInputElement>("input[type=password]") is { } password)
        {
            password.Value = Password;
        }
        screen = await Browser.SendAsync(screen, form!, Choice.ButtonOf(form!, isYes: true));
        Assert.That(screen.Status, Is.EqualTo(200), screen.ToString());
    }
}
