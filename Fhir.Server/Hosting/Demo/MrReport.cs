using Fhir.Server.Dicom;
using static Fhir.Server.Hosting.Demo.DemoAttributes;

namespace Fhir.Server.Hosting.Demo;

/// <summary>A radiologist's short report on <see cref="MrStudy"/>. PS3.3 §A.35.1 (Basic Text SR), PS3.16 TID 2000</summary>
internal static class MrReport
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.88.11";

    private const int Series = 9;
    private const string Title = "Diagnostic imaging report (SYNTHETIC)";

    /// <summary>The report, a series of its own in the study.</summary>
    public static DemoInstance Instance(DemoPatient patient) => new(MrStudy.Study.InstanceUid(Series, 1), "SR901.dcm", () => Report(patient));

    private static DicomDataset Report(DemoPatient patient)
    {
        var study = MrStudy.Study with { Modality = "SR", Time = "113000" };
        return DemoAttributes.Series(patient, study, Series, Title)
            .Put(
                ("StudyTime", MrStudy.Study.Time), ("SOPClassUID", SopClass), ("SOPInstanceUID", study.InstanceUid(Series, 1)), ("InstanceNumber", "1"),
                ("InstanceCreationDate", study.Date), ("InstanceCreationTime", study.Time), ("TimezoneOffsetFromUTC", "+0000"),
                ("ContentDate", study.Date), ("ContentTime", study.Time), ("CompletionFlag", "COMPLETE"), ("VerificationFlag", "VERIFIED"))
            .AddSequence(Tag("VerifyingObserverSequence"), new DicomDataset()
                .Put(
                    ("VerifyingOrganization", "PhrImaging Demo Clinic (synthetic)"), ("VerificationDateTime", study.Date + study.Time + "+0000"),
                    ("VerifyingObserverName", "Demo^Radiologist^^Dr."))
                .AddSequence(Tag("VerifyingObserverIdentificationCodeSequence")))
            .AddSequence(Tag("ReferencedPerformedProcedureStepSequence"))
            .AddSequence(Tag("PerformedProcedureCodeSequence"))
            .Put(("ValueType", "CONTAINER"), ("ContinuityOfContent", "SEPARATE"))
            .AddSequence(Tag("ConceptNameCodeSequence"), Code("18748-4", "LN", "Diagnostic imaging report"))
            .AddSequence(
                Tag("ContentSequence"),
                Item("HAS CONCEPT MOD", "CODE", Code("121049", "DCM", "Language of Content Item and Descendants"))
                    .AddSequence(Tag("ConceptCodeSequence"), Code("en", "RFC5646", "English")),
                Section(
                    Code("121070", "DCM", "Findings"), Code("121071", "DCM", "Finding"),
                    "Axial T1 and T2 weighted slices from the neck to the vertex. Grey and white matter are told apart, the ventricles are symmetric and not wide.",
                    "No mass, no bleeding, no shift of the midline."),
                Section(
                    Code("121072", "DCM", "Impressions"), Code("121073", "DCM", "Impression"),
                    "MR of the head without abnormality. SYNTHETIC: computed from a mathematical phantom, no real person."));
    }

    private static DicomDataset Section(DicomDataset heading, DicomDataset name, params ReadOnlySpan<string> texts)
    {
        var items = new List<DicomDataset>();
        foreach (var text in texts)
        {
            items.Add(Item("CONTAINS", "TEXT", name).Put(("TextValue", text)));
        }
        return Item("CONTAINS", "CONTAINER", heading).Put(("ContinuityOfContent", "SEPARATE")).AddSequence(Tag("ContentSequence"), [.. items]);
    }

    private static DicomDataset Item(string relationship, string type, DicomDataset name) => new DicomDataset()
        .Put(("RelationshipType", relationship), ("ValueType", type)).AddSequence(Tag("ConceptNameCodeSequence"), name);

    private static DicomDataset Code(string value, string scheme, string meaning) => new DicomDataset()
        .Put(("CodeValue", value), ("CodingSchemeDesignator", scheme), ("CodeMeaning", meaning));
}
