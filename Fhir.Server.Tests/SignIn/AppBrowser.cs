using System.Net;
using System.Text.RegularExpressions;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Does what a browser does: keeps cookies, fills in forms. It follows a redirect only when told to.</summary>
internal sealed partial class AppBrowser : IDisposable
{
    private readonly HttpClient client;

    public AppBrowser(string address) => client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        BaseAddress = new Uri(address),
    };

    public HttpClient Client => client;

    public Task<HttpResponseMessage> GetAsync(string address) => client.GetAsync(address);

    public Task<HttpResponseMessage> PostAsync(string address, IEnumerable<KeyValuePair<string, string>> fields) =>
        client.PostAsync(address, new FormUrlEncodedContent(fields));

    /// <summary>Signs in by the form.</summary>
    public async Task SignInAsync(string email, string password, string returnUrl = "/account")
    {
        using var page = await GetAsync("/account/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        var fields = Form.Of(await page.Content.ReadAsStringAsync(), "/account/sign-in").With(("email", email), ("password", password));
        using var answer = await PostAsync("/account/sign-in", fields.Fields);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Redirect), await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => client.Dispose();

    /// <summary>A form as it stands in a page: what a browser would send if nothing were changed.</summary>
    internal sealed partial record Form(IReadOnlyList<KeyValuePair<string, string>> Fields)
    {
        public static Form Of(string page, string action)
        {
            var form = Forms().Matches(page).FirstOrDefault(one => WebUtility.HtmlDecode(one.Groups["action"].Value) == action)
                ?? throw new AssertionException($"No form goes to {action} in: {page}");
            var fields = Inputs().Matches(form.Value).Select(one => Attributes(one.Value)).Where(IsSent)
                .Select(one => KeyValuePair.Create(one["name"], one.GetValueOrDefault("value") ?? ""));
            return new Form([.. fields]);
        }

        /// <summary>Sets fields in place of what they held.</summary>
        public Form With(params (string Name, string Value)[] values) => new(
            [.. Fields.Where(one => !values.Any(value => value.Name == one.Key)), .. values.Select(one => KeyValuePair.Create(one.Name, one.Value))]);

        /// <summary>Takes ticks away.</summary>
        public Form Without(Func<KeyValuePair<string, string>, bool> which) => new([.. Fields.Where(one => !which(one))]);

        public IReadOnlyList<string> Values(string name) => [.. Fields.Where(one => one.Key == name).Select(one => one.Value)];

        private static bool IsSent(Dictionary<string, string> input) => input.ContainsKey("name")
            && (input.GetValueOrDefault("type") is not ("checkbox" or "radio") || input.ContainsKey("checked"));

        private static Dictionary<string, string> Attributes(string tag) => Pairs().Matches(tag)
            .DistinctBy(one => one.Groups["name"].Value).ToDictionary(one => one.Groups["name"].Value, one => WebUtility.HtmlDecode(one.Groups["value"].Value));

        [GeneratedRegex("<form[^>]*action=\"(?<action>[^\"]*)\".*?</form>", RegexOptions.Singleline)]
        private static partial Regex Forms();

        [GeneratedRegex("<input[^>]*>")]
        private static partial Regex Inputs();

        [GeneratedRegex("(?<name>[a-z-]+)(=\"(?<value>[^\"]*)\")?")]
        private static partial Regex Pairs();
    }
}
