namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §5: keys that are published at an address.</summary>
[TestFixture]
public sealed class KeyAddressTests : SmartTests
{
    private const string Scope = "system/ImagingStudy.rs";

    [Test]
    public async Task Keys_are_fetched_from_where_they_were_said_to_be([Values("RS384", "ES384")] string algorithm)
    {
        using var key = ClientKey.Make(algorithm);
        await using var host = await KeySetHost.StartAsync(ClientKey.Set(key));
        (await (await ClientAsync(host, key)).BackendAsync(Scope)).Good();
    }

    [Test]
    public async Task An_assertion_may_name_the_registered_address_and_no_other()
    {
        using var key = ClientKey.Make("ES384");
        await using var host = await KeySetHost.StartAsync(ClientKey.Set(key));
        await using var other = await KeySetHost.StartAsync(ClientKey.Set(key));
        var client = await ClientAsync(host, key);
        (await AskAsync(client, key, host.Address)).Good();
        (await AskAsync(client, key, other.Address)).IsRefused("invalid_client", 400, 401);
        Assert.That(other.Asked, Is.Zero, "Keys were fetched from an address somebody made up.");
    }

    [Test]
    public async Task Keys_that_must_not_be_kept_are_fetched_anew()
    {
        using var first = ClientKey.Make("ES384");
        using var second = ClientKey.Make("ES384");
        await using var host = await KeySetHost.StartAsync(ClientKey.Set(first));
        var client = await ClientAsync(host, first);
        (await client.BackendAsync(Scope)).Good();
        host.Keys = ClientKey.Set(second);
        (await client.BackendAsync(Scope)).IsRefused("invalid_client", 400, 401);
        (await AskAsync(client, second)).Good();
    }

    [Test]
    public async Task Of_two_keys_of_one_name_none_is_taken()
    {
        using var key = ClientKey.Make("ES384");
        using var other = ClientKey.Make("ES384", key.Id);
        await using var host = await KeySetHost.StartAsync(ClientKey.Set(other, key));
        (await (await ClientAsync(host, key)).BackendAsync(Scope)).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task Keys_of_another_kind_do_not_stand_in_the_way()
    {
        using var key = ClientKey.Make("ES384");
        using var other = ClientKey.Make("RS384", key.Id);
        await using var host = await KeySetHost.StartAsync(ClientKey.Set(other, key));
        (await (await ClientAsync(host, key)).BackendAsync(Scope)).Good();
    }

    [TestCase("""{"keys":[]}""")]
    [TestCase("not JSON")]
    public async Task Without_a_key_there_is_no_token(string keys)
    {
        using var key = ClientKey.Make("ES384");
        await using var host = await KeySetHost.StartAsync(keys);
        (await (await ClientAsync(host, key)).BackendAsync(Scope)).IsRefused("invalid_client", 400, 401);
    }

    [Test]
    public async Task An_address_that_does_not_answer_gives_no_token()
    {
        using var key = ClientKey.Make("ES384");
        var host = await KeySetHost.StartAsync(ClientKey.Set(key));
        var client = await ClientAsync(host, key);
        await host.DisposeAsync();
        (await client.BackendAsync(Scope)).IsRefused("invalid_client", 400, 401);
    }

    private static async Task<App> ClientAsync(KeySetHost host, ClientKey key)
    {
        var told = await Server.RegisterAsync(new Registration("Keys elsewhere", Kind.Asymmetric) { Scopes = "system/*.rs", JwksUri = host.Address, Records = [Ada.Record] });
        return new App(Server, told.Id, SmartWorld.Callback, null, key);
    }

    private static async Task<TokenAnswer> AskAsync(App client, ClientKey key, string? address = null)
    {
        var assertion = key.Assert(client.Id, await client.EndpointAsync("token_endpoint"), Server.Clock.GetUtcNow(), head =>
        {
            if (address is not null)
            {
                head["jku"] = address;
            }
        });
        return await client.TokenAsync(
            [("grant_type", "client_credentials"), ("scope", Scope), ("client_assertion_type", App.JwtBearer), ("client_assertion", assertion)], Shown.Nothing);
    }
}
