using System.Globalization;
using System.Runtime.InteropServices;
using Fhir.Server.Dicom;
using static Fhir.Server.Hosting.Demo.DemoAttributes;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The slices of <see cref="HeadScan"/> as CT images. PS3.3 §A.3, §C.8.2.1</summary>
internal static class HeadStudy
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.2";

    public static readonly DemoStudy Study = new("phr-imaging/demo/ada/head", "CT", "20260112", "093000")
    {
        Id = "DEMO-CT-1", AccessionNumber = "DEMO0001", Description = "CT head (SYNTHETIC)", Protocol = "Head without contrast",
        BodyPart = "HEAD", PatientAge = "053Y",
    };

    /// <summary>From the neck to the vertex.</summary>
    public static IEnumerable<DemoInstance> Instances(DemoPatient patient) => Enumerable.Range(0, HeadScan.Slices).Select(slice => new DemoInstance(
        Study.InstanceUid(2, slice + 1), string.Create(CultureInfo.InvariantCulture, $"CT{slice + 1:D3}.dcm"), () => Header(patient, slice),
        () => Words(MemoryMarshal.Cast<short, ushort>(HeadScan.Slice(slice)))));

    private static DicomDataset Header(DemoPatient patient, int slice)
    {
        var origin = HeadScan.Origin(slice);
        return Series(patient, Study, 2, "Head axial 2 mm (SYNTHETIC)")
            .PutImage(Study, SopClass, Study.InstanceUid(2, slice + 1), slice + 1, @"ORIGINAL\PRIMARY\AXIAL")
            .PutCode("AnatomicRegionSequence", "69536005", "Head")
            .Put(
                ("PatientPosition", "HFS"), ("FrameOfReferenceUID", DicomUid.FromSeed(Study.Seed + "/frame")), ("PositionReferenceIndicator", "OM"),
                ("ImageOrientationPatient", @"1\0\0\0\1\0"), ("ImagePositionPatient", Text(origin.X, origin.Y, origin.Z)),
                ("PixelSpacing", Text(HeadScan.Spacing, HeadScan.Spacing)), ("SliceThickness", Text(HeadScan.SliceSpacing)),
                ("SpacingBetweenSlices", Text(HeadScan.SliceSpacing)), ("SliceLocation", Text(origin.Z)))
            .Put(
                ("KVP", "120"), ("DataCollectionDiameter", "250"), ("ReconstructionDiameter", Text(HeadScan.Size * HeadScan.Spacing)),
                ("DistanceSourceToDetector", "1040"), ("DistanceSourceToPatient", "570"), ("GantryDetectorTilt", "0"), ("TableHeight", "150"),
                ("RotationDirection", "CW"), ("ExposureTime", "1000"), ("XRayTubeCurrent", "250"), ("Exposure", "250"), ("FilterType", "NONE"),
                ("GeneratorPower", "30"), ("FocalSpots", "1.2"), ("ConvolutionKernel", "SYNTHETIC"), ("RescaleIntercept", Text(HeadScan.Intercept)),
                ("RescaleSlope", "1"), ("RescaleType", "HU"), ("WindowCenter", @"40\600"), ("WindowWidth", @"80\2800"),
                ("WindowCenterWidthExplanation", @"BRAIN\BONE"))
            .PutMatrix(HeadScan.Size, HeadScan.Size, 16, isSigned: true);
    }
}
