using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads DICOM files. PS3.10 §7.</summary>
public static class Part10Reader
{
    /// <summary>Reads a file from the beginning of a seekable stream; big values and pixels stay where they are.</summary>
    public static Outcome<DicomFile> Read(Stream stream, DicomReadOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Whether these first bytes could begin a DICOM file; 132 or more give the best answer.</summary>
    public static bool LooksLikeDicom(ReadOnlySpan<byte> first) => throw new NotImplementedException();

    /// <summary>Where the data set begins in a file that begins so; null when these bytes do not tell.</summary>
    public static long? DataSetOffset(ReadOnlySpan<byte> first) => throw new NotImplementedException();
}
