using Fhir.Server.Dicom;
using Fhir.Server.Rendering.Marks;

namespace Fhir.Server.Rendering;

/// <summary>Words burned into a picture when they are asked for. PS3.18 §8.3.5.1.1.</summary>
[Flags]
public enum Captions
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Who it is of: name, identifier, birth date, sex.</summary>
    Patient = 1,

    /// <summary>How it was made: modality, part of the body, exposure, thickness, date.</summary>
    Technique = 2,
}

/// <summary>Writes them into the upper corners, in letters that need no font. Of a name its writing in Latin letters is taken.</summary>
internal static class CaptionWriter
{
    private const int Margin = 4;

    private static readonly (DicomTag Tag, string Before, string After)[] Technique =
    [
        (DicomTag.Modality, "", ""), (DicomTag.BodyPartExamined, "", ""), (DicomTag.SeriesDescription, "", ""),
        (new DicomTag(0x00180060), "", " kV"), (new DicomTag(0x00181152), "", " mAs"), (new DicomTag(0x00180081), "TE ", " ms"),
        (new DicomTag(0x00180080), "TR ", " ms"), (DicomTag.SliceThickness, "", " mm"), (DicomTag.StudyDate, "", ""),
    ];

    public static void Write(Captions captions, DicomDataset image, Picture picture)
    {
        var size = Glyphs.SizeFor(Math.Min(picture.Width, picture.Height) / 40f);
        var canvas = new Canvas(picture);
        if (captions.HasFlag(Captions.Patient))
        {
            Write(canvas, PatientLines(image), size, _ => Margin);
        }

        if (captions.HasFlag(Captions.Technique))
        {
            var lines = Technique.Where(one => image.GetString(one.Tag) is not null).Select(one => one.Before + image.GetString(one.Tag) + one.After);
            Write(canvas, lines, size, line => picture.Width - Margin - (line.Length * Glyphs.Advance * size));
        }
    }

    private static IEnumerable<string> PatientLines(DicomDataset image)
    {
        var name = image.GetPersonName(DicomTag.PatientName);
        var words = new[] { name?.Family, name?.Given, name?.Middle }.Where(word => !string.IsNullOrEmpty(word));
        string?[] lines =
        [
            string.Join(' ', words), image.GetString(DicomTag.PatientID),
            string.Join(' ', new[] { image.GetString(DicomTag.PatientBirthDate), image.GetString(DicomTag.PatientSex) }.Where(word => word is not null)),
        ];
        return lines.Where(line => !string.IsNullOrEmpty(line))!;
    }

    private static void Write(Canvas canvas, IEnumerable<string> lines, int size, Func<string, int> left)
    {
        var row = 0;
        foreach (var line in lines)
        {
            canvas.Text(line, left(line), Margin + (row++ * Glyphs.LineHeight * size), size);
        }
    }
}
