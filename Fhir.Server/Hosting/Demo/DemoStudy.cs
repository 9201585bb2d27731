using Fhir.Server.Dicom;

namespace Fhir.Server.Hosting.Demo;

/// <summary>What distinguishes one demo study. PS3.3 §C.7.2.1</summary>
/// <param name="Seed">From which its identifiers are made.</param>
internal sealed record DemoStudy(string Seed, string Modality, string Date, string Time)
{
    public string Uid => DicomUid.FromSeed(Seed);

    public required string Id { get; init; }

    public required string AccessionNumber { get; init; }

    /// <summary>Says SYNTHETIC.</summary>
    public required string Description { get; init; }

    public required string Protocol { get; init; }

    public required string BodyPart { get; init; }

    public required string PatientAge { get; init; }

    /// <summary>The identifier of an instance.</summary>
    public string InstanceUid(int series, int number) => DicomUid.FromSeed($"{Seed}/{series}/{number}");
}
