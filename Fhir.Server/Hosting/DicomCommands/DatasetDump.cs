using System.Globalization;
using Fhir.Server.Dicom;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Writes data sets as lines: tag, representation, value, name. Items are indented.</summary>
internal sealed class DatasetDump(TextWriter writer, bool isWhole)
{
    private const int ValueWidth = 64;
    private const int BytesShown = 16;

    /// <summary>Writes a file: where it is, its warnings, its file meta and its data set.</summary>
    public void Write(string path, DicomFile file)
    {
        writer.WriteLine($"# {FileRun.Plain(path)}");
        writer.WriteLine($"# {DicomDictionary.FindUid(file.TransferSyntax)?.Name ?? "Unknown transfer syntax"} ({FileRun.Plain(file.TransferSyntax)}), {file.Length:N0} bytes");
        foreach (var warning in file.Warnings)
        {
            writer.WriteLine($"# Warning: {warning}");
        }

        Write(file.FileMeta, 0);
        Write(file.Dataset, 0);
        writer.WriteLine();
    }

    private void Write(DicomDataset dataset, int depth)
    {
        foreach (var element in dataset)
        {
            WriteElement(dataset, element, depth);
        }
    }

    private void WriteElement(DicomDataset dataset, DicomElement element, int depth)
    {
        var indent = new string(' ', depth * 2);
        var tag = $"({element.Tag.Group:X4},{element.Tag.Element:X4})";
        writer.WriteLine($"{indent}{tag} {element.Vr.Code} {Cut(ValueOf(dataset, element)).PadRight(Math.Max(0, ValueWidth - (depth * 2)))} # {NameOf(dataset, element.Tag)}");
        for (var i = 0; i < element.Items?.Count; i++)
        {
            writer.WriteLine($"{indent}  > item {i + 1}");
            Write(element.Items[i], depth + 2);
        }
    }

    private string Cut(string value) => isWhole || value.Length <= ValueWidth ? value : string.Concat(value.AsSpan(0, ValueWidth - 1), "…");

    private static string ValueOf(DicomDataset dataset, DicomElement element)
    {
        if (element.Items is { } items)
        {
            return $"<{Count(items.Count, "item")}>";
        }

        if (element.Fragments is { } fragments)
        {
            return $"<{Count(fragments.Count, "fragment")}>";
        }

        if (element.Bulk is not null)
        {
            return $"<{Count(element.Length, "byte")}>";
        }

        if (element.Value.IsEmpty)
        {
            return "<empty>";
        }

        return element.Vr.IsBulk ? Bytes(element.Value.Span) : FileRun.Plain(Text(dataset, element));
    }

    private static string Text(DicomDataset dataset, DicomElement element)
    {
        var text = string.Join('\\', dataset.GetStrings(element)).ReplaceLineEndings(" / ");
        return element.Vr == DicomVr.UI && DicomDictionary.FindUid(text) is { } known ? $"{text} = {known.Name}" : text;
    }

    private static string Bytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= BytesShown ? Convert.ToHexString(bytes) : $"{Convert.ToHexString(bytes[..BytesShown])}… <{Count(bytes.Length, "byte")}>";

    private static string Count(long number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {what}{(number == 1 ? "" : "s")}");

    private static string NameOf(DicomDataset dataset, DicomTag tag) =>
        tag.IsPrivateCreator ? "Private Creator"
        : tag.IsPrivate ? $"Private: {FileRun.Plain(dataset.PrivateCreator(tag) ?? "nobody says whose")}"
        : tag.IsGroupLength ? "Group Length" : DicomDictionary.Find(tag)?.Name ?? "Unknown";
}
