namespace Fhir.Server.Dicom;

/// <summary>
/// The keys of directory records. What must have a value and has none is made up, here and nowhere else: the files stay as they are.
/// PS3.3 §F.5.
/// </summary>
internal static class DirectoryKeys
{
    private const string NoDate = "19000101";
    private const string NoTime = "000000";

    private static readonly (DicomTag Tag, string Otherwise)[] Contents = [(DicomTag.ContentDate, NoDate), (DicomTag.ContentTime, NoTime)];
    private static readonly (DicomTag Tag, string Otherwise)[] Labelled = [.. Contents, (DicomTag.ContentLabel, "UNNAMED")];

    /// <summary>Keys with a value, in the order of tags after the instance number, for each kind of record.</summary>
    private static readonly Dictionary<string, (DicomTag Tag, string Otherwise)[]> Required = new()
    {
        ["SR DOCUMENT"] = [.. Contents, (DicomTag.CompletionFlag, "PARTIAL"), (DicomTag.VerificationFlag, "UNVERIFIED")],
        ["KEY OBJECT DOC"] = Contents,
        ["PRESENTATION"] = [(DicomTag.PresentationCreationDate, NoDate), (DicomTag.PresentationCreationTime, NoTime), (DicomTag.ContentLabel, "UNNAMED")],
        ["ENCAP DOC"] = [(DicomTag.MIMETypeOfEncapsulatedDocument, "application/octet-stream")],
        ["RT DOSE"] = [(DicomTag.DoseSummationType, "PLAN")],
        ["RT STRUCTURE SET"] = [(DicomTag.StructureSetLabel, "UNNAMED")],
        ["RT PLAN"] = [(DicomTag.RTPlanLabel, "UNNAMED")],
        ["WAVEFORM"] = Contents,
        ["RAW DATA"] = Contents,
        ["REGISTRATION"] = Labelled,
        ["FIDUCIAL"] = Labelled,
        ["VALUE MAP"] = Labelled,
        ["SPECTROSCOPY"] = [.. Contents, (DicomTag.ImageType, "ORIGINAL\\PRIMARY"), (DicomTag.NumberOfFrames, "1"), (DicomTag.Rows, ""), (DicomTag.Columns, "")],
        ["SURFACE"] = Labelled,
        ["TRACT"] = Labelled,
        ["SURFACE SCAN"] = Contents,
        ["STEREOMETRIC"] = Labelled,
        ["ASSESSMENT"] = [(DicomTag.InstanceCreationDate, NoDate), (DicomTag.InstanceCreationTime, "")],
        ["ANNOTATION"] = Labelled,
    };

    /// <summary>Keys that are there but may be empty, PS3.3 type 2.</summary>
    private static readonly Dictionary<string, DicomTag[]> MayBeEmpty = new()
    {
        ["PRESENTATION"] = [DicomTag.ContentDescription, DicomTag.ContentCreatorName],
        ["ENCAP DOC"] = [DicomTag.ContentDate, DicomTag.ContentTime, DicomTag.DocumentTitle],
        ["RT STRUCTURE SET"] = [DicomTag.StructureSetDate, DicomTag.StructureSetTime],
        ["RT PLAN"] = [DicomTag.RTPlanDate, DicomTag.RTPlanTime],
        ["RT TREAT RECORD"] = [DicomTag.TreatmentDate, DicomTag.TreatmentTime],
        ["REGISTRATION"] = [DicomTag.ContentDescription, DicomTag.ContentCreatorName],
        ["FIDUCIAL"] = [DicomTag.ContentDescription, DicomTag.ContentCreatorName],
        ["VALUE MAP"] = [DicomTag.ContentDescription, DicomTag.ContentCreatorName],
    };

    /// <summary>Keys that are copied when the instance has them, PS3.3 type 1C and 3.</summary>
    private static readonly DicomTag[] IfPresent = [DicomTag.VerificationDateTime, DicomTag.ReferencedSeriesSequence, DicomTag.HL7InstanceIdentifier];

