using System.Buffers.Binary;
using System.Globalization;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Makes the elements of one data set of what a JSON or XML model says. PS3.18 §F.2.3.</summary>
internal sealed class ModelAssembly(DicomDataset dataset, ReadWarnings warnings)
{
    private bool isSetDeclared;
    private int strays;

    /// <summary>
    /// Puts an attribute into the data set. What cannot be understood is left out, with a warning; the problem, if any, is why no more
    /// can be added.
    /// </summary>
    public Problem? Add(DicomTag tag, ModelElement model)
    {
        if (tag.Group is 0x0002 or 0xFFFE or 0 || tag.IsGroupLength)
        {
            warnings.Add("There are elements that do not belong in a data set; they are left out.");
        }
        else if (tag == DicomTag.SpecificCharacterSet ? isSetDeclared : dataset.Contains(tag))
        {
            warnings.Add("An element occurs twice; the first is kept.");
        }
        else if (dataset.Count > 0 && dataset.Elements[^1].Tag > tag && ++strays > DatasetReader.StraysLimit)
        {
            return Problem.Invalid("Too many elements are not in the order of their tags.");
        }
        else if (tag == DicomTag.SpecificCharacterSet)
        {
            // Whatever it says, the text of these models is Unicode; text before it may have had that declared already.
            isSetDeclared = true;
            dataset.Add(tag, DicomVr.CS, DicomCharacterSet.Utf8Term);
        }
        else if (Make(tag, model) is { } element)
        {
            dataset.Add(element);
        }

        return null;
    }

    private DicomElement? Make(DicomTag tag, ModelElement model)
    {
        var vr = VrOf(tag, model);
        if (vr == DicomVr.SQ)
        {
            return new DicomElement(tag, model.Items ?? []);
        }

        if (model.Items is not null)
        {
            warnings.Add("There are items in an element that is no sequence; they are left out.");
        }

        if (model.BulkAddress is { Length: > 0 } address)
        {
            return new DicomElement(tag, vr, address);
        }

        if (model.Bytes is { } bytes)
        {
            return new DicomElement(tag, vr, bytes);
        }

        if (vr.IsText)
        {
            AddText(tag, vr, model.Values);
            return null;
        }

        return Binary(tag, vr, model.Values);
    }

    private DicomVr VrOf(DicomTag tag, ModelElement model)
    {
        if (model.Vr != DicomVr.None)
        {
            return model.Vr;
        }

        warnings.Add("An element has no valid value representation; it is taken from the dictionary.");
        var known = DicomDictionary.VrOf(tag, dataset);
        return known != DicomVr.UN ? known
            : model.Items is not null ? DicomVr.SQ
            : model.AreNames ? DicomVr.PN
            : model.Values.Count == 0 ? DicomVr.UN
            : model.AreNumbers ? DicomVr.DS : DicomVr.UC;
    }

    private void AddText(DicomTag tag, DicomVr vr, List<string?> values)
    {
        var texts = new string[values.Count];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = values[i] ?? string.Empty;
        }

        dataset.Add(tag, vr, texts);
    }

    private DicomElement Binary(DicomTag tag, DicomVr vr, List<string?> values)
    {
        var size = vr == DicomVr.AT ? 4 : vr.UnitSize;
        if (!vr.IsNumber && vr != DicomVr.AT)
        {
            if (values.Count > 0)
            {
                warnings.Add("An element of bytes has values that are none; they are left out.");
            }

            return new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty);
        }

        var bytes = new byte[values.Count * size];
        for (var i = 0; i < values.Count; i++)
        {
            if (!Put(vr, values[i], bytes.AsSpan(i * size, size)))
            {
                warnings.Add("An element has a value that does not fit its representation; it is left empty.");
                return new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty);
            }
        }

        return new DicomElement(tag, vr, bytes);
    }

    private static bool Put(DicomVr vr, string? text, Span<byte> target)
    {
        switch (vr)
        {
            case DicomVr.AT when DicomTag.TryParse(text, out var tag):
                BinaryPrimitives.WriteUInt16LittleEndian(target, tag.Group);
                BinaryPrimitives.WriteUInt16LittleEndian(target[2..], tag.Element);
                return true;
            case DicomVr.FL when TryReal(text, out var real):
                BinaryPrimitives.WriteSingleLittleEndian(target, (float)real);
                return true;
            case DicomVr.FD when TryReal(text, out var real):
                BinaryPrimitives.WriteDoubleLittleEndian(target, real);
                return true;
            case DicomVr.AT or DicomVr.FL or DicomVr.FD:
                return false;
            default:
                return TryWhole(text, out var whole) && PutWhole(vr, whole, target);
        }
    }

    private static bool PutWhole(DicomVr vr, Int128 value, Span<byte> target)
    {
        var bits = target.Length * 8;
        var isSigned = vr is DicomVr.SS or DicomVr.SL or DicomVr.SV;
        var least = isSigned ? -(Int128.One << (bits - 1)) : 0;
        var most = (Int128.One << (isSigned ? bits - 1 : bits)) - 1;
        if (value < least || value > most)
        {
            return false;
        }

        for (var i = 0; i < target.Length; i++)
        {
            target[i] = (byte)(value >> (8 * i) & 0xFF);
        }

        return true;
    }

    private static bool TryWhole(string? text, out Int128 value) =>
        Int128.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value)
        || (TryReal(text, out var real) && Math.Abs(real) <= 1L << 53 && Math.Floor(real) == real && Int128.TryParse(real.ToString("F0", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out value));

    /// <summary>Also what XML Schema and others write for what is no number.</summary>
    private static bool TryReal(string? text, out double value)
    {
        value = text?.Trim() switch
        {
            "NaN" or "nan" => double.NaN,
            "Infinity" or "INF" or "inf" or "+INF" => double.PositiveInfinity,
            "-Infinity" or "-INF" or "-inf" => double.NegativeInfinity,
            _ => 0,
        };
        return value != 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }
}
