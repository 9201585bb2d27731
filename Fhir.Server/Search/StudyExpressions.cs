using System.Collections.Frozen;

namespace Fhir.Server.Search;

/// <summary>
/// Which expressions may be indexed on an ImagingStudy. A caller may see a study and not all of its series, so each value from a series has
/// to be known as that series' own, and what is counted or told anew for such a caller cannot be searched by what the whole study says.
/// </summary>
internal static class StudyExpressions
{
    private const string Stem = "ImagingStudy.series";

    /// <summary>What of a study depends on the series that are seen.</summary>
    private static readonly FrozenSet<string> OfSeries =
        FrozenSet.ToFrozenSet(["series", "numberOfSeries", "numberOfInstances", "modality", "started", "text"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a branch is read series by series.</summary>
    public static bool IsWithinSeries(string branch) =>
        branch == Stem || branch.StartsWith(Stem + ".", StringComparison.Ordinal);

    /// <summary>Why a branch cannot be indexed on an ImagingStudy; null when it can.</summary>
    /// <param name="branch">The branch, as it is written, without a final <c>.where(resolve() is Type)</c>.</param>
    /// <param name="isComposite">Whether it finds the elements of a composite, which may be the series themselves.</param>
    public static string? Fault(string branch, bool isComposite)
    {
        if (IsWithinSeries(branch))
        {
            var words = ExpressionWords.Of(branch);
            var isOnce = words.Skip(2).All(word => word is not ("ImagingStudy" or "series"));
            // A function right behind would speak of all series at once: the first, how many.
            var isEach = branch == Stem ? isComposite : words.Count > 2 && (words[2] == "where" || ElementWalk.Has("ImagingStudy.series", words[2]));
            return isOnce && isEach
                ? null
                : "Of the series of an ImagingStudy only what each one says by itself can be searched, as in ImagingStudy.series.description.";
        }

        return FaultOfStudy(branch);
    }

    /// <summary>Why an expression on the study itself cannot be indexed; null when it can.</summary>
    public static string? FaultOfStudy(string expression) => ExpressionWords.Of(expression).FirstOrDefault(OfSeries.Contains) is { } word
        ? $"Some callers do not see every series, and '{word}' of an ImagingStudy differs for them; what a series says is written ImagingStudy.series.…"
        : null;
}
