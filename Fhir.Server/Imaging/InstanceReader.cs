using System.Text.Encodings.Web;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging;

/// <summary>Why a file cannot become an instance, with the STOW failure reason (PS3.18 Table I.2-2).</summary>
/// <param name="Problem">What a person is told.</param>
/// <param name="Reason">Failure Reason (0008,1197).</param>
/// <param name="SopClassUid">As far as it could be read.</param>
/// <param name="SopInstanceUid">As far as it could be read.</param>
public sealed record InstanceRefusal(Problem Problem, int Reason, string? SopClassUid = null, string? SopInstanceUid = null);

/// <summary>A file as it was read.</summary>
/// <param name="Description">What it says of itself; null when it was refused.</param>
/// <param name="Refusal">Why it was refused.</param>
/// <param name="Faults">Values that are not as the standard wants them, some dozens at most.</param>
/// <param name="DataSetOffset">Where its data set begins.</param>
internal sealed record InstanceReading(
    InstanceDescription? Description, InstanceRefusal? Refusal, IReadOnlyList<AttributeFault> Faults, long DataSetOffset);

/// <summary>Reads a DICOM file into what the index and QIDO, WADO and FHIR need to know of it.</summary>
public static class InstanceReader
{
    private const int MostFramesOfVideo = 1_000_000;

    /// <summary>Cannot understand (C000H): the file cannot be read.</summary>
    public const int CannotUnderstand = 0xC000;

    /// <summary>Data set does not match SOP class (A900H): an attribute that identifies the instance is missing or no UID.</summary>
    public const int DoesNotIdentify = 0xA900;

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly DicomTag LocalNamespaceEntityId = Tags("LocalNamespaceEntityID")[0];
    private static readonly DicomTag UniversalEntityId = Tags("UniversalEntityID")[0];
    private static readonly DicomTag UniversalEntityIdType = Tags("UniversalEntityIDType")[0];

    /// <summary>What the file says of itself, or why it cannot be an instance.</summary>
    /// <param name="file">A seekable stream of the whole file.</param>
    /// <param name="refusal">Why not; null on success.</param>
    public static InstanceDescription? Read(Stream file, out InstanceRefusal? refusal)
    {
        var read = Read(file, withFaults: false, CancellationToken.None);
        refusal = read.Refusal;
        return read.Description;
    }

    /// <summary>The same, with what is odd in it though it is kept, and where its data set begins.</summary>
    /// <param name="file">A seekable stream of the whole file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static InstanceReading Read(Stream file, CancellationToken cancellationToken) => Read(file, withFaults: true, cancellationToken);

    private static InstanceReading Read(Stream file, bool withFaults, CancellationToken cancellationToken)
    {
        if (!Part10Reader.Read(file, cancellationToken: cancellationToken).TryGet(out var dicom, out var problem))
        {
            return new(null, new(problem, problem.Kind == ProblemKind.Unavailable ? Intake.OutOfResources : CannotUnderstand), [], 0);
        }
        var (sopClass, sopInstance) = (Uid(dicom.SopClassUid), Uid(dicom.SopInstanceUid));
        var study = Uid(dicom.Dataset.GetString(DicomTag.StudyInstanceUID));
        var series = Uid(dicom.Dataset.GetString(DicomTag.SeriesInstanceUID));
        var missing = (sopClass, sopInstance, study, series) switch
        {
            (null, _, _, _) => "SOP Class UID (0008,0016)",
            (_, null, _, _) => "SOP Instance UID (0008,0018)",
            (_, _, null, _) => "Study Instance UID (0020,000D)",
            (_, _, _, null) => "Series Instance UID (0020,000E)",
            _ => null,
        };
        if (missing is not null)
        {
            return Refused(Problem.Unprocessable($"{missing} is missing or not a UID."), DoesNotIdentify);
        }
        // It stands in media types and names files; what is no UID could write headers there.
        if (Uid(dicom.TransferSyntax) is null)
        {
            return Refused(Problem.Unprocessable("Transfer Syntax UID (0002,0010) is not a UID."), CannotUnderstand);
        }
        var description = Describe(dicom, sopClass!, sopInstance!, study!, series!) with { Report = InstanceReports.Read(dicom, file) };
        return new(description, null, withFaults ? AttributeCheck.Check(dicom) : [], dicom.DataSetOffset);

        InstanceReading Refused(Problem why, int reason) => new(null, new(why, reason, sopClass, sopInstance), [], 0);
    }

