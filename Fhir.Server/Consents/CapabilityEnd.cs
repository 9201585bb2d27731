using System.Data.Common;
using System.Threading.Channels;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Consents;

/// <summary>
/// Ends the capabilities of a study that was deleted or moved away. Nothing is shown by them from the commit on; ended they stay so when the study
/// comes again.
/// </summary>
internal sealed partial class CapabilityEnd(IServiceProvider services, ILogger<CapabilityEnd> logger) : BackgroundService, IChangeFollower
{
    private readonly Channel<(string Record, string Study)> gone = Channel.CreateUnbounded<(string, string)>(new() { SingleReader = true });

    /// <summary>Null where there are no tokens.</summary>
    private ICapabilities? Capabilities => services.GetService<ICapabilities>();

    public void Told(ChangeEntry change)
    {
        foreach (var thing in change.Things.Where(thing => Capabilities is not null && thing.Kind is "study-deleted" or "study-moved"))
        {
            gone.Writer.TryWrite((change.Record.Value, thing.Name));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (record, study) in gone.Reader.ReadAllAsync(stoppingToken))
            {
                await EndAsync(record, study, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was not ended lives an hour at most.
        }
    }

    private async Task EndAsync(string record, string study, CancellationToken cancellationToken)
    {
        try
        {
            await Capabilities!.RevokeOfStudyAsync(record, study, cancellationToken);
        }
        catch (DbException failure)
        {
            CouldNotEnd(logger, study, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The capabilities of deleted study {StudyInstanceUid} could not be ended; they end by themselves within the hour")]
    private static partial void CouldNotEnd(ILogger logger, string studyInstanceUid, Exception failure);
}
