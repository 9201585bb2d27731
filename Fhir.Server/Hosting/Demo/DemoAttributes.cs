using System.Buffers.Binary;
using System.Globalization;
using Fhir.Server.Dicom;

namespace Fhir.Server.Hosting.Demo;

/// <summary>What the demo data sets say alike. Modules of PS3.3 §C.7, and how they are written down.</summary>
internal static class DemoAttributes
{
    private const string Institution = "PhrImaging Demo Clinic (synthetic)";

    /// <summary>The tag of a keyword. PS3.6 §6</summary>
    public static DicomTag Tag(string keyword) =>
        DicomTag.TryParse(keyword, out var tag) ? tag : throw new ArgumentException($"{keyword} is no keyword of the dictionary.", nameof(keyword));

    /// <summary>Adds attributes by keyword; values as text, several separated by a backslash.</summary>
    public static DicomDataset Put(this DicomDataset dataset, params ReadOnlySpan<(string Keyword, string Value)> attributes)
    {
        foreach (var (keyword, value) in attributes)
        {
            var tag = Tag(keyword);
            var vr = DicomDictionary.VrOf(tag, dataset);
            if (vr.IsText)
            {
                dataset.Add(tag, vr, value);
            }
            else
            {
                dataset.AddNumbers(tag, vr, Array.ConvertAll(value.Split('\\'), number => double.Parse(number, CultureInfo.InvariantCulture)));
            }
        }
        return dataset;
    }

    /// <summary>Adds a sequence of one coded item; none when there is no code. PS3.3 §8.8</summary>
    public static DicomDataset PutCode(this DicomDataset dataset, string keyword, string code = "", string meaning = "")
    {
        DicomDataset[] items = code.Length == 0 ? []
            : [new DicomDataset().Put(("CodeValue", code), ("CodingSchemeDesignator", "SCT"), ("CodeMeaning", meaning))];
        return dataset.AddSequence(Tag(keyword), items);
    }

    /// <summary>Patient, General Study, Patient Study, General Series, Equipment. PS3.3 §C.7.1.1, §C.7.2.1, §C.7.2.2, §C.7.3.1, §C.7.5.1</summary>
    public static DicomDataset Series(DemoPatient patient, DemoStudy study, int series, string description) => new DicomDataset().Put(
        ("SpecificCharacterSet", "ISO_IR 192"),
        ("PatientName", patient.Name), ("PatientID", patient.Id), ("PatientBirthDate", patient.BirthDate), ("PatientSex", patient.Sex),
        ("PatientComments", DemoPatient.Disclaimer),
        ("StudyInstanceUID", study.Uid), ("StudyDate", study.Date), ("StudyTime", study.Time), ("StudyID", study.Id),
        ("AccessionNumber", study.AccessionNumber), ("StudyDescription", study.Description), ("ReferringPhysicianName", "Demo^Referrer^^Dr."),
        ("PatientAge", study.PatientAge),
        ("Modality", study.Modality), ("SeriesInstanceUID", DicomUid.FromSeed($"{study.Seed}/{series}")),
        ("SeriesNumber", series.ToString(CultureInfo.InvariantCulture)), ("SeriesDescription", description), ("ProtocolName", study.Protocol),
        ("SeriesDate", study.Date), ("SeriesTime", study.Time), ("OperatorsName", "Demo^Operator"), ("BodyPartExamined", study.BodyPart),
        ("Manufacturer", "PhrImaging"), ("InstitutionName", Institution), ("StationName", "DEMO"), ("ManufacturerModelName", "Synthetic " + study.Modality),
        ("DeviceSerialNumber", "SYNTHETIC"), ("SoftwareVersions", "1"));

    /// <summary>General Image and SOP Common. PS3.3 §C.7.6.1, §C.12.1</summary>
    public static DicomDataset PutImage(this DicomDataset dataset, DemoStudy study, string sopClass, string sopInstance, int number, string imageType, int acquisition = 1) =>
        dataset.Put(
            ("SOPClassUID", sopClass), ("SOPInstanceUID", sopInstance), ("InstanceNumber", number.ToString(CultureInfo.InvariantCulture)),
            ("InstanceCreationDate", study.Date), ("InstanceCreationTime", study.Time), ("TimezoneOffsetFromUTC", "+0000"), ("ImageType", imageType),
            ("AcquisitionNumber", acquisition.ToString(CultureInfo.InvariantCulture)), ("AcquisitionDate", study.Date), ("AcquisitionTime", study.Time),
            ("ContentDate", study.Date), ("ContentTime", study.Time), ("ImageComments", DemoPatient.Disclaimer),
            ("BurnedInAnnotation", "NO"), ("LossyImageCompression", "00"));

    /// <summary>Image Pixel, one grey sample a pixel, but for the pixels. PS3.3 §C.7.6.3</summary>
    public static DicomDataset PutMatrix(this DicomDataset dataset, int rows, int columns, int bitsStored, bool isSigned = false) => dataset.Put(
        ("SamplesPerPixel", "1"), ("PhotometricInterpretation", "MONOCHROME2"), ("Rows", Text(rows)), ("Columns", Text(columns)),
        ("BitsAllocated", bitsStored > 8 ? "16" : "8"), ("BitsStored", Text(bitsStored)), ("HighBit", Text(bitsStored - 1)), ("PixelRepresentation", isSigned ? "1" : "0"));

    /// <summary>Words as Pixel Data has them, low byte first. PS3.5 §8.1.1</summary>
    public static byte[] Words(ReadOnlySpan<ushort> pixels)
    {
        var bytes = new byte[pixels.Length * 2];
        for (var i = 0; i < pixels.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), pixels[i]);
        }
        return bytes;
    }

    /// <summary>Numbers as DICOM writes them, separated by backslashes. PS3.5 §6.2, DS</summary>
    public static string Text(params ReadOnlySpan<double> numbers)
    {
        var texts = new List<string>();
        foreach (var number in numbers)
        {
            texts.Add(number.ToString("G10", CultureInfo.InvariantCulture));
        }
        return string.Join('\\', texts);
    }
}
