using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Registering clients, and what commands ask of the server.</summary>
[TestFixture]
public sealed class OAuthClientsTests
{
    private OAuthWorld world = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => world = await OAuthWorld.GetAsync();

    [TestCase("/operator/clients")]
    [TestCase("/operator/tokens")]
    [TestCase("/operator/launches")]
    public async Task Commands_are_for_the_operator_alone(string path)
    {
        var token = (await world.OperateAsync("tokens", new { client = "app", scopes = "user/*.cruds", patient = "ada" })).GetProperty("access_token").GetString()!;
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", token) } };
        using var answer = await client.PostAsJsonAsync(world.Address + path, new { client = "app", scopes = "user/*.cruds", patient = "ada", name = "x" });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var anonymous = new HttpClient();
        using var refused = await anonymous.PostAsJsonAsync(world.Address + path, new { });
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_minted_token_opens_the_record_it_was_minted_for()
    {
        var token = (await world.OperateAsync("tokens", new { client = "app", scopes = "patient/*.rs", patient = "ada" })).GetProperty("access_token").GetString();
        Assert.That(await world.GetAsync("/fhir/Patient/ada", token), Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("""{"name":""}""")]
    [TestCase("""{"name":"x","redirectUris":["http://app.example/back"]}""")]
    [TestCase("""{"name":"x","redirectUris":["https://app.example/back#here"]}""")]
    [TestCase("""{"name":"x","redirectUris":["javascript:alert(1)"]}""")]
    [TestCase("""{"name":"x","redirectUris":["https://*.example/back"]}""")]
    [TestCase("""{"name":"x","scopes":"bogus"}""")]
    [TestCase("""{"name":"x","id":"has blank"}""")]
    [TestCase("""{"name":"x","kind":2}""")]
    [TestCase("""{"name":"x","kind":2,"jwks":"{}"}""")]
    [TestCase("""{"name":"x","kind":2,"jwksUri":"http://app.example/jwks"}""")]
    [TestCase("""{"name":"x","jwks":"{}"}""")]
    public async Task A_registration_that_is_wrong_is_refused_with_the_reason(string registration)
    {
        using var client = world.Operator();
        using var content = new StringContent(registration, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("operator/clients", content);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), json.ToString());
        Assert.That(json.GetProperty("error_description").GetString(), Is.Not.Empty);
    }

    [Test]
    public async Task An_id_that_is_taken_is_not_given_twice()
    {
        using var client = world.Operator();
        using var answer = await client.PostAsJsonAsync("operator/clients", new { id = "app", name = "Another" });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task Each_client_is_a_Device_others_can_name()
    {
        using var client = world.Operator();
        var device = JsonDocument.Parse(await client.GetStringAsync("fhir/Device?identifier=" + Uri.EscapeDataString(world.Address + "/clients|app"))).RootElement;
        var resource = device.GetProperty("entry")[0].GetProperty("resource");
        Assert.That(resource.GetProperty("deviceName")[0].GetProperty("name").GetString(), Is.EqualTo("Test app"));
        Assert.That(resource.GetProperty("status").GetString(), Is.EqualTo("active"));
    }

    [Test]
    public async Task A_launch_for_an_unknown_patient_or_study_is_not_made()
    {
        using var client = world.Operator();
        using var patient = await client.PostAsJsonAsync("operator/launches", new { patient = "nobody" });
        Assert.That(patient.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var study = await client.PostAsJsonAsync("operator/launches", new { patient = "bert", study = "study-1" });
        Assert.That(study.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "It is Ada's.");
    }

    [Test]
    public async Task An_administrator_registers_and_disables_on_a_page_and_nobody_else_sees_it()
    {
        using var ada = await world.BrowserOfAsync("ada");
        using var hidden = await ada.GetAsync("/account/admin/clients");
        Assert.That(hidden.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var root = await world.BrowserOfAsync("root");
        using var page = await root.GetAsync("/account/admin/clients");
        var form = AppBrowser.Form.Of(await page.Content.ReadAsStringAsync(), "/account/admin/clients")
            .With(("name", "Page-made app"), ("id", "page-made"), ("kind", "Symmetric"), ("redirects", "https://one.example/back https://two.example/back"));
        using var made = await root.PostAsync("/account/admin/clients", form.Fields);
        var text = await made.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain("Its secret, shown this once"));
        var disable = AppBrowser.Form.Of(text, "/account/admin/clients/disable").With(("client", "page-made"));
        using var disabled = await root.PostAsync("/account/admin/clients/disable", disable.Fields);
        Assert.That(await disabled.Content.ReadAsStringAsync(), Does.Contain("It was disabled"));
    }
}
