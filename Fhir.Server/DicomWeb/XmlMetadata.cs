using System.Runtime.CompilerServices;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// Metadata as the Native DICOM Model, a part an instance, each written from its file when its turn comes. PS3.18 §8.7.3.2, PS3.19 §A.1
/// </summary>
internal sealed class XmlMetadata(InstanceMaker maker, IReadOnlyList<InstanceRow> rows, string baseAddress, bool asMultipart, string tag) : MadeAnswer(maker.Gate)
{
    public const string MediaType = "application/dicom+xml";

    protected override async ValueTask<Problem?> SendAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await using var parts = PartsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await parts.MoveNextAsync();
        if (asMultipart)
        {
            await SendMultipartAsync(context, MediaType, tag, parts, cancellationToken);
        }
        else
        {
            await new SinglePartResult(parts.Current).ExecuteAsync(context);
        }
        return null;
    }

    private async IAsyncEnumerable<MultipartPart> PartsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await Turn.TakeAsync(cancellationToken);
            var opened = await maker.OpenAsync(row, cancellationToken);
            using var instance = opened.Match(one => one, problem => throw new BrokenOffException(problem.Text));
            using var xml = new MemoryStream();
            DicomXml.Write(xml, instance.File.Dataset, baseAddress);
            Turn.Leave();
            yield return new MultipartPart(MediaType, null, new HeldContent(xml.GetBuffer().AsMemory(0, (int)xml.Length)));
        }
    }
}
