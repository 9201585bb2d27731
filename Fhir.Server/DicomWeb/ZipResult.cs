using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>Stored instances as a ZIP archive, a folder a series; nothing of the patient is in its names. PS3.18 §8.6.1.3, §8.7.3</summary>
internal sealed class ZipResult(IReadOnlyList<(InstanceRow Row, PartContent Content)> instances) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        Announce(response, instances[0].Row);
        response.ContentLength = ZipWriter.LengthOf(instances.Select(one => (NameOf(one.Row), one.Content.Length ?? 0)));
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }
        var zip = new ZipWriter(response.BodyWriter);
        foreach (var (row, content) in instances)
        {
            await zip.AddAsync(NameOf(row), content, httpContext.RequestAborted);
        }
        await zip.FinishAsync(httpContext.RequestAborted);
    }

    /// <summary>The name of an instance in its archive.</summary>
    public static string NameOf(InstanceRow row) => $"{row.SeriesInstanceUid}/{row.SopInstanceUid}.dcm";

    /// <summary>Says what comes, and what a browser may call it.</summary>
    public static void Announce(HttpResponse response, InstanceRow first)
    {
        response.ContentType = "application/zip";
        response.Headers.ContentDisposition = $"attachment; filename=\"{first.StudyInstanceUid}.zip\"";
    }
}
