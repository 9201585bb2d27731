using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads the DICOM JSON model. PS3.18 Annex F. Token by token: no tree is made of it.</summary>
public sealed class DicomJsonReader
{
    private readonly DicomReadOptions options;
    private readonly JsonAttributeReader attributes;
    private readonly ReadWarnings warnings = new();

    private DicomJsonReader(DicomReadOptions options)
    {
        this.options = options;
        attributes = new JsonAttributeReader(options, warnings);
    }

    /// <summary>Reads one data set: an object, or a list of one.</summary>
    public static Outcome<DicomModel> Read(ReadOnlySpan<byte> utf8, DicomReadOptions? options = null) =>
        ReadAll(utf8, options).Match<Outcome<DicomModel>>(
            all => all is [var only] ? only : Problem.Invalid("There is not exactly one data set."), problem => problem);

    /// <summary>Reads a list of data sets, as STOW-RS and QIDO-RS have them; one alone is a list of one.</summary>
    public static Outcome<IReadOnlyList<DicomModel>> ReadAll(ReadOnlySpan<byte> utf8, DicomReadOptions? options = null)
    {
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8))
        {
            return Problem.Invalid("The JSON is not in UTF-8.");
        }

        options ??= DicomReadOptions.Default;
        try
        {
            // An item is a list and an object, and an attribute an object: three levels for each of ours.
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = (3 * options.DepthLimit) + 8 });
            return new DicomJsonReader(options).ReadTop(ref reader);
        }
        catch (JsonException broken)
        {
            return Problem.Invalid($"The JSON is broken in line {broken.LineNumber + 1}.");
        }
    }

    private Outcome<IReadOnlyList<DicomModel>> ReadTop(ref Utf8JsonReader reader)
    {
        var all = new List<DicomModel>();
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return Problem.Invalid("The JSON is neither a data set nor a list of some.");
        }

        var isList = reader.TokenType == JsonTokenType.StartArray;
        while (!isList || (reader.Read() && reader.TokenType != JsonTokenType.EndArray))
        {
            var dataset = new DicomDataset();
            var before = attributes.Left;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Problem.Invalid("The list has something other than data sets in it.");
            }

            if (attributes.Read(ref reader, dataset, 0) is { } problem)
            {
                return problem;
            }

            all.Add(new DicomModel(dataset, warnings.Texts) { Size = before - attributes.Left + 1 });
            if (all.Count > options.ElementLimit)
            {
                return Problem.TooLarge("There are more data sets than this server reads.");
            }

            if (!isList)
            {
                break;
            }
        }

        return reader.Read() ? Problem.Invalid("There is something after the data sets.") : all;
    }
}
