using Fhir.Server.Dicom.Codecs.Sandbox;
using Microsoft.Extensions.Hosting;

namespace Fhir.Server.Imaging;

/// <summary>Gets the codecs ready soon after the start, so that the first image need not wait for them and the start need not either.</summary>
internal sealed class CodecWarmUp(SandboxedCodec codec, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedService
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _ = PrepareAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PrepareAsync()
    {
        try
        {
            await Task.Delay(AfterStart, clock, lifetime.ApplicationStopping);
            await codec.PrepareAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopped before it was needed.
        }
    }
}
