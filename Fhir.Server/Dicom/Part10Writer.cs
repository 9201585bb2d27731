using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Writes DICOM files. PS3.10 §7.</summary>
public static class Part10Writer
{
    /// <summary>Writes preamble, file meta and data set; the same input always gives the same bytes.</summary>
    /// <param name="target">Where to; need not be seekable.</param>
    /// <param name="dataset">What.</param>
    /// <param name="transferSyntax">Implicit or Explicit LE, or an encapsulated one that fits the fragments.</param>
    /// <param name="source">The file of values that were not loaded; needed only when there are some.</param>
    public static Outcome<Done> Write(Stream target, DicomDataset dataset, string transferSyntax, Stream? source = null) =>
        throw new NotImplementedException();
}
