using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Renders the first frame of each file small, and writes a sheet whenever one is full.</summary>
internal sealed class ContactSheetRun(SheetLayout layout, FilePictures pictures, TargetFile target)
{
    private readonly List<ContactSheetCell> cells = [];
    private int sheets;
    private bool isBroken;

    /// <summary>Makes the sheets; the exit code. A file without a picture is on them with the reason, and is no failure; what was not looked into is one.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        var seen = 0;
        foreach (var source in SourceFile.Of(sources, cancellationToken))
        {
            seen++;
            await AddAsync(source, cancellationToken);
            if (cells.Count == layout.Columns * layout.Rows)
            {
                await WriteAsync(cancellationToken);
            }
        }

        if (seen == 0)
        {
            await Console.Error.WriteLineAsync("There is no DICOM file in what was named.");
            return 1;
        }

        if (cells.Count > 0)
        {
            await WriteAsync(cancellationToken);
        }

        return isBroken ? 1 : 0;
    }

    private async Task AddAsync(SourceFile source, CancellationToken cancellationToken)
    {
        var outcome = await source.ReadAsync(
            async (file, stream) =>
            {
                var picture = await RenderAsync(file, stream, cancellationToken);
                cells.Add(new ContactSheetCell(picture.Match<Picture?>(p => p, _ => null), LabelOf(source), picture.Problem?.Text));
                return new Done();
            },
            cancellationToken);
        if (source.Trouble is { } trouble)
        {
            await FailAsync($"{FileRun.Plain(source.Path)}: {trouble.Text}");
        }

        if (outcome.Problem is { } unreadable)
        {
            cells.Add(new ContactSheetCell(null, LabelOf(source), unreadable.Text));
        }
    }

    private async Task<Outcome<Picture>> RenderAsync(DicomFile file, Stream stream, CancellationToken cancellationToken)
    {
        var options = new RenderOptions { Viewport = new Viewport(layout.Size, layout.Size) };
        return pictures.Open(file, stream, options).TryGet(out var opened, out var problem)
            ? (await opened.RenderAsync(0, cancellationToken)).Match<Outcome<Picture>>(frame => frame.Picture, p => p) : problem;
    }

    /// <summary>The end of the name tells more than its beginning.</summary>
    private string LabelOf(SourceFile source)
    {
        var letters = layout.Size / 6 * 2;
        return source.Name.Length <= letters ? source.Name : source.Name[^letters..];
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        Outcome<Done> outcome;
        using (var sheet = ContactSheet.Of(cells, layout.Columns, layout.Size))
        {
            outcome = PictureEncoder.Write(content, sheet, layout.Format);
        }

        cells.ForEach(cell => cell.Thumbnail?.Dispose());
        cells.Clear();
        var path = layout.PathOf(++sheets);
        if (outcome.IsSuccess)
        {
            outcome = await target.WriteAsync(path, content.GetBuffer().AsMemory(0, (int)content.Length), cancellationToken);
        }

        if (outcome.Problem is { } problem)
        {
            await FailAsync($"{path}: {problem.Text}");
        }
    }

    private async Task FailAsync(string text)
    {
        isBroken = true;
        await Console.Error.WriteLineAsync(text);
    }
}
