using System.Globalization;
using Fhir.Server.Dicom;
using static Fhir.Server.Hosting.Demo.DemoAttributes;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The slices of <see cref="MrScan"/> as MR images, a series for each sequence. PS3.3 §A.4, §C.8.3.1</summary>
internal static class MrStudy
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.4";

    public static readonly DemoStudy Study = new("phr-imaging/demo/ada/head-mr", "MR", "20260119", "110000")
    {
        Id = "DEMO-MR-1", AccessionNumber = "DEMO0003", Description = "MR head (SYNTHETIC)", Protocol = "Head without contrast",
        BodyPart = "HEAD", PatientAge = "053Y",
    };

    /// <summary>From the neck to the vertex, first in one sequence, then in the other.</summary>
    public static IEnumerable<DemoInstance> Instances(DemoPatient patient) =>
        new[] { MrSequence.T1, MrSequence.T2 }.SelectMany(sequence => Instances(patient, sequence));

    private static IEnumerable<DemoInstance> Instances(DemoPatient patient, MrSequence sequence)
    {
        var scan = new MrScan(sequence);
        return Enumerable.Range(0, MrScan.Slices).Select(slice => new DemoInstance(
            Study.InstanceUid(sequence.Series, slice + 1), string.Create(CultureInfo.InvariantCulture, $"MR{sequence.Series}{slice + 1:D2}.dcm"),
            () => Header(patient, sequence, slice), () => Words(scan.Slice(slice))));
    }

    private static DicomDataset Header(DemoPatient patient, MrSequence sequence, int slice)
    {
        var origin = MrScan.Origin(slice);
        return Series(patient, Study, sequence.Series, sequence.Name + " axial 5 mm (SYNTHETIC)")
            .PutImage(Study, SopClass, Study.InstanceUid(sequence.Series, slice + 1), slice + 1, @"ORIGINAL\PRIMARY\OTHER", sequence.Series)
            .PutCode("AnatomicRegionSequence", "69536005", "Head")
            .Put(
                ("PatientPosition", "HFS"), ("FrameOfReferenceUID", DicomUid.FromSeed(Study.Seed + "/frame")), ("PositionReferenceIndicator", ""),
                ("ImageOrientationPatient", @"1\0\0\0\1\0"), ("ImagePositionPatient", Text(origin.X, origin.Y, origin.Z)),
                ("PixelSpacing", Text(MrScan.Spacing, MrScan.Spacing)), ("SliceThickness", Text(MrScan.Thickness)),
                ("SpacingBetweenSlices", Text(MrScan.SliceSpacing)), ("SliceLocation", Text(origin.Z)))
            .PutSequence(sequence)
            .Put(("WindowCenter", Text(sequence.Window.Center)), ("WindowWidth", Text(sequence.Window.Width)), ("WindowCenterWidthExplanation", "BRAIN"))
            .PutMatrix(MrScan.Size, MrScan.Size, MrScan.BitsStored);
    }

    /// <summary>How the signal was made and gathered. PS3.3 §C.8.3.1</summary>
    private static DicomDataset PutSequence(this DicomDataset dataset, MrSequence sequence) => dataset.Put(
        ("ScanningSequence", "SE"), ("SequenceVariant", sequence.EchoTrainLength > 1 ? "SK" : "NONE"), ("ScanOptions", "SP"), ("MRAcquisitionType", "2D"),
        ("SequenceName", sequence.Name), ("AngioFlag", "N"), ("RepetitionTime", Text(sequence.RepetitionTime)), ("EchoTime", Text(sequence.EchoTime)),
        ("EchoTrainLength", Text(sequence.EchoTrainLength)), ("EchoNumbers", "1"), ("NumberOfAverages", "1"), ("FlipAngle", "90"), ("VariableFlipAngleFlag", "N"),
        ("MagneticFieldStrength", "1.5"), ("ImagingFrequency", "63.87"), ("ImagedNucleus", "1H"), ("PixelBandwidth", "130"),
        ("AcquisitionMatrix", Text(MrScan.Size, 0, 0, MrScan.Size)), ("InPlanePhaseEncodingDirection", "ROW"),
        ("NumberOfPhaseEncodingSteps", Text(MrScan.Size)), ("PercentSampling", "100"), ("PercentPhaseFieldOfView", "100"),
        ("ReconstructionDiameter", Text(MrScan.Size * MrScan.Spacing)), ("TransmitCoilName", "BODY"), ("ReceiveCoilName", "HEAD"));
}
