namespace Fhir.Server.Search;

/// <summary>What codes and canonical addresses are taken while a catalogue is put together.</summary>
internal sealed class ParameterNames
{
    private readonly HashSet<(string Type, string Code)> codes = [];
    private readonly Dictionary<string, SearchParameterInfo> byUrl = new(StringComparer.Ordinal);

    /// <summary>Takes the parameters of one definition in.</summary>
    public void Add(IReadOnlyList<SearchParameterInfo> parameters)
    {
        foreach (var parameter in parameters)
        {
            codes.Add((parameter.ResourceType, parameter.Code));
            byUrl.TryAdd(parameter.Url, parameter);
        }
    }

    /// <summary>Whether a type has a parameter of this code, in R4 or beside it.</summary>
    public bool IsTaken(string type, string code) =>
        SearchParameters.Find(type, code) is not null || SearchParameters.IsKnownButUnsupported(type, code) || codes.Contains((type, code));

    /// <summary>The parameter a canonical address defines, of any of its types; null when nothing does.</summary>
    public SearchParameterInfo? Defined(string url) => SearchParameters.Defined(url) ?? byUrl.GetValueOrDefault(url);
}
