namespace Fhir.Server.Dicom;

/// <summary>Reads the type and the file of a directory record. PS3.3 §F.3.2.2, PS3.10 §8.2.</summary>
internal static class DirectoryFileId
{
    private const int ComponentsLimit = 32;

    public static DicomDirectoryRecord RecordOf(DicomDataset item, ReadWarnings warnings)
    {
        var type = item.GetString(DicomTag.DirectoryRecordType)?.ToUpperInvariant() ?? string.Empty;
        if (type.Length == 0)
        {
            warnings.Add("There are records without a type.");
        }

        return new DicomDirectoryRecord(item, type, Components(item, warnings));
    }

    private static List<string> Components(DicomDataset item, ReadWarnings warnings)
    {
        var components = new List<string>();
        foreach (var value in item.GetStrings(DicomTag.ReferencedFileID))
        {
            // Some write a path with the slashes of their system.
            components.AddRange(value.Split('/', '\\').Select(part => part.Trim(' ', '\0')).Where(part => part.Length > 0 && part != "."));
        }

        if (components.Count <= ComponentsLimit && components.TrueForAll(IsHarmless))
        {
            return components;
        }

        warnings.Add("A record names a file outside the disc, or with a name that is none; it is left out.");
        return [];
    }

    private static bool IsHarmless(string component) =>
        component != ".." && component.Length <= 255 && !component.Contains(':') && !component.Any(char.IsControl);
}
