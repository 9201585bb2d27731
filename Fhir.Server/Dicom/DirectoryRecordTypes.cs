namespace Fhir.Server.Dicom;

/// <summary>Which kind of directory record stands for an instance. PS3.3 Table F.4-1 and §F.5.</summary>
internal static class DirectoryRecordTypes
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1.";

    /// <summary>SOP Classes, or what those of a family begin with (they end in a dot), the longer before the shorter.</summary>
    private static readonly (string Class, string Type)[] Types =
    [
        (Storage + "11.", "PRESENTATION"),
        (Storage + "88.59", "KEY OBJECT DOC"), (Storage + "88.", "SR DOCUMENT"),
        (Storage + "104.", "ENCAP DOC"),
        (Storage + "481.1", "IMAGE"), (Storage + "481.2", "RT DOSE"), (Storage + "481.3", "RT STRUCTURE SET"),
        (Storage + "481.5", "RT PLAN"), (Storage + "481.8", "RT PLAN"), (Storage + "481.4", "RT TREAT RECORD"),
        (Storage + "481.6", "RT TREAT RECORD"), (Storage + "481.7", "RT TREAT RECORD"), (Storage + "481.9", "RT TREAT RECORD"),
        (Storage + "9.", "WAVEFORM"),
        (Storage + "66.1", "REGISTRATION"), (Storage + "66.3", "REGISTRATION"), (Storage + "66.2", "FIDUCIAL"),
        (Storage + "66.4", "IMAGE"), (Storage + "66.5", "SURFACE"), (Storage + "66.6", "TRACT"), (Storage + "66", "RAW DATA"),
        (Storage + "67", "VALUE MAP"), (Storage + "4.2", "SPECTROSCOPY"), (Storage + "68.", "SURFACE SCAN"),
        (Storage + "78.", "MEASUREMENT"), (Storage + "79.1", "MEASUREMENT"), (Storage + "77.1.5.3", "STEREOMETRIC"),
        (Storage + "90.1", "ASSESSMENT"), (Storage + "91.1", "ANNOTATION"),
    ];

    /// <summary>The kind for a SOP Class; one that is not known is an image when it has pixels, else private.</summary>
    public static string Of(string sopClass, DicomDataset instance)
    {
        foreach (var (known, type) in Types)
        {
            if (known[^1] == '.' ? sopClass.StartsWith(known, StringComparison.Ordinal) : sopClass == known)
            {
                return type;
            }
        }

        return instance.Contains(DicomTag.Rows) || instance.Contains(DicomTag.PixelData) ? "IMAGE" : "PRIVATE";
    }
}
