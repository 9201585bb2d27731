using System.Buffers;
using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using static Fhir.Server.DicomWeb.QidoJson;

namespace Fhir.Server.DicomWeb;

/// <summary>A result as it is put together: what is stored of it by level, and what is counted and addressed.</summary>
/// <param name="Level">What it is.</param>
/// <param name="Record">The record it lives in.</param>
/// <param name="Stored">The stored attributes of each level from the study down to its own.</param>
/// <param name="Metadata">Where the metadata of its first instance lie, when more is asked than is stored.</param>
/// <param name="Added">Counts, addresses and the like, as DICOM JSON by tag; they go before what is stored.</param>
internal sealed record QidoRow(
    QueryLevel Level, RecordId Record, IReadOnlyList<(QueryLevel Level, ReadOnlyMemory<byte> Json)> Stored, MetadataPlace? Metadata,
    IReadOnlyList<(DicomTag Tag, string Json)> Added);

/// <summary>
/// Which attributes a search answers, and results as DICOM JSON objects in the order of tags. PS3.18 §F.2.2 and Tables 10.6.3-3 to -5:
/// those of the level and of the levels above that the path does not fix, what keys and <c>includefield</c> name, and all when it says so.
/// </summary>
/// <param name="request">What is asked.</param>
/// <param name="level">What is searched for.</param>
/// <param name="fixed">How many levels the path fixes: attributes of these are answered only when asked for.</param>
internal sealed class QidoAnswer(QidoRequest request, QueryLevel level, int @fixed)
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 2000 };

    // As it was called before (0008,3002) was split up; dictionaries differ.
    private static readonly DicomTag AvailableTransferSyntaxUid = new(0x00083002);

    // Answered even when empty, with their value representation.
    private static readonly (DicomTag Tag, string Vr)[][] Required =
    [
        [.. Tags("StudyDate StudyTime AccessionNumber ReferringPhysicianName PatientName PatientID PatientBirthDate PatientSex StudyID")],
        [.. Tags("Modality SeriesNumber")],
        [.. Tags("InstanceNumber")],
    ];

    // Answered when there.
    private static readonly HashSet<DicomTag>[] Usual =
    [
        [.. Tags("TimezoneOffsetFromUTC StudyDescription IssuerOfPatientID StudyInstanceUID").Select(one => one.Tag)],
        [.. Tags("SeriesDescription SeriesInstanceUID SeriesDate SeriesTime BodyPartExamined Laterality ProtocolName Manufacturer TimezoneOffsetFromUTC "
            + "PerformedProcedureStepStartDate PerformedProcedureStepStartTime RequestAttributesSequence").Select(one => one.Tag)],
        [.. Tags("SOPClassUID SOPInstanceUID ContentDate ContentTime Rows Columns BitsAllocated NumberOfFrames TimezoneOffsetFromUTC").Select(one => one.Tag)],
    ];

    /// <summary>Whether the index lacks some of what is asked: it is looked up in the metadata of an instance then.</summary>
    public bool NeedsMetadata { get; } = request.All || request.Answered.Any(tag => IsBeyondIndex(tag, level));

    public static QidoRow Row(StudyRow row, DicomWebBase webBase) => new(
        QueryLevel.Study, row.Record, [(QueryLevel.Study, row.Attributes)], row.Metadata,
        [
            (DicomTag.SpecificCharacterSet, Text("CS", "ISO_IR 192")), (DicomTag.InstanceAvailability, Text("CS", "ONLINE")),
            (DicomTag.ModalitiesInStudy, Text("CS", [.. row.Modalities])),
            (DicomTag.RetrieveURL, Text("UR", $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}")),
            (DicomTag.NumberOfStudyRelatedSeries, Number(row.NumberOfSeries)), (DicomTag.NumberOfStudyRelatedInstances, Number(row.NumberOfInstances)),
        ]);

    public static QidoRow Row(SeriesRow row, DicomWebBase webBase) => new(
        QueryLevel.Series, row.Record, [(QueryLevel.Study, row.StudyAttributes), (QueryLevel.Series, row.Attributes)], row.Metadata,
        [
            (DicomTag.SpecificCharacterSet, Text("CS", "ISO_IR 192")), (DicomTag.InstanceAvailability, Text("CS", "ONLINE")),
            (DicomTag.RetrieveURL, Text("UR", $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}/series/{row.SeriesInstanceUid}")),
            (DicomTag.StudyInstanceUID, Text("UI", row.StudyInstanceUid)), (DicomTag.NumberOfSeriesRelatedInstances, Number(row.NumberOfInstances)),
        ]);

    public static QidoRow Row(InstanceRow row, DicomWebBase webBase) => new(
        QueryLevel.Instance, row.Record,
        [(QueryLevel.Study, row.StudyAttributes), (QueryLevel.Series, row.SeriesAttributes), (QueryLevel.Instance, row.Attributes)], row.Metadata,
        [
            (DicomTag.SpecificCharacterSet, Text("CS", "ISO_IR 192")), (DicomTag.InstanceAvailability, Text("CS", "ONLINE")),
            (AvailableTransferSyntaxUid, Text("UI", row.TransferSyntaxUid)), (DicomTag.RetrieveURL, Text("UR", Address(webBase, row))),
            (DicomTag.StudyInstanceUID, Text("UI", row.StudyInstanceUid)), (DicomTag.SeriesInstanceUID, Text("UI", row.SeriesInstanceUid)),
        ]);

    /// <summary>Writes a result as one DICOM JSON object.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="row">The result.</param>
    /// <param name="metadata">The metadata pieces of its first instance; empty when they are not needed, or gone since.</param>
    /// <param name="webBase">What addresses begin with.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask WriteAsync(
        IBufferWriter<byte> output, QidoRow row, ReadOnlyMemory<byte> metadata, DicomWebBase webBase, CancellationToken cancellationToken)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, vr) in Required.Take((int)level + 1).Skip(@fixed).SelectMany(one => one))
        {
            all[tag.ToString()] = $"{{\"vr\":\"{vr}\"}}";
        }
        foreach (var (from, stored) in row.Stored.Where(one => one.Json.Length > 0))
        {
            using var json = JsonDocument.Parse(stored, Reading);
            Take(json.RootElement, tag => IsAnswered(tag, from), all);
        }
        if (metadata.Length > 0)
        {
            // Filled where the stored attributes say nothing: these are of the study and series as wholes.
            using var whole = await ReadAsync(row, metadata, webBase, cancellationToken);
            Take(whole.RootElement, tag => !all.ContainsKey(tag.ToString()) && IsIncluded(tag), all);
        }
        foreach (var (tag, json) in row.Added)
        {
            all[tag.ToString()] = json;
        }
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        foreach (var (tag, value) in all)
        {
            writer.WritePropertyName(tag);
            writer.WriteRawValue(value, skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    private static void Take(JsonElement json, Func<DicomTag, bool> wanted, SortedDictionary<string, string> all)
    {
        foreach (var attribute in json.EnumerateObject())
        {
            if (DicomTag.TryParse(attribute.Name, out var tag) && wanted(tag))
            {
                all[attribute.Name] = attribute.Value.GetRawText();
            }
        }
    }

    private bool IsAnswered(DicomTag tag, QueryLevel from) =>
        request.Answered.Contains(tag)
        || ((int)from >= @fixed && (request.All || Usual[(int)from].Contains(tag) || Required[(int)from].Any(one => one.Tag == tag)));

    /// <summary>
    /// Whether an attribute of an instance is answered for it, its series or its study: what is known to belong further down is not, and
    /// what nothing is known of is answered only when it is named.
    /// </summary>
    private bool IsIncluded(DicomTag tag)
    {
        var of = QueryAttributes.LevelOf(tag);
        return request.Answered.Contains(tag)
            ? of is null || of <= level
            : request.All && (level == QueryLevel.Instance ? (int)(of ?? level) >= @fixed : of <= level && (int)of >= @fixed);
    }

    private static bool IsBeyondIndex(DicomTag tag, QueryLevel level) =>
        (QueryAttributes.LevelOf(tag) is not { } of || of <= level)
        && !Enumerable.Range(0, (int)level + 1).Any(one => QueryAttributes.StoredAt((QueryLevel)one).Contains(tag));

    /// <summary>All of an instance; bulk data by addresses in its record.</summary>
    private static async ValueTask<JsonDocument> ReadAsync(
        QidoRow row, ReadOnlyMemory<byte> metadata, DicomWebBase webBase, CancellationToken cancellationToken)
    {
        using var plain = new MemoryStream();
        await MetadataWriter.WritePlainAsync(
            One(MetadataPieces.FromBytes(metadata)), JsonEncodedText.Encode(webBase.Of(row.Record), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray(),
            plain, cancellationToken);
        // It is written as a list of one, with a bracket around.
        return JsonDocument.Parse(plain.GetBuffer().AsMemory(1, (int)plain.Length - 2), Reading);
    }

#pragma warning disable CS1998 // Nothing to wait for.
    private static async IAsyncEnumerable<MetadataPieces> One(MetadataPieces pieces)
    {
        yield return pieces;
    }
#pragma warning restore CS1998

    private static IEnumerable<(DicomTag Tag, string Vr)> Tags(string keywords) => keywords.Split(' ').Select(keyword =>
        DicomDictionary.TryFindKeyword(keyword, out var tag) ? (tag, DicomDictionary.Find(tag)!.Vr) : throw new InvalidOperationException(keyword));
}
