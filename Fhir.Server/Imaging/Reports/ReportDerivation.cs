using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// Gives what a document says its place in a record: ids, subject, study, addresses. <c>meta.source</c> names the instance, and with it the
/// study and series that decide who may see the resource.
/// </summary>
public static partial class ReportDerivation
{
    /// <summary>Where the address of the Binary goes.</summary>
    internal const string BinaryPlace = "Binary";

    /// <summary>Where the address of the instance goes.</summary>
    internal const string InstancePlace = "instance";

    private const string DicomCodes = "http://dicom.nema.org/resources/ontology/DCM";
    private const string Uri = "urn:ietf:rfc:3986";
    private const int HashDigits = 40;

    /// <summary>The resources of one document, in the record of a study.</summary>
    /// <param name="imagingStudy">The id of the ImagingStudy.</param>
    /// <param name="snapshot">The study.</param>
    /// <param name="report">The document.</param>
    /// <param name="said">What it says.</param>
    /// <param name="address">The server's address.</param>
    internal static IEnumerable<(string Id, Resource Resource)> Derive(
        string imagingStudy, StudySnapshot snapshot, InstanceReport report, ReadOnlyMemory<byte> said, PublicAddress address)
    {
        var id = IdOf(snapshot, report);
        var source = $"{address.DicomWebOf(snapshot.Record.Value)}/studies/{snapshot.StudyInstanceUid}/series/{report.SeriesInstanceUid}"
            + $"/instances/{report.SopInstanceUid}";
        var resources = InstanceReports.Restore(said);
        var number = 0;
        foreach (var resource in resources)
        {
            resource.Meta = new Meta { Source = source };
            if (DicomText.Code(report.Modality) is { } modality)
            {
                resource.Meta.Tag.Add(new Coding(DicomCodes, modality));
            }
            var own = resource is Observation ? $"{id}-{(++number).ToString(CultureInfo.InvariantCulture)}" : id;
            Place(resource, new(imagingStudy, snapshot, report, $"{address.Fhir}/Binary/{id}", source));
            if (resource is DiagnosticReport diagnostic)
            {
                diagnostic.Result = [.. Enumerable.Range(1, resources.OfType<Observation>().Count())
                    .Select(one => new ResourceReference($"Observation/{id}-{one.ToString(CultureInfo.InvariantCulture)}"))];
            }
            yield return (own, resource);
        }
    }

    /// <summary>Study and series of a derived resource, told from what it says; null for any other.</summary>
    internal static (string Study, SeriesFact Series)? OriginOf(Resource resource)
    {
        if (resource is not (DiagnosticReport or DocumentReference or Observation or Binary) || !ServerIds.IsOfDocument(resource.Id)
            || Source().Match(resource.Meta?.Source ?? "") is not { Success: true } source)
        {
            return null;
        }
        var modality = resource.Meta!.Tag.Find(tag => tag.System == DicomCodes)?.Code;
        return (source.Groups["study"].Value, new SeriesFact(source.Groups["series"].Value, modality));
    }

    /// <summary>Whether a resource is made of a DICOM document, and not sent by somebody.</summary>
    public static bool IsMade(ResourceKey key) => ServerIds.IsOfDocument(key);

    /// <summary>Series and instance a derived resource says it comes from.</summary>
    public static (string Study, string Series, string Instance)? InstanceOf(Resource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Source().Match(resource.Meta?.Source ?? "") is { Success: true } source
            ? (source.Groups["study"].Value, source.Groups["series"].Value, source.Groups["instance"].Value)
            : null;
    }

    /// <summary>The id of a document's resources, with a hash of everything <see cref="Derive"/> makes them of.</summary>
    /// <param name="imagingStudy">The id of the ImagingStudy.</param>
    /// <param name="snapshot">The study.</param>
    /// <param name="report">The document.</param>
    /// <param name="version">The version of the derivation and the server's address.</param>
    internal static DocumentMark Mark(string imagingStudy, StudySnapshot snapshot, InstanceReport report, string version)
    {
        var keys = snapshot.Keys;
        string?[] all =
        [
            version, imagingStudy, snapshot.Record.Value, snapshot.StudyInstanceUid, report.SeriesInstanceUid, report.Modality, report.SopInstanceUid,
            Convert.ToHexStringLower(report.Hash.Span), keys.PatientId, keys.AccessionNumber, keys.AccessionIssuer,
        ];
        return new(IdOf(snapshot, report), SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(all)));
    }

    /// <summary>An instance of two studies of a record is two documents, hence the study.</summary>
    private static string IdOf(StudySnapshot snapshot, InstanceReport report) => ServerIds.OfDocuments + Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{snapshot.Record}\n{snapshot.StudyInstanceUid}\n{report.SopInstanceUid}")))[..HashDigits];

    private static void Place(Resource resource, Placing placing)
    {
        switch (resource)
        {
            case DiagnosticReport report:
                report.Identifier = [placing.Instance(StudyDerivation.UidSystem)];
                report.BasedOn = [.. StudyDerivation.AccessionOrder(placing.Snapshot.Keys)];
                report.Subject = StudyDerivation.SubjectOf(placing.Snapshot);
                report.ImagingStudy = [placing.Study()];
                report.PresentedForm.ForEach(placing.Address);
                break;
            case Observation observation:
                observation.BasedOn = [.. StudyDerivation.AccessionOrder(placing.Snapshot.Keys)];
                observation.Subject = StudyDerivation.SubjectOf(placing.Snapshot);
                observation.DerivedFrom = [placing.Study()];
                break;
            case DocumentReference document:
                document.MasterIdentifier = placing.Instance(Uri);
                document.Subject = StudyDerivation.SubjectOf(placing.Snapshot);
                document.Content.ForEach(content => placing.Address(content.Attachment));
                document.Context = new DocumentReference.ContextComponent { Related = [placing.Study(), .. StudyDerivation.AccessionOrder(placing.Snapshot.Keys)] };
                break;
        }
    }

    // A record id and a base hold no slash of their own behind /studies/; UIDs are digits and points.
    [GeneratedRegex(@"/studies/(?<study>[0-9.]+)/series/(?<series>[0-9.]+)/instances/(?<instance>[0-9.]+)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Source();

    /// <summary>Where a resource is put.</summary>
    private sealed record Placing(string ImagingStudy, StudySnapshot Snapshot, InstanceReport Report, string Binary, string Source)
    {
        public Identifier Instance(string system) => new(system, "urn:oid:" + Report.SopInstanceUid);

        /// <summary>The study by its resource, and by its UID for who looks for that.</summary>
        public ResourceReference Study() => new($"ImagingStudy/{ImagingStudy}") { Type = "ImagingStudy", Identifier = StudyDerivation.StudyIdentifier(Snapshot.StudyInstanceUid) };

        public void Address(Attachment attachment) => attachment.Url = attachment.Url switch
        {
            BinaryPlace => Binary,
            InstancePlace => Source,
            var other => other,
        };
    }
}
