using System.Xml;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads the Native DICOM Model. PS3.19 §A.1. No DTD, no entities, nothing from elsewhere.</summary>
public static class DicomXmlReader
{
    /// <summary>Reads one data set.</summary>
    public static Outcome<DicomModel> Read(Stream source, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= DicomReadOptions.Default;
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = options.InflatedLimit,
            IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = false,
        };
        try
        {
            using var reader = XmlReader.Create(source, settings);
            return ReadRoot(reader, options);
        }
        catch (XmlException broken)
        {
            return Problem.Invalid($"The XML is broken in line {broken.LineNumber}, or has what is not allowed here.");
        }
    }

    private static Outcome<DicomModel> ReadRoot(XmlReader reader, DicomReadOptions options)
    {
        reader.MoveToContent();
        if (reader.LocalName != "NativeDicomModel")
        {
            return Problem.Invalid("The XML is not a Native DICOM Model.");
        }

        var warnings = new ReadWarnings();
        if (reader.NamespaceURI is not (DicomXml.Namespace or ""))
        {
            warnings.Add("The XML is in another namespace.");
        }

        var dataset = new DicomDataset();
        var attributes = new XmlAttributeReader(reader, options, warnings);
        if (attributes.Read(dataset, 0) is { } problem)
        {
            return problem;
        }

        while (reader.Read())
        {
            // To the end, where what is broken behind the root shows.
        }

        return new DicomModel(dataset, warnings.Texts) { Size = options.ElementLimit - attributes.Left + 1 };
    }
}
