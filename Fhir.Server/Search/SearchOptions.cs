namespace Fhir.Server.Search;

/// <summary>The limits of a search; what goes beyond one is refused as too costly, or said in a warning.</summary>
/// <param name="DefaultCount">Matches a page when <c>_count</c> is not given.</param>
/// <param name="MaxCount">A greater <c>_count</c> is lowered to this.</param>
/// <param name="MaxValuesInOr">Values in one comma list; more is too costly.</param>
/// <param name="MaxCriteria">Conditions in one query; more is too costly.</param>
/// <param name="Zone">The offset of times written without one; null = UTC.</param>
/// <param name="Clock">Tells what <c>ap</c> takes for now; null = the system's.</param>
public sealed record SearchOptions(
    int DefaultCount = 20,
    int MaxCount = 1000,
    int MaxValuesInOr = 100,
    int MaxCriteria = 50,
    TimeSpan? Zone = null,
    TimeProvider? Clock = null)
{
    /// <summary>References one condition may lead over, chained and reversed together; more is too costly. Default 8.</summary>
    public int MaxLinks { get; init; } = 8;

    /// <summary>Ways one chain without type modifiers may take over the types it can lead to; more is too costly. Default 64.</summary>
    public int MaxWays { get; init; } = 64;

    /// <summary>Resources a page brings along besides its matches; what goes beyond is left out with a warning. Default 1,000.</summary>
    public int MaxIncluded { get; init; } = 1000;

    /// <summary>How far <c>:iterate</c> goes on from what was included; what lies beyond is left out with a warning. Default 8.</summary>
    public int MaxIncludeRounds { get; init; } = 8;

    /// <summary>Up to here a total over many records is counted; beyond, it is estimated. Default 10,000.</summary>
    public int ExactTotal { get; init; } = 10_000;

    /// <summary>How long one search may take in the store; longer is too costly. Default 10 seconds; null = no limit.</summary>
    public TimeSpan? Within { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sets of codes the query names. Default: none is known, and the modifiers that name one are refused.</summary>
    public CodeSets CodeSets { get; init; } = CodeSets.None;
}
