namespace Fhir.Server.Storage;

/// <summary>
/// Makes the index rows of resources anew from their current content, while others read and write. It shows nothing of any record, and
/// changes nothing but which searches find a resource.
/// </summary>
public interface IIndexRebuild
{
    /// <summary>How much there is to do for a type; null = all types.</summary>
    ValueTask<IndexExtent> MeasureAsync(string? type, CancellationToken cancellationToken);

    /// <summary>Makes the rows of the next few resources anew, in one commit.</summary>
    /// <param name="type">The type; null = all types.</param>
    /// <param name="after">Where the batch before ended; 0 at first.</param>
    /// <param name="upTo">Where to end: <see cref="IndexExtent.Last"/>. What came later was indexed when it was written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was done; null when nothing is left.</returns>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<IndexBatch?> IndexNextAsync(string? type, long after, long upTo, CancellationToken cancellationToken);

    /// <summary>Makes the rows of one resource anew; false when there is none.</summary>
    /// <exception cref="IOException">The store could not write.</exception>
    ValueTask<bool> IndexAsync(ResourceKey key, CancellationToken cancellationToken);
}

/// <summary>How many resources there are to index.</summary>
/// <param name="Count">How many.</param>
/// <param name="Last">The place of the newest.</param>
public readonly record struct IndexExtent(long Count, long Last);

/// <summary>Resources whose rows were made anew.</summary>
/// <param name="Last">The place of the last of them.</param>
/// <param name="Count">How many.</param>
public readonly record struct IndexBatch(long Last, int Count);
