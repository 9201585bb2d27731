using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Clients;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>
/// The clients of the demo: <c>demo-backend</c>, a backend service whose key pair is written beside the store at the first start, and
/// <c>demo-app</c>, the SMART app served at <c>/app/</c>.
/// </summary>
internal sealed partial class DemoClients(
    IServiceScopeFactory scopes, IOptions<DemoOptions> options, IConfiguration configuration, PublicAddress address, ILogger<DemoClients> logger)
    : BackgroundService
{
    /// <summary>The key pair of <c>demo-backend</c> in the folder of keys, a JSON Web Key (ES384).</summary>
    public const string KeyFileName = "demo-backend.jwk.json";

    private static readonly string[] Records = ["demo-ada", "demo-bruno"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }
        try
        {
            await address.WhenKnownAsync(stoppingToken);
            await using var scope = scopes.CreateAsyncScope();
            var registry = scope.ServiceProvider.GetRequiredService<ClientRegistry>();
            foreach (var client in new[] { Backend(), App() })
            {
                if (!(await registry.RegisterAsync(client, replace: true, stoppingToken)).TryGet(out _, out var problem))
                {
                    NotRegistered(logger, client.Id, problem.Text);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Done at the next start.
        }
    }

    private ClientRegistration Backend()
    {
        var pair = KeyFile.ReadOrCreateText(Path.Combine(KeyFolder.Of(configuration), KeyFileName), MakePair);
        var key = JsonNode.Parse(pair)!.AsObject();
        key.Remove("d");
        return new ClientRegistration
        {
            Id = "demo-backend", Name = "Demo backend service", Kind = ClientKind.Asymmetric, Records = Records, Purpose = "TREAT",
            Scopes = "system/*.cruds", Jwks = new JsonObject { ["keys"] = new JsonArray(key) }.ToJsonString(),
        };
    }

    private ClientRegistration App() => new()
    {
        Id = "demo-app", Name = "Demo app", Kind = ClientKind.Public, RedirectUris = [address.Base + "/app/"], LaunchUrl = address.Base + "/app/launch",
    };

    private static string MakePair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var values = key.ExportParameters(includePrivateParameters: true);
        return JsonSerializer.Serialize(new
        {
            kty = "EC", crv = "P-384", kid = Guid.NewGuid().ToString("N"), use = "sig", alg = "ES384",
            x = Base64Url(values.Q.X!), y = Base64Url(values.Q.Y!), d = Base64Url(values.D!),
        });
    }

    private static string Base64Url(byte[] value) => System.Buffers.Text.Base64Url.EncodeToString(value);

    [LoggerMessage(Level = LogLevel.Error, Message = "The demo client {Client} was not registered: {Reason}")]
    private static partial void NotRegistered(ILogger logger, string? client, string reason);
}
