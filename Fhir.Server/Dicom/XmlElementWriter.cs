using System.Xml;

namespace Fhir.Server.Dicom;

/// <summary>Writes <c>DicomAttribute</c>s. PS3.19 §A.1.5 and §A.1.6.</summary>
internal sealed class XmlElementWriter(XmlWriter writer, BulkPath bulk, string baseAddress, int bulkThreshold)
{
    private static readonly string[] NameParts = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];

    public void Write(DicomDataset dataset)
    {
        foreach (var element in dataset)
        {
            if (!element.Tag.IsGroupLength && element.Tag.Group is not (0x0002 or 0xFFFE))
            {
                Write(dataset, element);
            }
        }
    }

    private void Write(DicomDataset dataset, DicomElement element)
    {
        writer.WriteStartElement("DicomAttribute");
        var creator = dataset.PrivateCreator(element.Tag);
        WriteTag(dataset, element.Tag, creator);
        writer.WriteAttributeString("vr", element.Vr.Code);
        if (creator is not null)
        {
            writer.WriteAttributeString("privateCreator", Clean(creator));
        }
        else if (DicomDictionary.Find(element.Tag) is { Keyword.Length: > 0 } known)
        {
            writer.WriteAttributeString("keyword", known.Keyword);
        }

        WriteContent(dataset, element);
        writer.WriteEndElement();
    }

    /// <summary>A private tag has no block where its creator tells it; where two blocks have one creator it keeps its own.</summary>
    private void WriteTag(DicomDataset dataset, DicomTag tag, string? creator)
    {
        var isPlain = creator is null || dataset.BlockOf(creator, tag.Group) != tag.Element >> 8;
        writer.WriteAttributeString("tag", (isPlain ? tag : new DicomTag(tag.Value & 0xFFFF00FF)).ToString());
    }

    private void WriteContent(DicomDataset dataset, DicomElement element)
    {
        if (element.Tag == DicomTag.SpecificCharacterSet)
        {
            WriteValue(1, DicomCharacterSet.Utf8Term);
        }
        else if (element.Items is { } items)
        {
            WriteItems(element.Tag, items);
        }
        else if (element.BulkAddress is { } address)
        {
            WriteBulk(address);
        }
        else if (element.Bulk is not null || element.Fragments is not null || IsLarge(element))
        {
            WriteBulk(baseAddress + bulk.Of(element.Tag));
        }
        else if (element.Vr.IsBulk && !element.IsEmpty)
        {
            writer.WriteStartElement("InlineBinary");
            var bytes = element.Value.ToArray();
            writer.WriteBase64(bytes, 0, bytes.Length);
            writer.WriteEndElement();
        }
        else if (element.Vr == DicomVr.PN)
        {
            WriteNames(dataset.GetStrings(element));
        }
        else
        {
            WriteValues(dataset.GetStrings(element));
        }
    }

    private bool IsLarge(DicomElement element) => element.Vr.IsBulk && element.Length > bulkThreshold;

    private void WriteItems(DicomTag tag, IReadOnlyList<DicomDataset> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            bulk.Enter(tag, i + 1);
            writer.WriteStartElement("Item");
            WriteNumber(i + 1);
            Write(items[i]);
            writer.WriteEndElement();
            bulk.Leave();
        }
    }

    private void WriteBulk(string address)
    {
        writer.WriteStartElement("BulkData");
        writer.WriteAttributeString("uri", Clean(address));
        writer.WriteEndElement();
    }

    /// <summary>An empty value among others shows as a gap in the numbers; one at the end is written, or it would be lost.</summary>
    private void WriteValues(IReadOnlyList<string> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].Length > 0 || i == values.Count - 1)
            {
                WriteValue(i + 1, values[i]);
            }
        }
    }

    private void WriteValue(int number, string value)
    {
        writer.WriteStartElement("Value");
        WriteNumber(number);
        writer.WriteString(Clean(value));
        writer.WriteEndElement();
    }

    private void WriteNames(IReadOnlyList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (DicomPersonName.Parse(names[i]).IsEmpty && (i < names.Count - 1 || i == 0))
            {
                continue;
            }

            var groups = names[i].Split('=', 3);
            writer.WriteStartElement("PersonName");
            WriteNumber(i + 1);
            WriteName("Alphabetic", groups[0]);
            WriteName("Ideographic", groups.Length > 1 ? groups[1] : "");
            WriteName("Phonetic", groups.Length > 2 ? groups[2] : "");
            writer.WriteEndElement();
        }
    }

    private void WriteName(string group, string name)
    {
        var parts = name.Split('^', NameParts.Length);
        if (Array.TrueForAll(parts, part => part.Trim().Length == 0))
        {
            return;
        }

        writer.WriteStartElement(group);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Trim() is { Length: > 0 } part)
            {
                writer.WriteElementString(NameParts[i], Clean(part));
            }
        }

        writer.WriteEndElement();
    }

    private void WriteNumber(int number) => writer.WriteAttributeString("number", XmlConvert.ToString(number));

    /// <summary>XML has no place for most control characters, nor for half a surrogate pair.</summary>
    private static string Clean(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!XmlConvert.IsXmlChar(text[i]) && !char.IsSurrogate(text[i]))
            {
                return Replaced(text);
            }

            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return Replaced(text);
            }
        }

        return text;
    }

    private static string Replaced(string text) => string.Concat(
        text.EnumerateRunes().Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString()));
}
