namespace Fhir.Server.Dicom;

/// <summary>The liberties PS3.5 §7 leaves a writer.</summary>
public sealed record DicomWriteOptions
{
    /// <summary>The defaults.</summary>
    public static DicomWriteOptions Default { get; } = new();

    /// <summary>Sequences and items end with delimiters instead of having lengths. PS3.5 §7.5. Default no.</summary>
    public bool UndefinedLengths { get; init; }

    /// <summary>Each group begins with its length, which is retired. PS3.5 §7.2. Default no: only the file meta has one.</summary>
    public bool GroupLengths { get; init; }

    /// <summary>The file of values that were not loaded; needed only when there are some.</summary>
    public Stream? Source { get; init; }

    /// <summary>That file is written high byte first.</summary>
    public bool SourceIsBigEndian { get; init; }
}
