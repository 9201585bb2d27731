using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>How instances are put together.</summary>
internal enum Packaging
{
    /// <summary>One, as application/dicom.</summary>
    Alone,

    /// <summary>multipart/related.</summary>
    Multipart,

    /// <summary>application/zip.</summary>
    Zip,
}

/// <summary>An instance, and what it shall be converted to.</summary>
/// <param name="Row">The instance.</param>
/// <param name="Target">The transfer syntax it is converted to; null to give it as it is stored.</param>
internal readonly record struct PlannedInstance(InstanceRow Row, string? Target)
{
    /// <summary>What it will be in.</summary>
    public string Syntax => Target ?? Row.TransferSyntaxUid;
}

/// <summary>
/// What is given of what was asked for (PS3.18 §8.7). A type without <c>transfer-syntax</c> means as stored, like <c>*</c>: a file says
/// itself what it is in.
/// </summary>
/// <param name="Packaging">How they are put together.</param>
/// <param name="Instances">Those that can be given.</param>
/// <param name="LeftOut">How many cannot.</param>
internal sealed record InstancePlan(Packaging Packaging, IReadOnlyList<PlannedInstance> Instances, int LeftOut)
{
    private const string Dicom = "application/dicom";

    /// <summary>All are given as stored.</summary>
    public bool IsStored => Instances.All(one => one.Target is null);

    /// <summary>The first packaging that gives all of the instances, else the first that gives some; null when none gives any.</summary>
    public static InstancePlan? Choose(IReadOnlyList<AcceptedType> accepted, IReadOnlyList<InstanceRow> rows, Transcoder transcoder)
    {
        InstancePlan? some = null;
        foreach (var packaging in accepted.Select(PackagingOf).OfType<Packaging>().Distinct().Where(one => one != Packaging.Alone || rows.Count == 1))
        {
            var types = accepted.Where(type => PackagingOf(type) == packaging).ToList();
            var hasImages = rows.Any(HasPixels);
            var instances = rows.Select(row => Plan(row, types, hasImages, transcoder)).OfType<PlannedInstance>().ToList();
            if (instances.Count == rows.Count)
            {
                return new InstancePlan(packaging, instances, 0);
            }
            some ??= instances.Count > 0 ? new InstancePlan(packaging, instances, rows.Count - instances.Count) : null;
        }
        return some;
    }

    /// <summary>Says what would have been given.</summary>
    public static Problem Refusal(IReadOnlyList<AcceptedType> accepted, IReadOnlyList<InstanceRow> rows, Transcoder transcoder)
    {
        var hindrance = rows.Select(row => row.TransferSyntaxUid).Concat(accepted.Select(type => type.TransferSyntax ?? "*")).Distinct()
            .Select(transcoder.Hindrance).FirstOrDefault(reason => reason is not null);
        return Problem.NotAcceptable(
            $"Instances are given as multipart/related; type=\"{Dicom}\", as application/zip, and one alone also as {Dicom}: in the transfer syntax they "
            + $"are stored in (transfer-syntax=*), or, as far as they can be decoded here, in {string.Join(", ", FrameMediaTypes.Made.Where(transcoder.CanWrite))}."
            + (hindrance is null ? "" : " " + hindrance));
    }

    private static Packaging? PackagingOf(AcceptedType type) =>
        type.Type == "application/zip" ? Packaging.Zip
        : !type.Takes(Dicom) ? null
        : type.IsMultipart || type.IsAnything ? Packaging.Multipart : Packaging.Alone;

    /// <summary>As stored where that is as welcome as anything else; else in the most welcome syntax that can be made.</summary>
    private static PlannedInstance? Plan(InstanceRow row, List<AcceptedType> types, bool hasImages, Transcoder transcoder)
    {
        foreach (var equal in types.GroupBy(type => type.Quality))
        {
            if (equal.Any(type => type.TakesAnySyntax || type.TransferSyntax == row.TransferSyntaxUid))
            {
                return new PlannedInstance(row, null);
            }
            foreach (var type in equal)
            {
                if (TargetFor(row, type.TransferSyntax!, hasImages, transcoder) is { } target)
                {
                    return new PlannedInstance(row, target == row.TransferSyntaxUid ? null : target);
                }
            }
        }
        return null;
    }

    private static string? TargetFor(InstanceRow row, string wanted, bool hasImages, Transcoder transcoder)
    {
        if (!transcoder.CanWrite(wanted))
        {
            return null;
        }
        if (HasPixels(row))
        {
            return transcoder.CanRead(row.TransferSyntaxUid) ? wanted : null;
        }
        // A report among images has nothing to compress: it comes without compression.
        return wanted == DicomTransferSyntax.ExplicitLittleEndian || hasImages ? DicomTransferSyntax.ExplicitLittleEndian : null;
    }

    private static bool HasPixels(InstanceRow row) => row.Frames > 0 || row.PixelLength > 0;
}
