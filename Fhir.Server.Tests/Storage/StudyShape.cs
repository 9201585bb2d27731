using System.Text;
using System.Text.Json.Nodes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>An instance in a <see cref="SeriesShape"/>.</summary>
internal sealed record InstanceShape(string Uid, string SopClass, int? Number);

/// <summary>A series in a <see cref="StudyShape"/>.</summary>
internal sealed record SeriesShape(string Uid, string? Modality, int Count, IReadOnlyList<InstanceShape> Instances, string? Started = null);

/// <summary>An ImagingStudy as far as the contracts care, and its way into JSON and back.</summary>
/// <param name="Uid">Study Instance UID.</param>
/// <param name="Patient">The id of its Patient; null when unclaimed.</param>
/// <param name="Started">Its day.</param>
/// <param name="Note">What a person wrote.</param>
/// <param name="Series">Its series.</param>
internal sealed record StudyShape(string Uid, string? Patient, string? Started, string? Note, IReadOnlyList<SeriesShape> Series)
{
    public const string Dcm = "http://dicom.nema.org/resources/ontology/DCM";

    public const string UidSystem = "urn:dicom:uid";

    public int NumberOfInstances => Series.Sum(one => one.Count);

    public IEnumerable<string> SopUids => Series.SelectMany(one => one.Instances).Select(one => one.Uid);

    /// <summary>One as a client would make it, without instances.</summary>
    public static StudyShape Made(string uid, string patient, params IReadOnlyList<(string Uid, string? Modality)> series) =>
        new(uid, patient, null, null, [.. series.Select(one => new SeriesShape(one.Uid, one.Modality, 0, []))]);

    public static StudyShape Read(ReadOnlyMemory<byte> json) => Read(JsonNode.Parse(json.Span)!.AsObject());

    public static StudyShape Read(JsonObject json) => new(
        ((string)json["identifier"]![0]!["value"]!)["urn:oid:".Length..],
        ((string?)json["subject"]?["reference"])?["Patient/".Length..],
        (string?)json["started"],
        (string?)json["note"]?[0]?["text"],
        [.. (json["series"] as JsonArray ?? []).Select(ReadSeries)]);

    /// <summary>What is left of it for one who may see only some series.</summary>
    public StudyShape Only(Func<SeriesFact, bool> sees) => this with { Series = [.. Series.Where(one => sees(new(one.Uid, one.Modality)))] };

    public ResourceContent ToContent(string? tag = null) => new(
        TestContent.Tail(ToJson(), tag), [.. Rows()], Uid, [.. Series.Select(one => new SeriesFact(one.Uid, one.Modality))]);

    /// <summary>Its index rows, those of a series with that series.</summary>
    public IEnumerable<IndexRow> Rows()
    {
        yield return new TokenRow("identifier", UidSystem, Uid);
        yield return new TokenRow("status", "http://hl7.org/fhir/imagingstudy-status", "available");
        if (Patient is not null)
        {
            yield return new ReferenceRow("patient", "Patient", Patient);
            yield return new ReferenceRow("endpoint", "Endpoint", $"wado-{Patient}");
        }
        if (Started is not null)
        {
            yield return TestContent.OnDay("started", Started);
        }
        foreach (var series in Series)
        {
            yield return new TokenRow("series", null, series.Uid, series.Uid);
            if (series.Modality is not null)
            {
                yield return new TokenRow("modality", Dcm, series.Modality, series.Uid);
            }
            if (series.Started is not null)
            {
                yield return TestContent.OnDay("started", series.Started, series.Uid);
            }
        }
    }

    private JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["identifier"] = new JsonArray(new JsonObject { ["system"] = UidSystem, ["value"] = $"urn:oid:{Uid}" }),
            ["status"] = "available",
        };
        if (Patient is not null)
        {
            json["subject"] = new JsonObject { ["reference"] = $"Patient/{Patient}" };
        }
        if (Started is not null)
        {
            json["started"] = Started;
        }
        if (Note is not null)
        {
            json["note"] = new JsonArray(new JsonObject { ["text"] = Note });
        }
        json["numberOfSeries"] = Series.Count;
        json["numberOfInstances"] = NumberOfInstances;
        json["series"] = new JsonArray([.. Series.Select(WriteSeries)]);
        return json;
    }

    private static JsonNode WriteSeries(SeriesShape series)
    {
        var json = new JsonObject { ["uid"] = series.Uid };
        if (series.Modality is not null)
        {
            json["modality"] = new JsonObject { ["system"] = Dcm, ["code"] = series.Modality };
        }
        if (series.Started is not null)
        {
            json["started"] = series.Started;
        }
        json["numberOfInstances"] = series.Count;
        json["instance"] = new JsonArray([.. series.Instances.Select(one => (JsonNode)new JsonObject
        {
            ["uid"] = one.Uid,
            ["sopClass"] = new JsonObject { ["code"] = $"urn:oid:{one.SopClass}" },
            ["number"] = one.Number,
        })]);
        return json;
    }

    private static SeriesShape ReadSeries(JsonNode? series) => new(
        (string)series!["uid"]!,
        (string?)series["modality"]?["code"],
        (int)series["numberOfInstances"]!,
        [.. ((JsonArray)series["instance"]!).Select(one => new InstanceShape(
            (string)one!["uid"]!, ((string)one["sopClass"]!["code"]!)["urn:oid:".Length..], (int?)one["number"]))],
        (string?)series["started"]);

    /// <summary>The text in which two shapes are compared.</summary>
    public override string ToString() => Encoding.UTF8.GetString(TestContent.Tail(ToJson()));
}
