using System.Text;
using System.Xml;

namespace Fhir.Server.Dicom;

/// <summary>Writes the Native DICOM Model. PS3.19 §A.1.</summary>
public static class DicomXml
{
    /// <summary>The namespace of the model.</summary>
    public const string Namespace = "http://dicom.nema.org/PS3.19/models/NativeDICOM";

    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CloseOutput = false, CheckCharacters = true,
        NewLineHandling = NewLineHandling.Entitize,
    };

    /// <summary>Writes a data set in UTF-8.</summary>
    /// <param name="target">Where to; stays open.</param>
    /// <param name="dataset">What.</param>
    /// <param name="baseAddress">Of the DICOMweb service that has the bulk data, without a slash at its end.</param>
    /// <param name="bulkThreshold">Longer bytes are named by their address.</param>
    public static void Write(Stream target, DicomDataset dataset, string baseAddress, int bulkThreshold = 1024)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var writer = XmlWriter.Create(target, Settings);
        writer.WriteStartDocument();
        writer.WriteStartElement("NativeDicomModel", Namespace);
        writer.WriteAttributeString("xml", "space", null, "preserve");
        new XmlElementWriter(writer, new BulkPath(dataset), baseAddress, bulkThreshold).Write(dataset);
        writer.WriteEndElement();
        writer.WriteEndDocument();
    }
}
