using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A DICOM instance of which only what the index keeps is real; its file is its own JSON.</summary>
internal sealed record TestInstance(string Study, string Series, string Sop)
{
    public string? Modality { get; init; } = "CT";

    public int? Number { get; init; } = 1;

    public string PatientId { get; init; } = "4711";

    public string PatientName { get; init; } = "Doe^Jane";

    public string? StudyDate { get; init; } = "20240102";

    public string? SeriesDate { get; init; }

    public string? AccessionNumber { get; init; }

    public int? SeriesNumber { get; init; }

    public string? StudyDescription { get; init; }

    /// <summary>What tells two data sets under one UID apart.</summary>
    public string Pixels { get; init; } = "";

    [JsonIgnore]
    public byte[] File => JsonSerializer.SerializeToUtf8Bytes(this);

    [JsonIgnore]
    public byte[] Hash => SHA256.HashData(File);

    public InstanceDescription Describe() => new()
    {
        StudyInstanceUid = Study,
        SeriesInstanceUid = Series,
        SopInstanceUid = Sop,
        SopClassUid = "1.2.840.10008.5.1.4.1.1.2",
        TransferSyntaxUid = "1.2.840.10008.1.2.1",
        Modality = Modality,
        InstanceNumber = Number,
        Rows = 512,
        Columns = 256,
        Frames = 3,
        PixelOffset = 7,
        PixelLength = 5,
        FrameTable = new byte[] { 1, 2, 3 },
        StudyAttributes = Attributes("0020000D", Study),
        SeriesAttributes = Attributes("0020000E", Series),
        InstanceAttributes = Attributes("00080018", Sop),
        Metadata = Encoding.UTF8.GetBytes($"metadata of {Sop} {Pixels}"),
        Keys = new MatchingKeys
        {
            PatientId = PatientId,
            PatientName = PatientName,
            StudyDate = StudyDate,
            SeriesDate = SeriesDate,
            AccessionNumber = AccessionNumber,
            SeriesNumber = SeriesNumber,
            StudyDescription = StudyDescription,
        },
    };

    private static byte[] Attributes(string tag, string uid) =>
        Encoding.UTF8.GetBytes($$$"""{"{{{tag}}}":{"vr":"UI","Value":["{{{uid}}}"]}}""");
}

/// <summary>Those who give instances in tests.</summary>
internal static class Givers
{
    public static Contributor Person { get; } = new(null, "portal", "anna", "disc", Trust.Person);

    public static Contributor OtherPerson { get; } = new(null, "portal", "ben", "disc", Trust.Person);

    public static Contributor Site { get; } = new("Organization/north", "pacs", null, "stow", Trust.Site);

    public static Contributor OtherSite { get; } = new("Organization/south", "pacs", null, "stow", Trust.Site);

    public static Contributor Owner { get; } = new("Organization/issuer", "pacs", null, "stow", Trust.IssuerOwner);

    public static IReadOnlyList<Contributor> All { get; } = [Person, OtherPerson, Site, OtherSite, Owner];
}
