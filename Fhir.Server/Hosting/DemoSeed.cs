using Fhir.Server.Access;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

internal sealed class DemoSeed(IOptions<DemoOptions> options, PublicAddress address) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) { _ = options; _ = address; return Task.CompletedTask; }
}
