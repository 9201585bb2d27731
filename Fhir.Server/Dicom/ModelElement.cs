using System.Diagnostics.CodeAnalysis;

namespace Fhir.Server.Dicom;

/// <summary>One attribute of a JSON or XML model while it is read. PS3.18 §F.2.2, PS3.19 §A.1.5.</summary>
internal sealed class ModelElement
{
    /// <summary>The representation as written; <c>None</c> when it is not.</summary>
    public DicomVr Vr { get; set; }

    /// <summary>The values in order; null for an empty one among others.</summary>
    public List<string?> Values { get; } = [];

    /// <summary>The values came as numbers.</summary>
    public bool AreNumbers { get; set; }

    /// <summary>The values came as person names.</summary>
    public bool AreNames { get; set; }

    /// <summary>The items; null when there was none.</summary>
    public List<DicomDataset>? Items { get; set; }

    /// <summary>Bytes given in line.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>Where the bytes are.</summary>
    public string? BulkAddress { get; set; }

    /// <summary>Parts of a name with what separates them; empty ones at the end are left away.</summary>
    public static string Join(char separator, string[] parts) =>
        string.Join(separator, parts, 0, Array.FindLastIndex(parts, part => part.Length > 0) + 1);

    /// <summary>Bytes of Base64, white space allowed. RFC 4648 §4.</summary>
    public static bool TryBase64(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            bytes = null;
            return false;
        }

        Array.Resize(ref bytes, length);
        return true;
    }
}
