using System.Collections;
using System.Globalization;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>All frames of an image in order, counted from 0, without a list of them: a file may say that it has two thousand million.</summary>
/// <param name="count">How many.</param>
public sealed class AllFrames(int count) : IReadOnlyList<int>
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public int this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count);
            return index;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => Enumerable.Range(0, count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As it goes into an entity tag; a single one as it does in a list.</summary>
    public override string ToString() => count == 1 ? "0" : string.Create(CultureInfo.InvariantCulture, $"all {count}");
}
