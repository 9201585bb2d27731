using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fhir.Server.Rest.Formats;

/// <summary>
/// Leaves elements out of JSON as it streams by: members that stay are copied as bytes, nothing becomes objects. What is left is tagged
/// SUBSETTED. See https://hl7.org/fhir/R4/search.html#summary
/// </summary>
internal static class SubsetWriter
{
    private const string TagSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
    private const string TagCode = "SUBSETTED";

    /// <summary>A resource as a subset of itself.</summary>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json, Subset subset)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(256, json.Length));
        using (var writer = new Utf8JsonWriter(output, FhirWriting.Options))
        {
            WriteResource(writer, json.Span, subset);
        }
        return output.WrittenMemory;
    }

    /// <summary>
    /// A Bundle with subsets of its entries, but for outcomes and, by <c>_elements</c>, what was included; a CapabilityStatement as
    /// subset of itself; anything else as it is.
    /// </summary>
    public static ReadOnlyMemory<byte> OfDocument(ReadOnlyMemory<byte> json, Subset subset)
    {
        switch (JsonText.TypeOf(json.Span))
        {
            case "CapabilityStatement":
                return Of(json, subset);
            case "Bundle":
                break;
            default:
                return json;
        }
        var output = new ArrayBufferWriter<byte>(Math.Max(256, json.Length));
        using (var writer = new Utf8JsonWriter(output, FhirWriting.Options))
        {
            WriteBundle(writer, json.Span, subset);
        }
        return output.WrittenMemory;
    }

    private static void WriteBundle(Utf8JsonWriter writer, ReadOnlySpan<byte> json, Subset subset)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEntry = reader.ValueTextEquals("entry"u8);
            writer.WritePropertyName(reader.GetString()!);
            reader.Read();
            if (!isEntry)
            {
                writer.WriteRawValue(ValueOf(ref reader, json), skipInputValidation: true);
                continue;
            }
            writer.WriteStartArray();
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                WriteEntry(writer, ValueOf(ref reader, json), subset);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter writer, ReadOnlySpan<byte> entry, Subset subset)
    {
        var isWhole = ModeOf(entry) is var mode && (mode == "outcome" || (mode == "include" && subset.Elements.Count > 0));
        var reader = new Utf8JsonReader(entry);
        reader.Read();
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isResource = reader.ValueTextEquals("resource"u8);
            writer.WritePropertyName(reader.GetString()!);
            reader.Read();
            var value = ValueOf(ref reader, entry);
            if (isResource && !isWhole)
            {
                WriteResource(writer, value, subset);
            }
            else
            {
                writer.WriteRawValue(value, skipInputValidation: true);
            }
        }
        writer.WriteEndObject();
    }

    private static string? ModeOf(ReadOnlySpan<byte> entry)
    {
        var reader = new Utf8JsonReader(entry);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSearch = reader.ValueTextEquals("search"u8);
            reader.Read();
            var value = ValueOf(ref reader, entry);
            if (isSearch)
            {
                return (string?)JsonNode.Parse(value)!["mode"];
            }
        }
        return null;
    }

    private static void WriteResource(Utf8JsonWriter writer, ReadOnlySpan<byte> json, Subset subset)
    {
        var choice = ElementChoice.For(JsonText.TypeOf(json) ?? throw new InvalidOperationException("A resource does not say its type."), subset);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        writer.WriteStartObject();
        var isTagged = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "meta")
            {
                writer.WritePropertyName(name);
                WriteMeta(writer, ValueOf(ref reader, json));
                isTagged = true;
                continue;
            }
            WriteMember(writer, ref reader, json, name, name == "resourceType" ? new(Keeps: true) : choice.Of(name));
        }
        if (!isTagged)
        {
            writer.WritePropertyName("meta");
            WriteMeta(writer, "{}"u8);
        }
        writer.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter writer, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string name, ElementRule rule)
    {
        var value = ValueOf(ref reader, json);
        if (!rule.Keeps)
        {
            return;
        }
        if (rule.Inside is not { } choice)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value, skipInputValidation: true);
            return;
        }
        var inside = new Utf8JsonReader(value);
        inside.Read();
        writer.WritePropertyName(name);
        if (inside.TokenType != JsonTokenType.StartArray)
        {
            WriteObject(writer, value, choice);
            return;
        }
        writer.WriteStartArray();
        while (inside.Read() && inside.TokenType != JsonTokenType.EndArray)
        {
            WriteObject(writer, ValueOf(ref inside, value), choice);
        }
        writer.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, ReadOnlySpan<byte> json, ElementChoice choice)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject || !KeepsAny(json, choice))
        {
            // Better whole than empty, which no element may be.
            writer.WriteRawValue(json, skipInputValidation: true);
            return;
        }
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            WriteMember(writer, ref reader, json, name, choice.Of(name));
        }
        writer.WriteEndObject();
    }

    private static bool KeepsAny(ReadOnlySpan<byte> json, ElementChoice choice)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (choice.Of(reader.GetString()!).Keeps)
            {
                return true;
            }
            reader.Read();
            reader.Skip();
        }
        return false;
    }

    private static void WriteMeta(Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        var meta = JsonNode.Parse(json)!.AsObject();
        var tags = meta["tag"] as JsonArray ?? [];
        if (!tags.Any(tag => (string?)tag?["code"] == TagCode))
        {
            tags.Add(new JsonObject { ["system"] = TagSystem, ["code"] = TagCode });
        }
        meta["tag"] = tags;
        meta.WriteTo(writer);
    }

    /// <summary>The bytes of the value the reader stands on, which it passes over.</summary>
    private static ReadOnlySpan<byte> ValueOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
