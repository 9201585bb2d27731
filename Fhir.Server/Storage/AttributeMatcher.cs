using System.Text.Json;

namespace Fhir.Server.Storage;

/// <summary>
/// Matches the DICOM JSON of a study, series or instance against keys: all of them must match, and those below one sequence must match
/// in one and the same item. PS3.4 §C.2.2.2
/// </summary>
public sealed class AttributeMatcher
{
    private const int Deepest = 2000;
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = Deepest };

    private readonly Level root;
    private readonly MatchSteps steps;

    /// <summary>Prepares the keys.</summary>
    /// <param name="matches">Keys that <see cref="QueryAttributes"/> lists, none of them counted.</param>
    /// <param name="look">Called now and then while long values are matched; it throws when that shall end.</param>
    public AttributeMatcher(IEnumerable<AttributeMatch> matches, Action? look = null)
    {
        ArgumentNullException.ThrowIfNull(matches);
        steps = new MatchSteps(look);
        root = new Level([.. matches.Select(match => (QueryAttributes.All[match.Keyword], match, 0))], steps);
    }

    /// <summary>Whether a DICOM JSON object (UTF-8; nothing at all stands for an empty one) matches.</summary>
    public bool Matches(ReadOnlySpan<byte> json)
    {
        steps.Take(json.Length);
        var found = new JsonElement?[root.Names.Count];
        var reader = new Utf8JsonReader(json, Reading);
        if (json.Length > 0)
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var slot = root.SlotOf(ref reader);
                reader.Read();
                if (slot < 0)
                {
                    reader.Skip();
                    continue;
                }
                found[slot] = JsonElement.ParseValue(ref reader);
            }
        }
        return root.Holds(found);
    }

    /// <summary>The keys that apply to one data set: the root, or the items of a sequence.</summary>
    private sealed class Level
    {
        private readonly List<byte[]> utf8 = [];
        private readonly List<Func<JsonElement?[], bool>> tests = [];

        public Level(IReadOnlyList<(QueryAttribute Attribute, AttributeMatch Match, int Depth)> keys, MatchSteps steps)
        {
            foreach (var (attribute, match, depth) in keys.Where(key => key.Attribute.Tags.Count == key.Depth + 1))
            {
                var slot = SlotFor(attribute.Tags[depth].ToString());
                if (match.Kind == MatchKind.Moment)
                {
                    var time = QueryAttributes.All[TimeOf(match.Keyword)];
                    var other = SlotFor(time.Tags[depth].ToString());
                    var test = ValueTests.Moment(match.Values);
                    tests.Add(found => test(Values(found[slot]), Values(found[other])));
                    continue;
                }
                var single = ValueTests.For(attribute, match, steps);
                tests.Add(found => single(Values(found[slot])));
            }
            foreach (var below in keys.Where(key => key.Attribute.Tags.Count > key.Depth + 1).GroupBy(key => key.Attribute.Tags[key.Depth]))
            {
                var slot = SlotFor(below.Key.ToString());
                var level = new Level([.. below.Select(key => (key.Attribute, key.Match, key.Depth + 1))], steps);
                tests.Add(found => level.HoldsInAnItem(found[slot]));
            }
        }

        public List<string> Names { get; } = [];

        public int SlotOf(ref Utf8JsonReader reader)
        {
            for (var i = 0; i < utf8.Count; i++)
            {
                if (reader.ValueTextEquals(utf8[i]))
                {
                    return i;
                }
            }
            return -1;
        }

        public bool Holds(JsonElement?[] found) => tests.TrueForAll(test => test(found));

        /// <summary>A sequence without items says as little as one empty item.</summary>
        private bool HoldsInAnItem(JsonElement? sequence)
        {
            var items = Values(sequence);
            return items.Count == 0 ? Holds(new JsonElement?[Names.Count]) : items.Any(item => Holds(
                [.. Names.Select(name => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? value : (JsonElement?)null)]));
        }

        private int SlotFor(string name)
        {
            var slot = Names.IndexOf(name);
            if (slot < 0)
            {
                Names.Add(name);
                utf8.Add(System.Text.Encoding.ASCII.GetBytes(name));
                slot = Names.Count - 1;
            }
            return slot;
        }

        private static IReadOnlyList<JsonElement> Values(JsonElement? attribute) =>
            attribute is { ValueKind: JsonValueKind.Object } one && one.TryGetProperty("Value", out var values) && values.ValueKind == JsonValueKind.Array
                ? [.. values.EnumerateArray()]
                : [];
    }

    /// <summary>The time that goes with a date.</summary>
    public static string TimeOf(string dateKeyword) => string.Concat((dateKeyword ?? "").AsSpan(0, Math.Max(0, (dateKeyword?.Length ?? 0) - 4)), "Time");
}
