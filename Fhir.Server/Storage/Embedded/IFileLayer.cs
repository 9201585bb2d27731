namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The few things the blob store asks of a disk, so that tests can put one beneath it that loses whatever was not synced.
/// Content is durable after <see cref="IOpenFile.Sync"/>, a name after <see cref="SyncFolder"/> of the folder it stands in.
/// </summary>
internal interface IFileLayer
{
    /// <summary>Makes a folder and those above it; succeeds when it is there.</summary>
    void MakeFolder(string path);

    /// <summary>Makes a new file for writing and reading.</summary>
    IOpenFile Create(string path);

    /// <summary>Opens a file for reading; null when it is not there.</summary>
    IOpenFile? Open(string path);

    /// <summary>Gives a file another name in the same folder, in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Makes the names in a folder durable; those in its own subfolders are not meant.</summary>
    void SyncFolder(string path);

    /// <summary>Whether a file is there.</summary>
    bool Exists(string path);

    /// <summary>Removes a file; removing what is not there succeeds.</summary>
    void Delete(string path);

    /// <summary>Removes a folder when it is empty, else leaves it and answers false; removing what is not there succeeds.</summary>
    bool DeleteFolder(string path);

    /// <summary>Names of the folders in a folder; none when it is not there.</summary>
    IReadOnlyList<string> Folders(string path);

    /// <summary>Names of the files in a folder; none when it is not there.</summary>
    IReadOnlyList<string> Files(string path);

    /// <summary>When a file was last written; null when it is not there.</summary>
    DateTimeOffset? LastWrite(string path);

    /// <summary>Bytes that may still be written to the disk a folder is on.</summary>
    long FreeBytes(string path);
}