    private static InstanceDescription Describe(DicomFile file, string sopClass, string sopInstance, string study, string series)
    {
        var data = file.Dataset;
        var pixels = file.PixelData;
        return new InstanceDescription
        {
            StudyInstanceUid = study,
            SeriesInstanceUid = series,
            SopInstanceUid = sopInstance,
            SopClassUid = sopClass,
            TransferSyntaxUid = file.TransferSyntax,
            Modality = Text(data, DicomTag.Modality),
            InstanceNumber = data.GetInt32(DicomTag.InstanceNumber),
            Rows = data.GetInt32(DicomTag.Rows) ?? 0,
            Columns = data.GetInt32(DicomTag.Columns) ?? 0,
            Frames = pixels is not null && VideoSyntaxes.Includes(file.TransferSyntax) ? FramesOfVideo(data) : FramesOf(pixels, data),
            PixelOffset = pixels?.Offset ?? 0,
            PixelLength = pixels?.Length ?? 0,
            FrameTable = pixels?.Frames?.ToBytes() ?? [],
            StudyAttributes = Chosen(data, QueryAttributes.StoredAt(QueryLevel.Study)),
            SeriesAttributes = Chosen(data, QueryAttributes.StoredAt(QueryLevel.Series)),
            InstanceAttributes = Chosen(data, QueryAttributes.StoredAt(QueryLevel.Instance)),
            Metadata = MetadataPieces.Of(DicomJson.Write(data).Pieces).ToBytes(),
            Keys = KeysOf(data),
        };
    }

    /// <summary>A video is one stream, of which only its header can tell the frames; they are never listed.</summary>
    private static int FramesOfVideo(DicomDataset data) => Math.Clamp(data.GetInt32(DicomTag.NumberOfFrames) ?? 1, 1, MostFramesOfVideo);

    /// <summary>Frames that can be had: of several that cannot be told apart, none.</summary>
    private static int FramesOf(PixelDataLocation? pixels, DicomDataset data) => pixels switch
    {
        null => 0,
        { Frames: { } frames } => frames.Count,
        _ => data.GetInt32(DicomTag.NumberOfFrames) is > 1 ? 0 : 1,
    };

    private static MatchingKeys KeysOf(DicomDataset data) => new()
    {
        PatientId = Text(data, DicomTag.PatientID),
        PatientIssuers = PatientIssuers.Of(data),
        PatientName = Text(data, DicomTag.PatientName),
        PatientBirthDate = Text(data, DicomTag.PatientBirthDate),
        PatientSex = Text(data, DicomTag.PatientSex),
        StudyDate = Text(data, DicomTag.StudyDate),
        StudyTime = Text(data, DicomTag.StudyTime),
        AccessionNumber = Text(data, DicomTag.AccessionNumber),
        StudyId = Text(data, DicomTag.StudyID),
        StudyDescription = Text(data, DicomTag.StudyDescription),
        ReferringPhysicianName = Text(data, DicomTag.ReferringPhysicianName),
        SeriesNumber = data.GetInt32(DicomTag.SeriesNumber),
        SeriesDescription = Text(data, DicomTag.SeriesDescription),
        SeriesDate = Text(data, DicomTag.SeriesDate),
        SeriesTime = Text(data, DicomTag.SeriesTime),
        BodyPartExamined = Text(data, DicomTag.BodyPartExamined),
        Laterality = Text(data, DicomTag.Laterality),
        TimezoneOffset = Text(data, DicomTag.TimezoneOffsetFromUTC),
        AccessionIssuer = IssuerOf(data),
    };

    /// <summary>The issuer of the accession number: an OID as a URI, else the local name. PS3.3 Table 10-17.</summary>
    private static string? IssuerOf(DicomDataset data)
    {
        if (data.Items(DicomTag.IssuerOfAccessionNumberSequence) is not [var issuer, ..])
        {
            return null;
        }
        var universal = Text(issuer, UniversalEntityId);
        return universal is null
            ? Text(issuer, LocalNamespaceEntityId)
            : Text(issuer, UniversalEntityIdType) == "ISO" ? "urn:oid:" + universal : universal;
    }

    private static byte[] Chosen(DicomDataset data, IReadOnlyList<DicomTag> tags)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, JsonOptions))
        {
            writer.WriteStartObject();
            DicomJson.WriteChosen(writer, data, tags);
            writer.WriteEndObject();
        }
        return json.ToArray();
    }

    private static string? Text(DicomDataset data, DicomTag tag) => data.GetString(tag)?.Trim() is { Length: > 0 } text ? text : null;

    private static string? Uid(string? uid) => uid is not null && DicomUid.IsValid(uid) ? uid : null;

    private static DicomTag[] Tags(params string[] keywords) =>
        [.. keywords.Select(keyword => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword))];
}
