using System.Globalization;
using System.Text.Json;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Tests.Storage;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Search;

/// <summary>Random resources under random questions: what is indexed, read and found by SQL is what <see cref="SearchOracle"/> finds.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SearchOracleTests
{
    private static readonly JsonSerializerOptions Json = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Recoverable);
    private static readonly SearchParser Parser = new(new SearchOptions(Clock: new FakeTimeProvider(SearchOracle.Now)), Examples.Base);
    private static readonly string[] Prefixes = ["", "", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

    [Test]
    public async System.Threading.Tasks.Task A_search_finds_exactly_what_the_specification_says(
        [ValueSource(typeof(OracleResources), nameof(OracleResources.Types))] string type, [Values(1, 2)] int seed)
    {
        await using var store = await SqliteStore.OpenAsync();
        var random = new Random(seed);
        var maker = new OracleResources(random);
        var resources = Enumerable.Range(0, 40).Select(number => maker.Make(type, $"r{number}")).ToList();
        // As they come back from the store, and not as they were made.
        resources = [.. resources.Select(one => JsonSerializer.Deserialize<Resource>(JsonSerializer.Serialize(one, Json), Json)!)];
        await store.CommitAsync(new RecordCommit(new("p"))
        {
            Resources = [.. resources.Select(one => new ResourceChange(new(type, one.Id!), TestContent.Saying("x", [.. Examples.Extractor.Extract(one)]), "PUT"))],
        });
        var codes = SearchOracle.Codes(type).Where(code => code[0] != '_' && resources.Exists(one => SearchOracle.Elements(one, code).Count > 0)).Where(code => code != "phonetic")
            .Concat(["_id", "_tag", "_profile", "_source"]).ToList();
        int asked = 0, hits = 0;
        for (var i = 0; i < 500; i++)
        {
            var code = codes[random.Next(codes.Count)];
            var kind = SearchOracle.Type(type, code);
            var modifier = Modifier(random, kind);
            var value = string.Join(',', Enumerable.Range(0, random.Next(4) == 0 ? 2 : 1).Select(_ => Value(random, type, code, kind, modifier)));
            value = modifier == "missing" ? value.Split(',')[0] : value;
            var name = modifier is null ? code : $"{code}:{modifier}";
            if (!Parser.Parse(type, [KeyValuePair.Create(name, value)], strict: true).TryGet(out var query, out _))
            {
                continue;
            }

            asked++;
            var found = (await store.QueryAsync(query with { Count = 1000 })).Matches.Select(one => one.Key.Id).Order().ToList();
            var expected = resources.Where(one => SearchOracle.Matches(one, code, modifier, value)).Select(one => one.Id!).Order().ToList();
            hits += expected.Count > 0 ? 1 : 0;
            if (!found.SequenceEqual(expected))
            {
                var odd = found.Except(expected).Concat(expected.Except(found)).First();
                Assert.Fail($"{type}?{name}={value} finds {string.Join(' ', found)} instead of {string.Join(' ', expected)}; {odd} is "
                    + JsonSerializer.Serialize(resources.Find(one => one.Id == odd)!, Json));
            }
        }

        Assert.That(asked, Is.GreaterThan(300), "Most questions can be asked.");
        Assert.That(hits, Is.GreaterThan(100), "Many of them find something.");
    }

    private static string? Modifier(Random random, SearchParamType kind)
    {
        string?[] some = kind switch
        {
            SearchParamType.Token => [null, null, null, "not", "text", "of-type", "missing"],
            SearchParamType.String => [null, null, "exact", "contains", "missing"],
            SearchParamType.Reference => [null, null, "identifier", "Patient", "Group", "missing"],
            SearchParamType.Uri => [null, "above", "below", "missing"],
            SearchParamType.Composite or SearchParamType.Special => [null],
            _ => [null, null, null, null, "missing"],
        };
        return some[random.Next(some.Length)];
    }

    private static string Value(Random random, string type, string code, SearchParamType kind, string? modifier)
    {
        string One(params string[] values) => values[random.Next(values.Length)];
        string Escaped(params string[] values) => string.Concat(One(values).Select(letter => letter is '\\' or ',' or '|' or '$' ? $"\\{letter}" : $"{letter}"));
        string Token()
        {
            var plain = Escaped([.. OracleResources.Codes, .. OracleResources.Identifiers, "true", "final", "available", "female", "replaces", "r1", "r7"]);
            var system = Escaped([.. OracleResources.Systems, "http://hl7.org/fhir/observation-status", "home"]);
            return random.Next(6) switch { 0 => $"{system}|", 1 => $"|{plain}", 2 or 3 => $"{system}|{plain}", _ => plain };
        }

        switch (kind, modifier)
        {
            case (_, "missing"):
                return One("true", "false");
            case (_, "identifier"):
                return Escaped(OracleResources.Identifiers);
            case (_, "text"):
                return One("chest", "pain", "acute", "ain", "CT chest", "chest pain", "painless");
            case (_, "of-type"):
                return $"{One("", Escaped(OracleResources.Systems))}|{Escaped(OracleResources.Codes)}|{Escaped(OracleResources.Identifiers)}";
            case (SearchParamType.Token, _):
                return Token();
            case (SearchParamType.String, _):
                var text = One(OracleResources.Texts);
                text = random.Next(2) == 0 ? text : text[..random.Next(1, text.Length)];
                return Escaped(random.Next(3) == 0 ? text.ToUpperInvariant() : text);
            case (SearchParamType.Reference, _):
                return Escaped(One([.. OracleResources.References, "1", "2", .. OracleResources.Uris]));
            case (SearchParamType.Uri, _):
                return Escaped(OracleResources.Uris);
            case (SearchParamType.Date, _):
                return One(Prefixes) + One(OracleResources.Dates);
            case (SearchParamType.Number, _):
                return One(Prefixes) + One([.. OracleResources.Numbers, "1e2", "1.00e2", "5.40e-3"]);
            case (SearchParamType.Quantity, _):
                var number = One(Prefixes) + One([.. OracleResources.Numbers, "1e2", "1000", "0.001"]);
                return random.Next(4) switch
                {
                    0 => number,
                    1 => $"{number}||{One(OracleResources.Units)}",
                    2 => $"{number}|{One("http://a/s", "urn:iso:std:iso:4217")}|{One([.. OracleResources.Units, "EUR"])}",
                    _ => $"{number}|http://unitsofmeasure.org|{One(OracleResources.Units)}",
                };
            case (SearchParamType.Composite, _):
                return string.Join('$', SearchOracle.Definition(type, code).Component!.Select(component => SearchOracle.Definition(component.Definition!))
                    .Select(part => Value(random, type, part.Code!, part.Type, null)));
            default:
                return string.Create(CultureInfo.InvariantCulture, $"{random.Next(-90, 91)}|{random.Next(-180, 181)}|{random.Next(1, 20000)}.5|{One("km", "km", "m")}");
        }
    }
}
