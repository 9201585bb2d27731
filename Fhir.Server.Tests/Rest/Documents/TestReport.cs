using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>Small documents made for a test: structured reports, key object notes, encapsulated files.</summary>
internal static class TestReport
{
    public const string BasicText = "1.2.840.10008.5.1.4.1.1.88.11";
    public const string Comprehensive = "1.2.840.10008.5.1.4.1.1.88.33";
    public const string KeyObjects = "1.2.840.10008.5.1.4.1.1.88.59";
    public const string Pdf = "1.2.840.10008.5.1.4.1.1.104.1";
    public const string Cda = "1.2.840.10008.5.1.4.1.1.104.2";
    public const string Stl = "1.2.840.10008.5.1.4.1.1.104.3";

    /// <summary>The bytes of the PDF of these tests: odd in number, and more than is loaded with a header.</summary>
    public static byte[] PdfBytes { get; } = [.. "%PDF-1.4\n"u8, .. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31)), .. "\n%%EOF\n"u8, 10];

    public static DicomTag Tag(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new ArgumentException(keyword);

    /// <summary>A report as a file to be sent.</summary>
    public static TestDicom Sr(string study, string series, string sop, Action<DicomDataset> content, string sopClass = Comprehensive) => new(study, series, sop)
    {
        Modality = "SR",
        Further = data =>
        {
            WithoutPixels(data);
            data.Add(DicomTag.SOPClassUID, sopClass);
            data.Add(Tag("ContentDate"), "20260204");
            data.Add(Tag("ContentTime"), "101500");
            content(data);
        },
    };

    /// <summary>An encapsulated file.</summary>
    public static TestDicom Encapsulated(string study, string series, string sop, string sopClass, byte[] bytes, Action<DicomDataset>? further = null) => new(study, series, sop)
    {
        Modality = "DOC",
        Further = data =>
        {
            WithoutPixels(data);
            Encapsulate(data, sopClass, bytes);
            further?.Invoke(data);
        },
    };

    public static void Encapsulate(DicomDataset data, string sopClass, byte[] bytes)
    {
        data.Add(DicomTag.SOPClassUID, sopClass);
        data.Add(Tag("ContentDate"), "20260204");
        data.Add(Tag("DocumentTitle"), "A letter");
        data.Add(Tag("MIMETypeOfEncapsulatedDocument"), "text/html");
        data.AddBytes(Tag("EncapsulatedDocument"), DicomVr.OB, bytes);
        data.AddNumbers(Tag("EncapsulatedDocumentLength"), DicomVr.UL, bytes.Length);
    }

    /// <summary>TID 2000: findings and an impression, with a measurement.</summary>
    public static void Radiology(DicomDataset data)
    {
        data.Add(Tag("TimezoneOffsetFromUTC"), "+0100");
        Flags(data, "COMPLETE", "VERIFIED");
        data.AddSequence(Tag("VerifyingObserverSequence"), new DicomDataset()
            .Add(Tag("VerifyingOrganization"), "North Clinic").Add(Tag("VerificationDateTime"), "20260204113000").Add(Tag("VerifyingObserverName"), "Roe^Rita^^Dr."));
        Root(
            data, ("18748-4", "LN", "Diagnostic imaging report"),
            Item("HAS CONCEPT MOD", "CODE", ("121049", "DCM", "Language of Content Item and Descendants"), Value(("eng", "ISO639_2", "English"))),
            Item("HAS OBS CONTEXT", "PNAME", ("121008", "DCM", "Person Observer Name"), item => item.Add(Tag("PersonName"), "Poe^Paul")),
            Container(
                ("121070", "DCM", "Findings"),
                Text(("121071", "DCM", "Finding"), "The lungs are clear & bright.\r\n<script>alert(1)</script>"),
                Num(("410668003", "SCT", "Length"), "12.50", ("mm", "UCUM", "millimeter"))),
            Container(
                ("121072", "DCM", "Impressions"),
                Text(("121073", "DCM", "Impression"), "No sign of pneumonia."),
                Item("CONTAINS", "CODE", ("121073", "DCM", "Impression"), Value(("17621005", "SCT", "Normal")))));
    }

    /// <summary>TID 1500 with one tracked lesion.</summary>
    public static void Measurements(DicomDataset data)
    {
        Flags(data, "COMPLETE", "UNVERIFIED");
        Root(
            data, ("126000", "DCM", "Imaging Measurement Report"),
            Container(
                ("126010", "DCM", "Imaging Measurements"),
                Container(
                    ("125007", "DCM", "Measurement Group"),
                    Item("HAS OBS CONTEXT", "TEXT", ("112039", "DCM", "Tracking Identifier"), item => item.Add(Tag("TextValue"), "Lesion 1")),
                    Item("HAS OBS CONTEXT", "UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), item => item.Add(Tag("UID"), "2.25.77")),
                    Item("CONTAINS", "CODE", ("121071", "DCM", "Finding"), Value(("27925004", "SCT", "Nodule"))),
                    Item(
                        "HAS CONCEPT MOD", "CODE", ("G-C0E3", "SRT", "Finding Site"), Value(("39607008", "SCT", "Lung")),
                        Item("HAS CONCEPT MOD", "CODE", ("G-C171", "SRT", "Laterality"), Value(("G-A100", "SRT", "Right")))),
                    Item("HAS CONCEPT MOD", "CODE", ("370129005", "SCT", "Measurement Method"), Value(("126030", "DCM", "Sum of segmented voxel volumes"))),
                    Num(
                        ("118565006", "SCT", "Volume"), "1.25E2", ("mm3", "UCUM", "cubic millimeter"),
                        Item("HAS CONCEPT MOD", "CODE", ("121401", "DCM", "Derivation"), Value(("373098007", "SCT", "Mean")))),
                    Item("CONTAINS", "NUM", ("112031", "DCM", "Attenuation Coefficient"), item =>
                    {
                        item.AddSequence(Tag("MeasuredValueSequence"));
                        item.AddSequence(Tag("NumericValueQualifierCodeSequence"), Code(("114007", "DCM", "Measurement not attempted")));
                    }),
                    Item("CONTAINS", "CODE", ("112037", "DCM", "Margins"), Value(("112138", "DCM", "Smooth"))))));
    }

    public static void Flags(DicomDataset data, string completion, string verification)
    {
        data.Add(Tag("CompletionFlag"), completion);
        data.Add(Tag("VerificationFlag"), verification);
    }

    public static void Root(DicomDataset data, (string, string, string) title, params IReadOnlyList<DicomDataset> children)
    {
        data.Add(Tag("ValueType"), "CONTAINER");
        data.AddSequence(Tag("ConceptNameCodeSequence"), Code(title));
        data.AddSequence(Tag("ContentSequence"), children);
    }

    public static DicomDataset Container((string, string, string) name, params IReadOnlyList<DicomDataset> children) =>
        Item("CONTAINS", "CONTAINER", name, _ => { }, children);

    public static DicomDataset Text((string, string, string) name, string text) =>
        Item("CONTAINS", "TEXT", name, item => item.Add(Tag("TextValue"), text));

    public static DicomDataset Num((string, string, string) name, string number, (string, string, string) unit, params IReadOnlyList<DicomDataset> children) =>
        Item("CONTAINS", "NUM", name, item => item.AddSequence(
            Tag("MeasuredValueSequence"),
            new DicomDataset().Add(Tag("NumericValue"), number).AddSequence(Tag("MeasurementUnitsCodeSequence"), Code(unit))), children);

    public static DicomDataset Item(
        string relationship, string type, (string, string, string) name, Action<DicomDataset> value, params IReadOnlyList<DicomDataset> children)
    {
        var item = new DicomDataset().Add(Tag("RelationshipType"), relationship).Add(Tag("ValueType"), type).AddSequence(Tag("ConceptNameCodeSequence"), Code(name));
        value(item);
        return children.Count == 0 ? item : item.AddSequence(Tag("ContentSequence"), children);
    }

    public static Action<DicomDataset> Value((string, string, string) code) => item => item.AddSequence(Tag("ConceptCodeSequence"), Code(code));

    public static DicomDataset Code((string Value, string Scheme, string Meaning) code) => new DicomDataset()
        .Add(Tag("CodeValue"), code.Value).Add(Tag("CodingSchemeDesignator"), code.Scheme).Add(Tag("CodeMeaning"), code.Meaning);

    public static void WithoutPixels(DicomDataset data)
    {
        foreach (var keyword in new[] { "SamplesPerPixel", "PhotometricInterpretation", "NumberOfFrames", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData" })
        {
            data.Remove(Tag(keyword));
        }
    }
}
