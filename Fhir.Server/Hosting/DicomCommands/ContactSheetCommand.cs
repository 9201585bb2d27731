using System.CommandLine;
using System.Globalization;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary><c>dicom contact-sheet</c>: many files at one look.</summary>
internal static class ContactSheetCommand
{
    private const int Most = 64;

    public static Command Make()
    {
        var sources = DicomCommand.Sources();
        var output = DicomCommand.Output("The picture, .png or .jpg; further sheets get a number. Default: contact-sheet.png.");
        var columns = new Option<int>("--columns") { Description = "Pictures in a row, at most 64.", DefaultValueFactory = _ => 8 };
        var rows = new Option<int>("--rows") { Description = "Rows on a sheet, at most 64.", DefaultValueFactory = _ => 8 };
        var size = new Option<int>("--size") { Description = "Pixels across and down for each, 32 to 1024.", DefaultValueFactory = _ => 160 };
        var force = DicomCommand.Force();
        var command = new Command("contact-sheet", "Puts small pictures of many files on sheets, or the reason why there is none.") { sources, output, columns, rows, size, force };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var sheets = new SheetLayout(parsed.GetValue(output) ?? "contact-sheet.png", parsed.GetValue(columns), parsed.GetValue(rows), parsed.GetValue(size));
            if (Check(sheets) is { } problem)
            {
                await Console.Error.WriteLineAsync(problem.Text);
                return CommandLine.BadArguments;
            }

            using var pictures = new FilePictures();
            return await new ContactSheetRun(sheets, pictures, new TargetFile(parsed.GetValue(force))).RunAsync(parsed.GetValue(sources)!, cancellationToken);
        });
        return command;
    }

    private static Problem? Check(SheetLayout sheets)
    {
        if (sheets.Columns is < 1 or > Most || sheets.Rows is < 1 or > Most || sheets.Size is < 32 or > 1024)
        {
            return Problem.Invalid("Columns and rows are from 1 to 64, the size from 32 to 1024.");
        }

        if (!ContactSheet.Fits(sheets.Columns, sheets.Rows, sheets.Size))
        {
            return Problem.Invalid(string.Create(CultureInfo.InvariantCulture, $"A sheet may have {RenderOptions.PixelLimit:N0} pixels; this one would have more. Take fewer columns or rows, or a smaller size."));
        }

        return PictureEncoder.CanWrite(sheets.Format) ? null : Problem.NotAcceptable("JPEG cannot be made on this machine; PNG can.");
    }
}

/// <summary>How sheets are laid out and where they go.</summary>
internal sealed record SheetLayout(string Output, int Columns, int Rows, int Size)
{
    /// <summary>What they are written as.</summary>
    public PictureFormat Format => Path.GetExtension(Output).ToUpperInvariant() is ".JPG" or ".JPEG" ? PictureFormat.Jpeg : PictureFormat.Png;

    /// <summary>Where one goes, counted from 1.</summary>
    public string PathOf(int number) => number == 1 ? Output
        : Path.Combine(Path.GetDirectoryName(Output) ?? "", $"{Path.GetFileNameWithoutExtension(Output)}-{number}{Path.GetExtension(Output)}");
}
