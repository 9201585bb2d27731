using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>SearchParameter resources of tests.</summary>
internal static class Definitions
{
    /// <summary>The canonical address of a definition.</summary>
    public static string Url(string id) => "http://example.org/SearchParameter/" + id;

    /// <summary>A SearchParameter with all that R4 wants of it.</summary>
    public static JsonObject Definition(string id, string type, string code, string kind, string expression, string status = "active") => new()
    {
        ["resourceType"] = "SearchParameter", ["id"] = id, ["url"] = Url(id), ["name"] = "N" + id.Replace('-', 'x'), ["status"] = status, ["description"] = "For a test",
        ["code"] = code, ["base"] = new JsonArray(type), ["type"] = kind, ["expression"] = expression,
    };
}
