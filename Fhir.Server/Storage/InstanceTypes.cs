using System.Text.Json.Serialization;

namespace Fhir.Server.Storage;

/// <summary>How an instance came in.</summary>
public enum InstanceSource
{
    /// <summary>STOW-RS.</summary>
    Stow,

    /// <summary>The import command or a disc.</summary>
    Import,

    /// <summary>Fetched from another server.</summary>
    Pull,
}

/// <summary>How far a contributor is trusted when two say different things under one SOP Instance UID; a higher one wins.</summary>
public enum Trust
{
    /// <summary>The patient, a proxy, or the command line.</summary>
    Person = 1,

    /// <summary>A site.</summary>
    Site = 2,

    /// <summary>The site that owns the issuer of the patient identifier.</summary>
    IssuerOwner = 3,
}

/// <summary>Who gave an instance.</summary>
/// <param name="Organization">The Organization, when the client stands for one.</param>
/// <param name="Client">The client.</param>
/// <param name="User">The user, when there is one.</param>
/// <param name="Medium">By what: <c>stow</c>, <c>command-line</c>, <c>disc</c>.</param>
/// <param name="Trust">How far it is trusted.</param>
public sealed record Contributor(string? Organization, string Client, string? User, string Medium, Trust Trust)
{
    /// <summary>The namespace in which a site means the PatientID of what it gave; null for whoever has none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Equal for two contributions of the same contributor.</summary>
    public string Key => string.Join('|', Organization, Client, User, Medium);
}

/// <summary>What a DICOM file says of itself, read once when it comes in, and again only when derived data are rebuilt.</summary>
public sealed record InstanceDescription
{
    /// <summary>Study Instance UID (0020,000D).</summary>
    public required string StudyInstanceUid { get; init; }

    /// <summary>Series Instance UID (0020,000E).</summary>
    public required string SeriesInstanceUid { get; init; }

    /// <summary>SOP Instance UID (0008,0018).</summary>
    public required string SopInstanceUid { get; init; }

    /// <summary>SOP Class UID (0008,0016).</summary>
    public required string SopClassUid { get; init; }

    /// <summary>Transfer Syntax UID (0002,0010) of the stored bytes.</summary>
    public required string TransferSyntaxUid { get; init; }

    /// <summary>Modality (0008,0060); null when absent.</summary>
    public string? Modality { get; init; }

    /// <summary>Instance Number (0020,0013).</summary>
    public int? InstanceNumber { get; init; }

    /// <summary>Rows (0028,0010).</summary>
    public int Rows { get; init; }

    /// <summary>Columns (0028,0011).</summary>
    public int Columns { get; init; }

    /// <summary>Number of Frames (0028,0008); 1 when absent and there are pixels, 0 without pixels.</summary>
    public int Frames { get; init; }

    /// <summary>Byte offset of the value of Pixel Data in the file; 0 without.</summary>
    public long PixelOffset { get; init; }

    /// <summary>Its length in bytes.</summary>
    public long PixelLength { get; init; }

    /// <summary>Byte ranges of the frames, in the form <c>Dicom.FrameTable</c> writes; empty when they cannot be told.</summary>
    public ReadOnlyMemory<byte> FrameTable { get; init; }

    /// <summary>Patient and study attributes as a DICOM JSON object (PS3.18 §F.2), UTF-8.</summary>
    public required ReadOnlyMemory<byte> StudyAttributes { get; init; }

    /// <summary>Series attributes as a DICOM JSON object.</summary>
    public required ReadOnlyMemory<byte> SeriesAttributes { get; init; }

    /// <summary>Instance attributes as a DICOM JSON object.</summary>
    public required ReadOnlyMemory<byte> InstanceAttributes { get; init; }

    /// <summary>The whole data set as DICOM JSON, as deflated pieces between which the base address goes.</summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>The values QIDO matches on, by attribute.</summary>
    public required MatchingKeys Keys { get; init; }

    /// <summary>What the document says, for an instance that is one; null for any other.</summary>
    public ReportContent? Report { get; init; }
}

/// <summary>What an instance that is a document says.</summary>
/// <param name="Bytes">In a form only the projection reads.</param>
/// <param name="Resources">How many resources it becomes.</param>
/// <param name="Length">How many bytes of JSON they are.</param>
public sealed record ReportContent(ReadOnlyMemory<byte> Bytes, int Resources, int Length);

/// <summary>The values of the main QIDO keys (PS3.18 §10.6.1.2), as in the file, decoded; dates YYYYMMDD, times HHMMSS.FFFFFF.</summary>
public sealed record MatchingKeys
{
    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    public string? PatientBirthDate { get; init; }

    public string? PatientSex { get; init; }

    public string? StudyDate { get; init; }

    public string? StudyTime { get; init; }

    public string? AccessionNumber { get; init; }

    public string? StudyId { get; init; }

    public string? StudyDescription { get; init; }

    public string? ReferringPhysicianName { get; init; }

    public int? SeriesNumber { get; init; }

    public string? SeriesDescription { get; init; }

