using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Tests.Peers;

/// <summary>
/// The official examples of FHIR R4 (npm hl7.fhir.r4.examples), each put and read back: equal, decimals to the digit. The few that are not kept
/// are listed with the reason, and no other may join them.
/// </summary>
[TestFixture]
public sealed partial class OfficialExamplesTests
{
    private const string Package = "node_modules/hl7.fhir.r4.examples";

    /// <summary>What is not kept, and why: the start of the files' names, the status, and what the answer says.</summary>
    private static readonly IReadOnlyList<(string[] Files, int Status, string Says)> NotKept =
    [
        (["Bundle-dataelements.", "Bundle-resources."], 413, "may have at most"),
        // Beyond what System.Decimal holds (1E+245): the SDK cannot keep it, and another number must not take its place.
        (["Observation-decimal."], 422, "PVAL123"),
        // The narrative breaks the rules of its XHTML.
        (["ActivityDefinition-blood-tubes-supply.", "ActivityDefinition-heart-valve-replacement.", "EventDefinition-example.", "Questionnaire-zika-virus-exposure-assessment."], 422, "not the XHTML"),
        // A uuid in capitals, a uri or code with blanks: no correct literals.
        (
            [
                "Bundle-v2-valuesets.", "Bundle-valueset-expansions.", "Bundle-valuesets.", "CapabilityStatement-example.", "CodeSystem-snomedct.", "CodeSystem-v2-0550.",
                "Library-zika-virus-intervention-logic.", "MessageHeader-1cbdfb97-5859-48a4-8301-d54eab818d68.", "TerminologyCapabilities-example.",
            ], 422, "not a correct literal"),
        (
            [
                "ImplementationGuide-fhir.", "ig-r4.", "Questionnaire-qs1.", "SearchParameter-codesystem-extensions-CodeSystem-", "SearchParameter-valueset-extensions-ValueSet-",
            ], 422, "required element is missing"),
        (["SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject."], 400, "not a FHIR id"),
        // A patient of another server, by its whole address.
        (["QuestionnaireResponse-bb.", "QuestionnaireResponse-ussg-fht-answers.", "ServiceRequest-myringotomy."], 422, "not one of this server"),
    ];

    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await server.DisposeAsync();

    [Test]
    public async Task Every_official_example_is_kept_as_it_is_or_refused_for_a_reason_that_is_listed()
    {
        var folder = Path.Combine(NodePeer.FolderOrSkip("r4-examples", Package), Package);
        var files = Directory.EnumerateFiles(folder, "*.json").Where(file => Path.GetFileName(file) is not ("package.json" or ".index.json"))
            .Order(StringComparer.Ordinal).ToList();
        Assert.That(files, Has.Count.GreaterThan(5000));
        var examples = files.ConvertAll(file => (Name: Path.GetFileName(file), Text: File.ReadAllText(file)));
        await PutPatientsAsync(examples.Select(example => example.Text));
        var wrong = new ConcurrentBag<string>();
        var kept = 0;
        await Parallel.ForEachAsync(examples, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (example, _) =>
        {
            var listed = NotKept.Where(one => one.Files.Any(start => example.Name.StartsWith(start, StringComparison.Ordinal))).Select(one => $"{one.Status} *{one.Says}").SingleOrDefault();
            if (await TryAsync(example.Text) is var fault && listed is not null)
            {
                if (fault is null || !fault.StartsWith(listed[..3], StringComparison.Ordinal) || !fault.Contains(listed.Split('*')[1], StringComparison.Ordinal))
                {
                    wrong.Add($"{example.Name} is listed as {listed}: {fault ?? "kept"}");
                }
            }
            else if (fault is not null)
            {
                wrong.Add($"{example.Name}: {fault}");
            }
            else
            {
                Interlocked.Increment(ref kept);
            }
        });
        Assert.That(wrong.Order(StringComparer.Ordinal), Is.Empty, string.Join('\n', wrong));
        Assert.That(kept, Is.GreaterThan(5200));
    }

