using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.Storage;

/// <summary>Which store keeps the records.</summary>
public enum StorageKind
{
    /// <summary>SQLite and files in one folder.</summary>
    Embedded,

    /// <summary>Cosmos DB and Blob Storage. Not in this version: choosing it stops the start.</summary>
    Azure,
}

/// <summary>Section <c>Storage</c>.</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>Default: <see cref="StorageKind.Embedded"/>.</summary>
    public StorageKind Kind { get; set; } = StorageKind.Embedded;

    /// <summary>The folder of the embedded store; default: <c>data</c> beside the program.</summary>
    public string? Path { get; set; }

    /// <summary>The folder of its keys, outside the store; default: the store's folder with <c>-keys</c> behind its name.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Free bytes below which nothing more is taken in; default 1 GiB.</summary>
    [Range(0, long.MaxValue)]
    public long FreeBytesFloor { get; set; } = 1L << 30;

    /// <summary>Bytes the instances of one record may take, contributions kept beside among them; default 1 TiB.</summary>
    [Range(0, long.MaxValue)]
    public long RecordBytesLimit { get; set; } = 1L << 40;

    /// <summary>Instances one record may have, contributions kept beside among them; default 10 million.</summary>
    [Range(0, long.MaxValue)]
    public long RecordInstancesLimit { get; set; } = 10_000_000;

    /// <summary>How often what nothing mentions is swept; default one hour, at least a minute.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromHours(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Kind == StorageKind.Azure)
        {
            yield return new ValidationResult("Storage:Kind=Azure is not available in this version; only Embedded is.", [nameof(Kind)]);
        }
    }
}