    public string? SeriesDate { get; init; }

    public string? SeriesTime { get; init; }

    public string? BodyPartExamined { get; init; }

    public string? Laterality { get; init; }

    /// <summary>Timezone Offset From UTC (0008,0201), as <c>+0100</c>.</summary>
    public string? TimezoneOffset { get; init; }

    /// <summary>
    /// What the issuer of the PatientID may be called, the most exact first; empty when the file names none. Asked once, when the instance comes.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<string> PatientIssuers { get; init; } = [];

    /// <summary>Issuer of the accession number, as a URI or local text; null when absent.</summary>
    public string? AccessionIssuer { get; init; }
}

/// <summary>An instance to be added by a commit.</summary>
/// <param name="Description">What the file says.</param>
/// <param name="Blob">Its bytes, durable already.</param>
/// <param name="Length">Their number.</param>
/// <param name="DataSetHash">SHA-256 of the data set (file meta and preamble aside).</param>
/// <param name="Contributor">Who gave it.</param>
/// <param name="Source">How.</param>
public sealed record NewInstance(
    InstanceDescription Description, BlobName Blob, long Length, ReadOnlyMemory<byte> DataSetHash, Contributor Contributor, InstanceSource Source);

/// <summary>A study as QIDO shows it.</summary>
/// <param name="Record">The record it lives in.</param>
/// <param name="StudyInstanceUid">Study Instance UID.</param>
/// <param name="Attributes">Patient and study attributes, DICOM JSON object: those of the oldest instance the caller may see.</param>
/// <param name="Modalities">Modalities of the series the caller may see, sorted.</param>
/// <param name="NumberOfSeries">Of the series the caller may see.</param>
/// <param name="NumberOfInstances">Of the series the caller may see.</param>
/// <param name="Sight">Whole, or part when some series are hidden.</param>
/// <param name="Position">Where it stands in the order of results, for paging.</param>
public sealed record StudyRow(
    RecordId Record, string StudyInstanceUid, ReadOnlyMemory<byte> Attributes, IReadOnlyList<string> Modalities,
    int NumberOfSeries, int NumberOfInstances, Sight Sight, long Position)
{
    /// <summary>See <see cref="InstanceQuery.WithMetadata"/>; null when not asked for.</summary>
    public MetadataPlace? Metadata { get; init; }
}

/// <summary>Where the metadata pieces of an instance (<see cref="InstanceDescription.Metadata"/>) lie, to be read when their turn comes.</summary>
/// <param name="Instance">The instance's <see cref="InstanceRow.Id"/>.</param>
/// <param name="Blob">Its bytes: another blob, another instance.</param>
public readonly record struct MetadataPlace(long Instance, BlobName Blob);

/// <summary>A series as QIDO shows it.</summary>
public sealed record SeriesRow(
    RecordId Record, string StudyInstanceUid, string SeriesInstanceUid, string? Modality, ReadOnlyMemory<byte> StudyAttributes,
    ReadOnlyMemory<byte> Attributes, int NumberOfInstances)
{
    /// <summary>See <see cref="InstanceQuery.WithMetadata"/>; null when not asked for.</summary>
    public MetadataPlace? Metadata { get; init; }
}

/// <summary>A served instance: what WADO and QIDO need.</summary>
public sealed record InstanceRow
{
    public required long Id { get; init; }

    public required RecordId Record { get; init; }

    public required string StudyInstanceUid { get; init; }

    public required string SeriesInstanceUid { get; init; }

    public required string SopInstanceUid { get; init; }

    public required string SopClassUid { get; init; }

    public required string TransferSyntaxUid { get; init; }

    public required string? Modality { get; init; }

    public required int? InstanceNumber { get; init; }

    public required int Rows { get; init; }

    public required int Columns { get; init; }

    public required int Frames { get; init; }

    public required BlobName Blob { get; init; }

    public required long Length { get; init; }

    public required long PixelOffset { get; init; }

    public required long PixelLength { get; init; }

    public required ReadOnlyMemory<byte> DataSetHash { get; init; }

    public required ReadOnlyMemory<byte> Attributes { get; init; }

    public required ReadOnlyMemory<byte> SeriesAttributes { get; init; }

    public required ReadOnlyMemory<byte> StudyAttributes { get; init; }

    /// <summary>Where its metadata pieces lie.</summary>
    public MetadataPlace Metadata => new(Id, Blob);

    public required DateTimeOffset Received { get; init; }

    /// <summary>A strong ETag (without quotes) of the stored bytes.</summary>
    public string ContentTag => Convert.ToHexStringLower(DataSetHash.Span[..16]);
}

/// <summary>One contribution of an instance, served or superseded, for history and Provenance.</summary>
public sealed record ContributionRow(
    string SopInstanceUid, Contributor Contributor, InstanceSource Source, DateTimeOffset Received, bool IsServed, ReadOnlyMemory<byte> DataSetHash);

