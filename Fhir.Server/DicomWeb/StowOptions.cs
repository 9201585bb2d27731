using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.DicomWeb;

/// <summary>Section <c>DicomWeb:Stow</c>: what one store request may be.</summary>
public sealed class StowOptions
{
    /// <summary>Bytes of a request; default 64 GiB.</summary>
    [Range(1, long.MaxValue)]
    public long RequestLimit { get; set; } = 64L << 30;

    /// <summary>Parts of a multipart, and data sets of metadata; default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int PartLimit { get; set; } = 50_000;

    /// <summary>Bytes of metadata in a request that brings metadata and bulk data; they are held in memory. Default 64 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int MetadataLimit { get; set; } = 64 << 20;

    /// <summary>
    /// Bytes of bulk data that metadata may name a second time and more, as instances that share a table do: they are written as often as
    /// they are named. Default 1 GiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long RepeatLimit { get; set; } = 1L << 30;

    /// <summary>How long nothing may come before a request is given up; default one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes a second that must come on the average of each <see cref="RateWindow"/> spent waiting for the sender; default 4 KiB, 0 for any.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int MinimumRate { get; set; } = 4096;

    /// <summary>Over how long that average is taken; default five minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RateWindow { get; set; } = TimeSpan.FromMinutes(5);
}
