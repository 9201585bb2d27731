using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Dicom;

/// <summary>Section <c>Inflation</c>: how much memory deflated data sets may take together, whoever reads them.</summary>
public sealed class InflationOptions
{
    /// <summary>Bytes that all inflated data sets in memory may have together, at least what one may have; default 1 GiB.</summary>
    [Range(256 << 20, long.MaxValue)]
    public long Budget { get; set; } = 1L << 30;

    /// <summary>How many readers may wait for room at once; default 16. Beyond, the answer is 503.</summary>
    [Range(0, 1024)]
    public int Queue { get; set; } = 16;

    /// <summary>How long they wait at most; default 5 seconds. Then the answer is 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);
}
