using Fhir.Server.Dicom;
using static Fhir.Server.Hosting.Demo.DemoAttributes;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The views of <see cref="ChestExposure"/> as digital x-ray images for presentation. PS3.3 §A.26, §C.8.11</summary>
internal static class ChestStudy
{
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.1.1";

    public static readonly DemoStudy Study = new("phr-imaging/demo/bruno/chest", "DX", "20260203", "141500")
    {
        Id = "DEMO-DX-1", AccessionNumber = "DEMO0002", Description = "Chest 2 views (SYNTHETIC)", Protocol = "Chest PA and lateral",
        BodyPart = "CHEST", PatientAge = "060Y",
    };

    /// <summary>Postero-anterior and left lateral, a series each.</summary>
    public static IEnumerable<DemoInstance> Instances(DemoPatient patient) =>
    [
        new DemoInstance(Study.InstanceUid(1, 1), "DX001.dcm", () => Header(patient, ChestView.Frontal), () => Words(ChestExposure.Take(ChestView.Frontal))),
        new DemoInstance(Study.InstanceUid(2, 1), "DX002.dcm", () => Header(patient, ChestView.Lateral), () => Words(ChestExposure.Take(ChestView.Lateral))),
    ];

    private static DicomDataset Header(DemoPatient patient, ChestView view)
    {
        var frontal = view == ChestView.Frontal;
        var series = frontal ? 1 : 2;
        var dataset = Series(patient, Study, series, frontal ? "Chest PA (SYNTHETIC)" : "Chest lateral (SYNTHETIC)")
            .PutImage(Study, SopClass, Study.InstanceUid(series, 1), 1, @"ORIGINAL\PRIMARY\", series)
            .Put(("PresentationIntentType", "FOR PRESENTATION"), ("ImageLaterality", "U"), ("PatientOrientation", frontal ? @"L\F" : @"P\F"))
            .PutCode("AnatomicRegionSequence", "51185008", "Thorax");
        PutDetector(dataset);
        PutPositioning(dataset, frontal);
        return dataset
            .Put(
                ("PixelIntensityRelationship", "LOG"), ("PixelIntensityRelationshipSign", "1"), ("RescaleIntercept", "0"), ("RescaleSlope", "1"),
                ("RescaleType", "US"), ("PresentationLUTShape", "IDENTITY"), ("WindowCenter", "1900"), ("WindowWidth", "3400"),
                ("WindowCenterWidthExplanation", "CHEST"))
            .PutMatrix(Radiograph.Rows, Radiograph.Columns, Radiograph.BitsStored);
    }

    /// <summary>PS3.3 §C.8.11.4, §C.8.7.10 and §C.7.6.14</summary>
    private static void PutDetector(DicomDataset dataset) => dataset
        .Put(
            ("DetectorType", "SCINTILLATOR"), ("DetectorConfiguration", "AREA"), ("DetectorID", "SYNTHETIC"), ("DetectorActiveShape", "RECTANGLE"),
            ("ImagerPixelSpacing", Text(Radiograph.Spacing, Radiograph.Spacing)), ("KVP", "120"), ("ExposureTime", "10"), ("XRayTubeCurrent", "200"),
            ("Exposure", "2"), ("Grid", "FIXED"))
        .PutCode("AcquisitionContextSequence");

    /// <summary>PS3.3 §C.8.11.5</summary>
    private static void PutPositioning(DicomDataset dataset, bool frontal) => dataset
        .Put(
            ("ViewPosition", frontal ? "PA" : "LL"), ("DistanceSourceToDetector", "1800"), ("PositionerType", "NONE"))
        .PutCode("ViewCodeSequence", frontal ? "399348003" : "399173006", frontal ? "postero-anterior" : "left lateral")
        .PutCode("PatientOrientationCodeSequence", "10904000", "erect");
}
