using System.Buffers;
using System.Text.Json;

namespace Fhir.Server.Rest.Formats;

/// <summary>Writes JSON anew with other white space; numbers stay as they are written, to the last digit.</summary>
internal static class JsonCopy
{
    /// <summary>The same JSON.</summary>
    /// <param name="json">What this server wrote.</param>
    /// <param name="isPretty">With line breaks and indentation.</param>
    /// <param name="change">What is made of each text; null leaves them.</param>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json, bool isPretty, Func<string, string>? change = null)
    {
        var output = new ArrayBufferWriter<byte>(Math.Max(256, isPretty ? json.Length * 2 : json.Length));
        using (var writer = new Utf8JsonWriter(output, FhirWriting.Options with { Indented = isPretty, SkipValidation = false }))
        {
            var reader = new Utf8JsonReader(json.Span);
            while (reader.Read())
            {
                WriteToken(ref reader, writer, change);
            }
        }
        return output.WrittenMemory;
    }

    private static void WriteToken(ref Utf8JsonReader reader, Utf8JsonWriter writer, Func<string, string>? change)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                break;
            case JsonTokenType.EndObject:
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                break;
            case JsonTokenType.EndArray:
                writer.WriteEndArray();
                break;
            case JsonTokenType.PropertyName:
                writer.WritePropertyName(reader.GetString()!);
                break;
            case JsonTokenType.String when change is not null:
                writer.WriteStringValue(change(reader.GetString()!));
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(reader.GetString());
                break;
            default:
                writer.WriteRawValue(reader.ValueSpan, skipInputValidation: true);
                break;
        }
    }
}
