using System.Text;
using System.Text.Json;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads the attributes of one object of the DICOM JSON model, and of the items within. PS3.18 §F.2.2.</summary>
internal sealed class JsonAttributeReader(DicomReadOptions options, ReadWarnings warnings)
{
    private static readonly string[] NameGroups = ["Alphabetic", "Ideographic", "Phonetic"];
    private int left = options.ElementLimit;

    /// <summary>How many elements and values may still come.</summary>
    public int Left => left;

    /// <summary>Reads from the beginning of the object to its end; the problem, if any, is why the reading stopped.</summary>
    public Problem? Read(ref Utf8JsonReader reader, DicomDataset dataset, int depth)
    {
        if (depth > options.DepthLimit)
        {
            return Problem.Invalid("Sequences are nested too deeply.");
        }

        var assembly = new ModelAssembly(dataset, warnings);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (--left < 0)
            {
                return Problem.TooLarge("There are more elements than this server reads.");
            }

            var isTag = DicomTag.TryParse(Text(ref reader), out var tag);
            reader.Read();
            if (!isTag || reader.TokenType != JsonTokenType.StartObject)
            {
                warnings.Add("There is something that is no element; it is left out.");
                reader.Skip();
                continue;
            }

            var model = new ModelElement();
            if ((ReadAttribute(ref reader, dataset, model, depth) ?? assembly.Add(tag, model)) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private Problem? ReadAttribute(ref Utf8JsonReader reader, DicomDataset dataset, ModelElement model, int depth)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader);
            reader.Read();
            switch (name)
            {
                case "vr" when reader.TokenType == JsonTokenType.String:
                    model.Vr = DicomVrTraits.TryParse(Text(ref reader), out var vr) ? vr : DicomVr.None;
                    break;
                case "Value":
                    if (ReadValues(ref reader, dataset, model, depth) is { } problem)
                    {
                        return problem;
                    }

                    break;
                case "InlineBinary" when reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray:
                    ReadBytes(ref reader, model);
                    break;
                case "BulkDataURI" when reader.TokenType == JsonTokenType.String:
                    model.BulkAddress = Text(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return null;
    }

    private Problem? ReadValues(ref Utf8JsonReader reader, DicomDataset dataset, ModelElement model, int depth)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            warnings.Add("A value is not in a list.");
            return ReadValue(ref reader, dataset, model, depth);
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (--left < 0)
            {
                return Problem.TooLarge("There are more values than this server reads.");
            }

            if (ReadValue(ref reader, dataset, model, depth) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private Problem? ReadValue(ref Utf8JsonReader reader, DicomDataset dataset, ModelElement model, int depth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                model.Values.Add(null);
                if (model.Vr == DicomVr.SQ)
                {
                    (model.Items ??= []).Add(new DicomDataset(dataset));
                }

                return null;
            case JsonTokenType.String:
                model.Values.Add(Text(ref reader));
                return null;
            case JsonTokenType.Number:
                model.AreNumbers = true;
                model.Values.Add(Encoding.ASCII.GetString(reader.ValueSpan));
                return null;
            case JsonTokenType.True or JsonTokenType.False:
                model.Values.Add(reader.TokenType == JsonTokenType.True ? "true" : "false");
                return null;
            case JsonTokenType.StartObject when model.Vr == DicomVr.PN || (model.Vr == DicomVr.None && IsName(reader)):
                model.AreNames = true;
                model.Values.Add(ReadName(ref reader));
                return null;
            case JsonTokenType.StartObject:
                var item = new DicomDataset(dataset);
                (model.Items ??= []).Add(item);
                return Read(ref reader, item, depth + 1);
            default:
                warnings.Add("There is a value that is none; it is left out.");
                reader.Skip();
                return null;
        }
    }

    /// <summary>Whether the object that begins here is a name; the reader given is a copy.</summary>
    private static bool IsName(Utf8JsonReader copy) =>
        copy.Read() && copy.TokenType == JsonTokenType.PropertyName && Array.IndexOf(NameGroups, Text(ref copy)) >= 0;

    private static string ReadName(ref Utf8JsonReader reader)
    {
        var groups = new string[] { "", "", "" };
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var group = Array.IndexOf(NameGroups, Text(ref reader));
            reader.Read();
            if (group >= 0 && reader.TokenType == JsonTokenType.String)
            {
                groups[group] = Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return ModelElement.Join('=', groups);
    }

    private void ReadBytes(ref Utf8JsonReader reader, ModelElement model)
    {
        // One text it should be; a list of one is met too.
        var isList = reader.TokenType == JsonTokenType.StartArray;
        var depth = reader.CurrentDepth;
        if (isList && (!reader.Read() || reader.TokenType != JsonTokenType.String))
        {
            SkipList(ref reader, depth);
            return;
        }

        // A slash may be escaped; anything else that is, is no Base64.
        if (reader.ValueIsEscaped ? ModelElement.TryBase64(Text(ref reader), out var bytes) : reader.TryGetBytesFromBase64(out bytes))
        {
            model.Bytes = bytes;
        }
        else
        {
            warnings.Add("Bytes are not in Base64; they are left out.");
        }

        if (isList)
        {
            SkipList(ref reader, depth);
        }
    }

    /// <summary>Goes on to the end of the list that began at this depth.</summary>
    private static void SkipList(ref Utf8JsonReader reader, int depth)
    {
        while ((reader.TokenType != JsonTokenType.EndArray || reader.CurrentDepth != depth) && reader.Read())
        {
        }
    }

    /// <summary>Text; half a surrogate pair, which JSON can spell, becomes the sign for what is no character.</summary>
    private static string Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped || !reader.ValueSpan.ContainsAny("uU"u8))
        {
            return reader.GetString() ?? string.Empty;
        }

        try
        {
            return reader.GetString() ?? string.Empty;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD";
        }
    }
}
