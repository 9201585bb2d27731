using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.Rest;

/// <summary>What the routes under <c>/fhir</c> do, read from what they carry.</summary>
internal sealed class WiredRoutes
{
    private const string Prefix = "/fhir";
    private const string AnyType = "{type}";

    private static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["read"] = "read", ["vread"] = "vread", ["history"] = "history-instance", ["history-instance"] = "history-instance", ["history-type"] = "history-type",
        ["history-system"] = "history-system", ["search-type"] = "search-type", ["search-system"] = "search-system", ["create"] = "create",
        ["update"] = "update", ["patch"] = "patch", ["delete"] = "delete", ["batch"] = "batch", ["transaction"] = "transaction",
    };

    private readonly List<Wired> routes;

    /// <param name="endpoints">All routes of the application.</param>
    public WiredRoutes(IEnumerable<Endpoint> endpoints) => routes = [.. endpoints.OfType<RouteEndpoint>().Select(Read).OfType<Wired>()];

    /// <summary>Interactions of the whole system.</summary>
    public IEnumerable<string> OfSystem => routes.Where(route => route.Segments is [] or ["_history"] or ["_search"])
        .SelectMany(route => route.Interactions).Select(one => one.Code).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Operations of the whole system.</summary>
    public IEnumerable<Operation> OperationsOfSystem => routes.Where(route => route.Segments is [['$', ..]]).SelectMany(route => route.Operations).Distinct();

    /// <summary>Interactions with resources of a type, and single ones of it.</summary>
    public IReadOnlyList<Interaction> Of(string type) => [.. OfType(type).SelectMany(route => route.Interactions)];

    /// <summary>Operations of a type, and of single resources of it.</summary>
    public IEnumerable<Operation> OperationsOf(string type) => OfType(type).SelectMany(route => route.Operations).Distinct();

    /// <summary>Whether a method is answered at the address of a whole type: <c>PUT [base]/Patient?identifier=…</c></summary>
    public bool HasConditional(string method) => routes.Exists(route => route.Segments is [AnyType] && route.Methods.Contains(method));

    private IEnumerable<Wired> OfType(string type) => routes.Where(route => route.Segments is [var first, ..] && (first == AnyType || first == type));

    private static Wired? Read(RouteEndpoint endpoint)
    {
        var pattern = "/" + endpoint.RoutePattern.RawText?.Trim('/');
        if (pattern != Prefix && !pattern.StartsWith(Prefix + "/", StringComparison.Ordinal))
        {
            return null;
        }
        var carried = endpoint.Metadata.GetOrderedMetadata<Interaction>();
        var name = endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "";
        return new Wired(
            pattern[Prefix.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries),
            carried.Count > 0 ? carried : ByName.TryGetValue(name, out var code) ? [new Interaction(code)] : [],
            endpoint.Metadata.GetOrderedMetadata<Operation>(),
            endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []);
    }

    private sealed record Wired(
        IReadOnlyList<string> Segments, IReadOnlyList<Interaction> Interactions, IReadOnlyList<Operation> Operations, IReadOnlyList<string> Methods);
}
