using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>An instance whose header has been read: for what cannot be answered by stored bytes alone.</summary>
internal sealed class OpenInstance : IDisposable
{
    private readonly IBlobContent content;

    private OpenInstance(IBlobContent content, Stream stream, DicomFile file) => (this.content, Stream, File) = (content, stream, file);

    /// <summary>What its file says.</summary>
    public DicomFile File { get; }

    /// <summary>The file; for one reader at a time.</summary>
    public Stream Stream { get; }

    /// <summary>Opens an instance the guard gave; <c>NotFound</c> when it was deleted since.</summary>
    public static async ValueTask<Outcome<OpenInstance>> OpenAsync(GuardedRecord guard, InstanceRow row, CancellationToken cancellationToken)
    {
        var content = await guard.OpenAsync(row, cancellationToken);
        if (content is null)
        {
            return Problem.NotFound();
        }
        var stream = content.OpenStream();
        try
        {
            if (Part10Reader.Read(stream, cancellationToken: cancellationToken).TryGet(out var file, out var problem))
            {
                return new OpenInstance(content, stream, file);
            }
            stream.Dispose();
            content.Dispose();
            return problem;
        }
        catch
        {
            stream.Dispose();
            content.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        content.Dispose();
    }
}
