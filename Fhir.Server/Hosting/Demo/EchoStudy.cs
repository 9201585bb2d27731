using Fhir.Server.Dicom;
using static Fhir.Server.Hosting.Demo.DemoAttributes;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The film of <see cref="EchoScan"/> as an ultrasound image of many frames. PS3.3 §A.7, §C.7.6.5, §C.7.6.6, §C.8.5</summary>
internal static class EchoStudy
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.3.1";

    private const double BeatSeconds = EchoScan.Frames * EchoScan.FrameTime / 1000.0;

    public static readonly DemoStudy Study = new("phr-imaging/demo/bruno/heart", "US", "20260210", "100500")
    {
        Id = "DEMO-US-1", AccessionNumber = "DEMO0004", Description = "Echocardiogram (SYNTHETIC)", Protocol = "Transthoracic",
        BodyPart = "HEART", PatientAge = "060Y",
    };

    /// <summary>One film of one beat.</summary>
    public static IEnumerable<DemoInstance> Instances(DemoPatient patient) =>
        [new DemoInstance(Study.InstanceUid(1, 1), "US001.dcm", () => Header(patient), EchoScan.Film)];

    private static DicomDataset Header(DemoPatient patient) => Series(patient, Study, 1, "Apical four chambers (SYNTHETIC)")
        .PutImage(Study, SopClass, Study.InstanceUid(1, 1), 1, @"ORIGINAL\PRIMARY\TTE\0001")
        .PutCode("AnatomicRegionSequence", "80891009", "Heart")
        .Put(("PatientOrientation", ""))
        .PutCine()
        .PutTransducer()
        .Put(("WindowCenter", "128"), ("WindowWidth", "256"), ("WindowCenterWidthExplanation", "AS SCANNED"))
        .PutMatrix(EchoScan.Rows, EchoScan.Columns, 8);

    /// <summary>How to play it: as fast as it was, over and over. PS3.3 §C.7.6.5, §C.7.6.6</summary>
    private static DicomDataset PutCine(this DicomDataset dataset) => dataset
        .Put(
            ("NumberOfFrames", Text(EchoScan.Frames)), ("FrameTime", Text(EchoScan.FrameTime)), ("CineRate", Text(1000 / EchoScan.FrameTime)),
            ("RecommendedDisplayFrameRate", Text(1000 / EchoScan.FrameTime)), ("PreferredPlaybackSequencing", "0"), ("StartTrim", "1"),
            ("StopTrim", Text(EchoScan.Frames)), ("FrameDelay", "0"), ("ActualFrameDuration", Text(EchoScan.FrameTime)),
            ("EffectiveDuration", Text(BeatSeconds)), ("HeartRate", Text(60 / BeatSeconds)))
        .AddTags(Tag("FrameIncrementPointer"), Tag("FrameTime"));

    /// <summary>What listened, and what a pixel is in cm. PS3.3 §C.8.5.6, §C.8.5.5</summary>
    private static DicomDataset PutTransducer(this DicomDataset dataset) => dataset
        .Put(
            ("UltrasoundColorDataPresent", "0"), ("TransducerType", "SECTOR_PHASED"), ("TransducerData", "SYNTHETIC"), ("DepthOfScanField", Text(EchoScan.Depth)),
            ("MechanicalIndex", "1.0"), ("SoftTissueThermalIndex", "0.6"))
        .AddSequence(Tag("SequenceOfUltrasoundRegions"), Region());

    /// <summary>Tissue in two dimensions; the place of reference is the transducer. PS3.3 §C.8.5.5</summary>
    private static DicomDataset Region()
    {
        var half = Math.Ceiling(EchoScan.Reach * EchoScan.Depth / EchoScan.Spacing);
        return new DicomDataset().Put(
            ("RegionSpatialFormat", "1"), ("RegionDataType", "1"), ("RegionFlags", "2"),
            ("RegionLocationMinX0", Text(EchoScan.ApexColumn - half)), ("RegionLocationMinY0", Text(EchoScan.ApexRow)),
            ("RegionLocationMaxX1", Text(EchoScan.ApexColumn + half)), ("RegionLocationMaxY1", Text(EchoScan.Rows - 1)),
            ("ReferencePixelX0", Text(half)), ("ReferencePixelY0", "0"), ("ReferencePixelPhysicalValueX", "0"), ("ReferencePixelPhysicalValueY", "0"),
            ("PhysicalUnitsXDirection", "3"), ("PhysicalUnitsYDirection", "3"),
            ("PhysicalDeltaX", Text(EchoScan.Spacing / 10)), ("PhysicalDeltaY", Text(EchoScan.Spacing / 10)), ("TransducerFrequency", "2500"));
    }
}
