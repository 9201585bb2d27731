using System.Buffers;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Search;

namespace Fhir.Server.Rest;

/// <summary>Writes the CapabilityStatement of what is wired. See https://hl7.org/fhir/R4/capabilitystatement.html</summary>
/// <param name="fhirBase">The address of this server.</param>
/// <param name="endpoints">All routes of the application.</param>
/// <param name="parameters">The search parameters in force.</param>
/// <param name="security">Who is let in: <see cref="SecurityStatement"/>.</param>
internal sealed class CapabilityStatementWriter(
    string fhirBase, IEnumerable<Endpoint> endpoints, SearchCatalogue parameters, ReadOnlyMemory<byte> security)
{
    private static readonly string[] Formats = ["json", "xml", "application/fhir+json", "application/fhir+xml"];
    private static readonly string[] PatchFormats = ["application/json-patch+json", "application/fhir+json", "application/fhir+xml"];

    private readonly WiredRoutes routes = new(endpoints);
    private readonly SearchParser parser = new(new SearchOptions(), fhirBase, parameters);
    private readonly Dictionary<string, List<string>> pointingTo = ResourceContents.Types
        .SelectMany(type => parameters.Of(type).Where(one => one.Kind == SearchKind.Reference))
        .SelectMany(parameter => parameter.Targets.Select(target => (target, Include: $"{parameter.ResourceType}:{parameter.Code}")))
        .GroupBy(one => one.target, one => one.Include).ToDictionary(group => group.Key, group => group.ToList());

    /// <summary>The statement as UTF-8 JSON.</summary>
    /// <param name="version">Of this program.</param>
    /// <param name="date">When it came to be what it is.</param>
    public ReadOnlyMemory<byte> Write(string version, string date)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, FhirWriting.Options))
        {
            writer.WriteStartObject();
            WriteHead(writer, version, date);
            writer.WriteStartArray("rest");
            writer.WriteStartObject();
            writer.WriteString("mode", "server");
            writer.WritePropertyName("security");
            writer.WriteRawValue(security.Span);
            writer.WriteStartArray("resource");
            foreach (var type in ResourceContents.Types.Order(StringComparer.Ordinal))
            {
                WriteType(writer, type);
            }
            writer.WriteEndArray();
            WriteInteractions(writer, routes.OfSystem);
            WriteOperations(writer, routes.OperationsOfSystem);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return output.WrittenMemory;
    }

    private void WriteHead(Utf8JsonWriter writer, string version, string date)
    {
        writer.WriteString("resourceType", "CapabilityStatement");
        writer.WriteString("url", fhirBase + "/metadata");
        writer.WriteString("version", version);
        writer.WriteString("name", "PhrImaging");
        writer.WriteString("status", "active");
        writer.WriteString("date", date);
        writer.WriteString("kind", "instance");
        writer.WriteStartObject("software");
        writer.WriteString("name", "PhrImaging");
        writer.WriteString("version", version);
        writer.WriteEndObject();
        writer.WriteStartObject("implementation");
        writer.WriteString("description", "An imaging personal health record: FHIR R4 and DICOMweb under one roof");
        writer.WriteString("url", fhirBase);
        writer.WriteEndObject();
        writer.WriteString("fhirVersion", "4.0.1");
        WriteTexts(writer, "format", Formats);
        if (routes.Of("Patient").Any(one => one.Code == "patch"))
        {
            WriteTexts(writer, "patchFormat", PatchFormats);
        }
    }

    private void WriteType(Utf8JsonWriter writer, string type)
    {
        var wired = routes.Of(type);
        var isWritten = wired.Any(one => one.Code == "create");
        writer.WriteStartObject();
        writer.WriteString("type", type);
        WriteInteractions(writer, wired.Select(one => one.Code).Distinct());
        writer.WriteString("versioning", "versioned");
        writer.WriteBoolean("readHistory", wired.Any(one => one.Code == "vread"));
        writer.WriteBoolean("updateCreate", wired.Any(one => one.Code == "update"));
        writer.WriteBoolean("conditionalCreate", isWritten && wired.Any(one => one is { Code: "create", IsConditional: true }));
        writer.WriteString("conditionalRead", "full-support");
        writer.WriteBoolean("conditionalUpdate", isWritten && routes.HasConditional(HttpMethods.Put));
        writer.WriteString("conditionalDelete", isWritten && routes.HasConditional(HttpMethods.Delete) ? "single" : "not-supported");
        WriteSearch(writer, type);
        WriteOperations(writer, routes.OperationsOf(type));
        writer.WriteEndObject();
    }

    private void WriteSearch(Utf8JsonWriter writer, string type)
    {
        var all = parameters.Of(type);
        WriteTexts(writer, "searchInclude", all.Where(one => one.Kind == SearchKind.Reference).Select(one => $"{type}:{one.Code}").Where(one => Takes(type, "_include", one)));
        WriteTexts(writer, "searchRevInclude", pointingTo.GetValueOrDefault(type, []).Where(one => Takes(type, "_revinclude", one)));
        writer.WriteStartArray("searchParam");
        foreach (var parameter in all)
        {
            writer.WriteStartObject();
            writer.WriteString("name", parameter.Code);
            if (parameter.Url.Length > 0)
            {
                writer.WriteString("definition", parameter.Url);
            }
            writer.WriteString("type", parameter.Kind.ToString().ToLowerInvariant());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    /// <summary>Whether a search takes a parameter: the parser is asked, not a list.</summary>
    private bool Takes(string type, string name, string value) => parser.Parse(type, [KeyValuePair.Create(name, value)], strict: true).IsSuccess;

    private static void WriteInteractions(Utf8JsonWriter writer, IEnumerable<string> codes)
    {
        var all = codes.ToList();
        if (all.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("interaction");
        foreach (var code in all)
        {
            writer.WriteStartObject();
            writer.WriteString("code", code);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteOperations(Utf8JsonWriter writer, IEnumerable<Operation> operations)
    {
        var all = operations.ToList();
        if (all.Count == 0)
        {
            return;
        }
        writer.WriteStartArray("operation");
        foreach (var operation in all)
        {
            writer.WriteStartObject();
            writer.WriteString("name", operation.Name);
            writer.WriteString("definition", operation.Definition);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        var all = texts.ToList();
        if (all.Count == 0)
        {
            return;
        }
        writer.WriteStartArray(name);
        all.ForEach(writer.WriteStringValue);
        writer.WriteEndArray();
    }
}
