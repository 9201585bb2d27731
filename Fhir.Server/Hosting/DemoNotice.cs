using System.Net;

namespace Fhir.Server.Hosting;

/// <summary>What the landing page says of the demo's accounts; nothing when there is no demo.</summary>
internal sealed class DemoNotice
{
    /// <summary>HTML; empty when there is nothing to say.</summary>
    public string Html { get; private set; } = "";

    /// <summary>Names the accounts; their passwords are for who can read what the server printed.</summary>
    public void Tell(IEnumerable<(string Email, string Name, string FhirUser)> people) => Html = $"""
        <div class="note"><p><strong>This is a demo.</strong> The people below are invented; the server printed their passwords when it started.</p>
        <table><thead><tr><th scope="col">E-mail address</th><th scope="col">Name</th><th scope="col">Is</th></tr></thead><tbody>
        {string.Concat(people.Select(Row))}</tbody></table></div>
        """;

    private static string Row((string Email, string Name, string FhirUser) person) =>
        $"<tr><td><code>{WebUtility.HtmlEncode(person.Email)}</code></td><td>{WebUtility.HtmlEncode(person.Name)}</td><td><code>{WebUtility.HtmlEncode(person.FhirUser)}</code></td></tr>";
}