/// <summary>How a QIDO key is to be matched (PS3.4 §C.2.2.2).</summary>
public enum MatchKind
{
    /// <summary>One of a list of values, exactly.</summary>
    AnyOf,

    /// <summary>With * and ?, without regard to case for names.</summary>
    Wildcard,

    /// <summary>Between two values of a date, time or number, both included; either may be empty.</summary>
    Range,

    /// <summary>Without a value, or absent: asked by two quotation marks. PS3.4 §C.2.2.2.7</summary>
    Empty,

    /// <summary>Names alone: each word asked begins a word of the name, in any order. What <c>fuzzymatching=true</c> does.</summary>
    Words,

    /// <summary>A date together with its time: date from, date to, time from, time to; empty ones are open.</summary>
    Moment,
}

/// <summary>A QIDO key with what it must match.</summary>
/// <param name="Keyword">The attribute's keyword (PS3.6), or keywords with dots between, one of those <see cref="QueryAttributes"/> lists.</param>
/// <param name="Kind">How to match.</param>
/// <param name="Values">The values; for a range lower and upper end, an empty one being open.</param>
public sealed record AttributeMatch(string Keyword, MatchKind Kind, IReadOnlyList<string> Values);

/// <summary>A QIDO query over studies, series or instances.</summary>
/// <param name="Record">Within this record; null for all the caller may see.</param>
/// <param name="StudyInstanceUid">Within this study.</param>
/// <param name="SeriesInstanceUid">Within this series.</param>
/// <param name="Matches">All of these must match.</param>
/// <param name="Offset">Results to leave out at the beginning.</param>
/// <param name="Limit">Results at most.</param>
/// <param name="WithAttributes">Instances come with their DICOM JSON; retrieving them needs none.</param>
public sealed record InstanceQuery(
    RecordId? Record, string? StudyInstanceUid, string? SeriesInstanceUid, IReadOnlyList<AttributeMatch> Matches, int Offset, int Limit,
    bool WithAttributes = true)
{
    /// <summary>
    /// Studies and series come with the place of an instance's metadata pieces: the first that may be seen, in the order of series and
    /// instance number.
    /// </summary>
    public bool WithMetadata { get; init; }

    /// <summary>How long the index may look, reading the rows included; null: as long as it takes.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Names one instance, of which at most one contribution is served.</summary>
    public bool IsOfOneInstance => Record is not null && StudyInstanceUid is not null
        && Matches.Any(match => match is { Keyword: "SOPInstanceUID", Kind: MatchKind.AnyOf, Values.Count: 1 });
}

/// <summary>Results of one level.</summary>
/// <param name="Rows">At most <see cref="InstanceQuery.Limit"/>.</param>
/// <param name="More">Whether there are more.</param>
/// <param name="GaveUp">Whether <see cref="InstanceQuery.Within"/> was over before there was an answer; there are no rows then.</param>
public sealed record IndexPage<T>(IReadOnlyList<T> Rows, bool More, bool GaveUp = false);

/// <summary>A served instance that is a document: a structured report, a key object note, an encapsulated file.</summary>
/// <param name="SeriesInstanceUid">Series Instance UID.</param>
/// <param name="Modality">Modality of the series; null when unknown.</param>
/// <param name="SopInstanceUid">SOP Instance UID.</param>
/// <param name="Hash">A hash of what it says.</param>
public sealed record InstanceReport(string SeriesInstanceUid, string? Modality, string SopInstanceUid, ReadOnlyMemory<byte> Hash);

/// <summary>What becomes of a document, before it is made.</summary>
/// <param name="Id">The id of its resources; Observations have their number behind it.</param>
/// <param name="Made">A hash of everything they are made of.</param>
public sealed record DocumentMark(string Id, ReadOnlyMemory<byte> Made);

/// <summary>The study with everything a derivation needs, read in one snapshot.</summary>
/// <param name="Record">The record.</param>
/// <param name="StudyInstanceUid">Study Instance UID.</param>
/// <param name="Keys">Patient and study level values, from the study's first instance.</param>
/// <param name="Series">Its series, by number and UID.</param>
/// <param name="NumberOfInstances">How many instances are served.</param>
public sealed record StudySnapshot(
    RecordId Record, string StudyInstanceUid, MatchingKeys Keys, IReadOnlyList<SeriesSnapshot> Series, int NumberOfInstances)
{
    /// <summary>The namespace in which the site that sent the study's first instance means its PatientID; asked of studies that wait unclaimed alone.</summary>
    public string? Namespace { get; init; }
}

/// <summary>A series within a <see cref="StudySnapshot"/>.</summary>
/// <param name="Instances">Listed up to 2,000 a study, beyond that only counted.</param>
public sealed record SeriesSnapshot(
    string SeriesInstanceUid, string? Modality, MatchingKeys Keys, int NumberOfInstances, IReadOnlyList<InstanceSnapshot> Instances);

/// <summary>An instance within a <see cref="SeriesSnapshot"/>.</summary>
public sealed record InstanceSnapshot(string SopInstanceUid, string SopClassUid, int? InstanceNumber, int Frames);
