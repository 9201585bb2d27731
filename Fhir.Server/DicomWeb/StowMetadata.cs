using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The metadata and bulk data of one store request. Metadata come first and are held in memory; bulk data go to the disk as they come;
/// when all is there the instances are written, and only then is anything stored. PS3.18 §10.5.1
/// </summary>
internal sealed class StowMetadata(InstanceComposer composer, StowOptions limits, long instanceLimit) : IAsyncDisposable
{
    private readonly List<DicomDataset> datasets = [];
    private BulkParts? bulk;
    private long metadataBytes;
    private int elementsLeft = DicomReadOptions.Default.ElementLimit;

    /// <summary>Takes the next part in; a problem when the request is at fault.</summary>
    /// <param name="root">What the metadata are in.</param>
    /// <param name="part">The part.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Problem?> TakeAsync(string root, StowPart part, CancellationToken cancellationToken)
    {
        if (bulk is null && (part.Type?.Type == root || (part.Type is null && datasets.Count == 0)))
        {
            return await MetadataAsync(root, part.Body, cancellationToken);
        }
        if (datasets.Count == 0 || part.Type is null || part.Type.Type is StowBody.Dicom or StowBody.Json or StowBody.Xml)
        {
            return Problem.Unsupported($"Parts of {root} come first, and after them bulk data, each with its media type.");
        }
        if (part.Location is null)
        {
            return Problem.Invalid("A part of bulk data has no Content-Location.");
        }
        if (bulk is null)
        {
            if (!(await composer.BeginAsync(cancellationToken)).TryGet(out var begun, out var problem))
            {
                return problem;
            }
            bulk = begun;
        }
        return (await bulk.AddAsync(part.Location, part.Type.Type, part.Type.TransferSyntax, part.Body, instanceLimit, cancellationToken)).Problem;
    }

    /// <summary>Writes the instances, one after the other; a problem is the last.</summary>
    public async IAsyncEnumerable<Outcome<ComposedInstance>> ComposeAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (bulk is null)
        {
            if (!(await composer.BeginAsync(cancellationToken)).TryGet(out var begun, out var problem))
            {
                yield return problem;
                yield break;
            }
            bulk = begun;
        }
        datasets.ForEach(dataset => Name(dataset, bulk));
        if (bulk.Unused is not null)
        {
            yield return Problem.Invalid("A part of bulk data is named by no metadata.");
            yield break;
        }
        if (bulk.Repeated > limits.RepeatLimit)
        {
            yield return Problem.TooLarge($"Bulk data may be named again for at most {limits.RepeatLimit} bytes.");
            yield break;
        }
        foreach (var dataset in datasets)
        {
            yield return await composer.ComposeAsync(dataset, bulk, instanceLimit, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => bulk?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask<Problem?> MetadataAsync(string root, Stream body, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        var buffer = new byte[32 * 1024];
        while (true)
        {
            if (!(await Intake.ReadAsync(body, buffer, 1, cancellationToken)).TryGet(out var read, out var problem))
            {
                return problem;
            }
            if (read == 0)
            {
                break;
            }
            if ((metadataBytes += read) > limits.MetadataLimit)
            {
                return Problem.TooLarge($"The metadata of a request may have at most {limits.MetadataLimit} bytes.");
            }
            text.Write(buffer, 0, read);
        }
        // All metadata of the request share what one may have.
        var options = DicomReadOptions.Default with { ElementLimit = Math.Max(0, elementsLeft) };
        if (root == StowBody.Xml)
        {
            text.Position = 0;
            return DicomXmlReader.Read(text, options).Match<Problem?>(Take, problem => problem);
        }
        return DicomJsonReader.ReadAll(text.GetBuffer().AsSpan(0, (int)text.Length), options).Match<Problem?>(
            models => models.Select(Take).FirstOrDefault(problem => problem is not null), problem => problem);
    }

    private Problem? Take(DicomModel model)
    {
        if (datasets.Count == limits.PartLimit)
        {
            return Problem.TooLarge($"A request may have at most {limits.PartLimit} data sets.");
        }
        elementsLeft -= model.Size;
        datasets.Add(model.Dataset);
        return null;
    }

    /// <summary>Marks what a data set names.</summary>
    private static void Name(DicomDataset dataset, BulkParts bulk)
    {
        foreach (var element in dataset)
        {
            if (element.BulkAddress is { } address)
            {
                bulk.Mark(address);
            }
            foreach (var item in element.Items ?? [])
            {
                Name(item, bulk);
            }
        }
    }
}