    /// <summary>A patient without an ID gets one when all patients of the disc are known.</summary>
    public static void Patient(DicomDataset record, DicomDataset instance)
    {
        Copy(record, instance, DicomTag.PatientName, DicomVr.PN);
        Copy(record, instance, DicomTag.PatientID, DicomVr.LO);
    }

    public static void Study(DicomDataset record, DicomDataset instance, int number)
    {
        // The study's own date is better told by another of the instance than by none.
        var date = (ReadOnlySpan<DicomTag>)[DicomTag.StudyDate, DicomTag.SeriesDate, DicomTag.AcquisitionDate, DicomTag.ContentDate];
        Require(record, instance, DicomTag.StudyDate, First(instance, date) ?? NoDate);
        Require(record, instance, DicomTag.StudyTime, NoTime);
        Copy(record, instance, DicomTag.AccessionNumber, DicomVr.SH);
        Copy(record, instance, DicomTag.StudyDescription, DicomVr.LO);
        Require(record, instance, DicomTag.StudyInstanceUID, "");
        Require(record, instance, DicomTag.StudyID, Number(number));
    }

    public static void Series(DicomDataset record, DicomDataset instance, int number)
    {
        Require(record, instance, DicomTag.Modality, "OT");
        Require(record, instance, DicomTag.SeriesInstanceUID, "");
        Require(record, instance, DicomTag.SeriesNumber, Number(number));
    }

    public static void Leaf(DicomDataset record, DicomDataset instance, string type, int number)
    {
        if (type == "PRIVATE")
        {
            record.Add(DicomTag.PrivateRecordUID, DicomVr.UI, instance.GetString(DicomTag.SOPClassUID) ?? "");
        }

        Require(record, instance, DicomTag.InstanceNumber, Number(number));
        foreach (var (tag, otherwise) in Required.GetValueOrDefault(type, []))
        {
            Require(record, instance, tag, otherwise);
        }

        foreach (var tag in MayBeEmpty.GetValueOrDefault(type, []))
        {
            Copy(record, instance, tag, DicomDictionary.VrOf(tag));
        }

        foreach (var tag in IfPresent)
        {
            CopyElement(record, instance, tag);
        }

        if (type is "SR DOCUMENT" or "KEY OBJECT DOC" or "ENCAP DOC")
        {
            Title(record, instance, isRequired: type != "ENCAP DOC");
        }
    }

    private static void Title(DicomDataset record, DicomDataset instance, bool isRequired)
    {
        CopyElement(record, instance, DicomTag.ConceptNameCodeSequence);
        if (record.Find(DicomTag.ConceptNameCodeSequence) is { Items.Count: > 0 })
        {
            return;
        }

        record.AddSequence(DicomTag.ConceptNameCodeSequence, isRequired
            ? [new DicomDataset().Add(DicomTag.CodeValue, "UNKNOWN").Add(DicomTag.CodingSchemeDesignator, "99PHR").Add(DicomTag.CodeMeaning, "Document")]
            : []);
    }

    private static void Require(DicomDataset record, DicomDataset instance, DicomTag tag, string otherwise)
    {
        if (instance.Find(tag) is { IsEmpty: false, Value.Length: > 0 } found && instance.GetString(tag) is not null)
        {
            record.Add(found);
        }
        else if (otherwise.Length > 0)
        {
            record.Add(tag, otherwise);
        }
    }

    private static void Copy(DicomDataset record, DicomDataset instance, DicomTag tag, DicomVr vr) =>
        record.Add(instance.Find(tag) is { Value.Length: > 0 } found ? found : new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));

    /// <summary>Items go as copies, for a data set has one place only.</summary>
    private static void CopyElement(DicomDataset record, DicomDataset instance, DicomTag tag)
    {
        if (instance.Find(tag) is { } found)
        {
            record.Add(found.Items is { } items ? new DicomElement(tag, [.. items.Select(item => item.Copy())]) : found);
        }
    }

    private static string? First(DicomDataset instance, ReadOnlySpan<DicomTag> tags)
    {
        foreach (var tag in tags)
        {
            if (instance.GetString(tag) is { } value)
            {
                return value;
            }
        }

        return null;
    }

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
