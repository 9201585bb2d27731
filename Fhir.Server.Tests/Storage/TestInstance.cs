using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>A DICOM instance of which only what the index keeps is real; its file is its own JSON.</summary>
internal sealed record TestInstance(string Study, string Series, string Sop)
{
    private static readonly string[] Writings = ["Alphabetic", "Ideographic", "Phonetic"];

    public string? Modality { get; init; } = "CT";

    public int? Number { get; init; } = 1;

    public string PatientId { get; init; } = "4711";

    public string PatientName { get; init; } = "Doe^Jane";

    public string? StudyDate { get; init; } = "20240102";

    public string? SeriesDate { get; init; }

    public string? AccessionNumber { get; init; }

    public int? SeriesNumber { get; init; }

    public string? StudyDescription { get; init; }

    public string? StudyTime { get; init; }

    public string? SeriesDescription { get; init; }

    /// <summary>What it says when it is a document, and of how many resources.</summary>
    public string? Says { get; init; }

    /// <summary>How many resources it becomes then, by its own account.</summary>
    public int Becomes { get; init; } = 1;

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
        StudyAttributes = Attributes(
            ("00080020", "DA", StudyDate), ("00080030", "TM", StudyTime), ("00080050", "SH", AccessionNumber), ("00081030", "LO", StudyDescription),
            ("00100010", "PN", PatientName), ("00100020", "LO", PatientId), ("0020000D", "UI", Study)),
        SeriesAttributes = Attributes(
            ("00080021", "DA", SeriesDate), ("00080060", "CS", Modality), ("0008103E", "LO", SeriesDescription), ("0020000E", "UI", Series),
            ("00200011", "IS", SeriesNumber?.ToString(CultureInfo.InvariantCulture))),
        InstanceAttributes = Attributes(
            ("00080016", "UI", "1.2.840.10008.5.1.4.1.1.2"), ("00080018", "UI", Sop), ("00200013", "IS", Number?.ToString(CultureInfo.InvariantCulture))),
        Report = Says is null ? null : new ReportContent(Encoding.UTF8.GetBytes(Says), Becomes, Says.Length),
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
            StudyTime = StudyTime,
            SeriesDescription = SeriesDescription,
        },
    };

    private static byte[] Attributes(params (string Tag, string Vr, string? Value)[] attributes) => JsonSerializer.SerializeToUtf8Bytes(attributes
        .Where(one => one.Value is not null).ToDictionary(one => one.Tag, one => new Dictionary<string, object> { ["vr"] = one.Vr, ["Value"] = new[] { Written(one.Vr, one.Value!) } }));

    private static object Written(string vr, string value) => vr switch
    {
        "PN" => value.Split('=') is var groups ? Writings.Take(groups.Length).Select((name, i) => (name, groups[i])).Where(one => one.Item2.Length > 0).ToDictionary(one => one.name, one => one.Item2) : value,
        "IS" => int.Parse(value, CultureInfo.InvariantCulture),
        _ => value,
    };
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
