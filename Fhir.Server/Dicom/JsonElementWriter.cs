using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>One element in the DICOM JSON model: <c>"GGGGEEEE":{"vr":…,"Value":[…]}</c>. PS3.18 §F.2.</summary>
internal static class JsonElementWriter
{
    private const long LargestExact = 1L << 53;

    public static void Write(Utf8JsonWriter writer, DicomDataset dataset, DicomElement element, int bulkThreshold, BulkAddresses? bulk)
    {
        if (element.Tag.IsGroupLength || element.Tag.Group is 0x0002 or 0xFFFE)
        {
            return;
        }

        writer.WriteStartObject(element.Tag.ToString());
        writer.WriteString("vr"u8, element.Vr.Code);
        if (element.Tag == DicomTag.SpecificCharacterSet)
        {
            // This text is UTF-8, whatever the data set was. PS3.18 §F.2.
            WriteArray(writer, 1, static (w, _) => w.WriteStringValue("ISO_IR 192"u8));
        }
        else if (element.Items is { } items)
        {
            WriteItems(writer, element.Tag, items, bulkThreshold, bulk);
        }
        else if (element.BulkAddress is { } address)
        {
            writer.WriteString("BulkDataURI"u8, address);
        }
        else if (element.Bulk is not null || element.Fragments is not null || (element.Vr.IsBulk && IsLarge(element, bulkThreshold)))
        {
            bulk?.Write(writer, element.Tag);
        }
        else if (!element.Value.IsEmpty)
        {
            WriteValue(writer, dataset, element);
        }

        writer.WriteEndObject();
    }

    private static bool IsLarge(DicomElement element, int bulkThreshold) => element.Length > bulkThreshold
        || (element.Length > 0 && (element.Tag == DicomTag.PixelData || element.Tag == DicomTag.FloatPixelData || element.Tag == DicomTag.DoubleFloatPixelData));

    private static void WriteItems(
        Utf8JsonWriter writer, DicomTag tag, IReadOnlyList<DicomDataset> items, int bulkThreshold, BulkAddresses? bulk)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("Value"u8);
        for (var i = 0; i < items.Count; i++)
        {
            bulk?.Enter(tag, i + 1);
            writer.WriteStartObject();
            foreach (var element in items[i])
            {
                Write(writer, items[i], element, bulkThreshold, bulk);
            }

            writer.WriteEndObject();
            bulk?.Leave();
        }

        writer.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter writer, DicomDataset dataset, DicomElement element)
    {
        if (element.Vr.IsBulk || element.Vr == DicomVr.None)
        {
            writer.WriteBase64String("InlineBinary"u8, element.Value.Span);
            return;
        }

        if (element.Vr.IsText)
        {
            var texts = dataset.GetStrings(element);
            if (element.Vr == DicomVr.PN && texts is [var only] && DicomPersonName.Parse(only).IsEmpty)
            {
                return;
            }

            WriteArray(writer, texts.Count, (w, i) => WriteText(w, element.Vr, texts[i]));
            return;
        }

        var size = element.Vr == DicomVr.AT ? 4 : element.Vr.UnitSize;
        WriteArray(writer, element.Value.Length / size, (w, i) => WriteNumber(w, element.Vr, element.Value.Span.Slice(i * size, size)));
    }

    private static void WriteArray(Utf8JsonWriter writer, int count, Action<Utf8JsonWriter, int> one)
    {
        if (count == 0)
        {
            return;
        }

        writer.WriteStartArray("Value"u8);
        for (var i = 0; i < count; i++)
        {
            one(writer, i);
        }

        writer.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter writer, DicomVr vr, string text)
    {
        if (text.Length == 0)
        {
            writer.WriteNullValue();
        }
        else if (vr == DicomVr.PN)
        {
            WriteName(writer, DicomPersonName.Parse(text));
        }
        else if (vr is DicomVr.IS or DicomVr.DS)
        {
            WriteNumberText(writer, text);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static void WriteName(Utf8JsonWriter writer, DicomPersonName name)
    {
        if (name.IsEmpty)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        WriteIfAny("Alphabetic", name.Alphabetic);
        WriteIfAny("Ideographic", name.Ideographic);
        WriteIfAny("Phonetic", name.Phonetic);
        writer.WriteEndObject();

        void WriteIfAny(string group, string value)
        {
            if (value.Length > 0)
            {
                writer.WriteString(group, value);
            }
        }
    }

    /// <summary>A number as it was written when JSON can write it so, else as .NET writes it, else as text.</summary>
    private static void WriteNumberText(Utf8JsonWriter writer, string text)
    {
        if (IsJsonNumber(text))
        {
            writer.WriteRawValue(text, skipInputValidation: true);
        }
        else if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact))
        {
            writer.WriteNumberValue(exact);
        }
        else
        {
            writer.WriteStringValue(text);
        }
    }

    private static bool IsJsonNumber(ReadOnlySpan<char> text)
    {
        var rest = text.TrimStart('-').Length is var left && text.Length - left > 1 ? default : text[(text.Length - left)..];
        var digits = Digits(ref rest, out var first);
        if (digits == 0 || (digits > 1 && first == '0'))
        {
            return false;
        }

        if (rest is ['.', ..])
        {
            rest = rest[1..];
            if (Digits(ref rest, out _) == 0)
            {
                return false;
            }
        }

        if (rest is ['e' or 'E', ..])
        {
            rest = rest is [_, '+' or '-', ..] ? rest[2..] : rest[1..];
            if (Digits(ref rest, out _) is 0 or > 2)
            {
                return false;
            }
        }

        return rest.IsEmpty;
    }

    private static int Digits(ref ReadOnlySpan<char> rest, out char first)
    {
        first = rest.IsEmpty ? ' ' : rest[0];
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var count = end < 0 ? rest.Length : end;
        rest = rest[count..];
        return count;
    }

    private static void WriteNumber(Utf8JsonWriter writer, DicomVr vr, ReadOnlySpan<byte> bytes)
    {
        switch (vr)
        {
            case DicomVr.AT:
                writer.WriteStringValue(DicomDataset.ReadTag(bytes).ToString());
                break;
            case DicomVr.FL when BinaryPrimitives.ReadSingleLittleEndian(bytes) is var single && float.IsFinite(single):
                writer.WriteNumberValue(single);
                break;
            case DicomVr.FD when BinaryPrimitives.ReadDoubleLittleEndian(bytes) is var number && double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case DicomVr.FL:
                WriteNotFinite(writer, BinaryPrimitives.ReadSingleLittleEndian(bytes));
                break;
            case DicomVr.FD:
                WriteNotFinite(writer, BinaryPrimitives.ReadDoubleLittleEndian(bytes));
                break;
            case DicomVr.UV when BinaryPrimitives.ReadUInt64LittleEndian(bytes) is var large && large > LargestExact:
                writer.WriteStringValue(large.ToString(CultureInfo.InvariantCulture));
                break;
            case DicomVr.SV when DicomDataset.ReadInteger(vr, bytes) is var wide and (> LargestExact or < -LargestExact):
                writer.WriteStringValue(wide.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteNumberValue(DicomDataset.ReadInteger(vr, bytes));
                break;
        }
    }

    /// <summary>JSON has no number for these; they are text.</summary>
    private static void WriteNotFinite(Utf8JsonWriter writer, double value) =>
        writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}