    /// <summary>The records the examples belong to, those too of which there is no example.</summary>
    private async Task PutPatientsAsync(IEnumerable<string> texts)
    {
        var ids = texts.SelectMany(text => PatientReference().Matches(text)).Select(match => match.Groups["id"].Value).Distinct();
        foreach (var id in ids)
        {
            using var answer = await server.Client.PutAsync($"/fhir/Patient/{id}", PhrServer.FhirContent($$"""{"resourceType":"Patient","id":"{{id}}"}"""));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), id);
        }
    }

    private async Task<string?> TryAsync(string json)
    {
        using var sent = JsonDocument.Parse(json);
        var (type, id) = (sent.RootElement.GetProperty("resourceType").GetString(), sent.RootElement.GetProperty("id").GetString());
        using var put = await server.Client.PutAsync($"/fhir/{type}/{id}", PhrServer.FhirContent(json));
        if (!put.IsSuccessStatusCode)
        {
            return $"{(int)put.StatusCode} {await put.Content.ReadAsStringAsync()}";
        }
        using var read = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/{type}/{id}?_format=json"));
        if (Difference(Comparable(sent.RootElement), Comparable(read.RootElement), type!) is { } difference)
        {
            return difference;
        }
        // What XML says is the same, but for how a narrative is written and for blanks around texts, which are nothing in XML.
        using var reader = System.Xml.XmlReader.Create(new StringReader(await server.Client.GetStringAsync($"/fhir/{type}/{id}?_format=xml")));
        FhirXmlDeserializer.STRICT.TryDeserializeResource(reader, out var resource, out var issues);
        if (resource is null || issues.Any(issue => issue.ErrorCode is not ("PVAL115" or "PVAL129")))
        {
            return "XML: " + string.Join("; ", issues.Select(issue => issue.Message).Take(3));
        }
        using var xml = JsonDocument.Parse(new FhirJsonSerializer().SerializeToString(resource));
        return Difference(Comparable(read.RootElement), Comparable(xml.RootElement), type!, isXml: true) is { } other ? "XML: " + other : null;
    }

    /// <summary>Without what the server gives: version and time.</summary>
    private static JsonElement Comparable(JsonElement resource)
    {
        var node = System.Text.Json.Nodes.JsonObject.Create(resource)!;
        if (node["meta"] is System.Text.Json.Nodes.JsonObject meta)
        {
            foreach (var name in (string[])["versionId", "_versionId", "lastUpdated", "_lastUpdated"])
            {
                meta.Remove(name);
            }
            if (meta.Count == 0)
            {
                node.Remove("meta");
            }
        }
        using var document = JsonDocument.Parse(node.ToJsonString());
        return document.RootElement.Clone();
    }

    private static string? Difference(JsonElement left, JsonElement right, string path, bool isXml = false)
    {
        if (left.ValueKind != right.ValueKind)
        {
            return $"{path}: {left.ValueKind} became {right.ValueKind}";
        }
        switch (left.ValueKind)
        {
            case JsonValueKind.Object:
                var (names, others) = (left.EnumerateObject().Select(one => one.Name).ToHashSet(), right.EnumerateObject().Select(one => one.Name).ToHashSet());
                return names.SetEquals(others)
                    ? left.EnumerateObject().Select(one => Difference(one.Value, right.GetProperty(one.Name), $"{path}.{one.Name}", isXml)).FirstOrDefault(found => found is not null)
                    : $"{path}: members {string.Join(',', names.Except(others))} became {string.Join(',', others.Except(names))}";
            case JsonValueKind.Array:
                return left.GetArrayLength() != right.GetArrayLength()
                    ? $"{path}: {left.GetArrayLength()} became {right.GetArrayLength()}"
                    : left.EnumerateArray().Zip(right.EnumerateArray()).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]", isXml)).FirstOrDefault(found => found is not null);
            case JsonValueKind.Number:
                return left.GetRawText() == right.GetRawText() ? null : $"{path}: {left.GetRawText()} became {right.GetRawText()}";
            default:
                if (isXml)
                {
                    return path.EndsWith(".div", StringComparison.Ordinal) || Words(left) == Words(right) ? null : $"{path}: another text";
                }
                // Blanks within base64 mean nothing.
                return left.ToString() == right.ToString() || (path.EndsWith(".data", StringComparison.Ordinal) && string.Concat(left.ToString().Where(letter => !char.IsWhiteSpace(letter))) == right.ToString()) ? null : $"{path}: another text";
        }
    }

    private static string Words(JsonElement text) => string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("\"(?:reference|fullUrl)\"\\s*:\\s*\"(?:http[^\"]*/)?Patient/(?<id>[A-Za-z0-9.-]{1,64})[\"/]", RegexOptions.ExplicitCapture)]
    private static partial Regex PatientReference();
}
