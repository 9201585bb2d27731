using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Dicom;

/// <summary>What a reader may take into memory and how far it will go. Every limit is also a defence.</summary>
public sealed record DicomReadOptions
{
    /// <summary>The defaults.</summary>
    public static DicomReadOptions Default { get; } = new();

    /// <summary>Longer values of OB, OW, OD, OF, OL, OV and UN stay where they are. Default 1,024 bytes.</summary>
    [Range(0, 1 << 24)]
    public int BulkThreshold { get; init; } = 1024;

    /// <summary>Longer values of all other kinds stay where they are. Default 1 MiB.</summary>
    [Range(1 << 10, 1 << 28)]
    public int ValueLimit { get; init; } = 1 << 20;

    /// <summary>All loaded values together; more is refused. Default 64 MiB.</summary>
    [Range(1 << 16, 1 << 30)]
    public int HeaderLimit { get; init; } = 64 << 20;

    /// <summary>Sequences within sequences; deeper is refused. Default 64.</summary>
    [Range(1, 256)]
    public int DepthLimit { get; init; } = 64;

    /// <summary>Elements, items and fragments together; more is refused. Default 500,000.</summary>
    [Range(1, 10_000_000)]
    public int ElementLimit { get; init; } = 500_000;

    /// <summary>A deflated data set may become this large. Default 256 MiB.</summary>
    [Range(1 << 10, 1 << 30)]
    public int InflatedLimit { get; init; } = 256 << 20;

    /// <summary>What all deflated data sets share; null for that of the process.</summary>
    internal InflationBudget? Budget { get; init; }
}
