using System.Globalization;
using System.Xml;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads <c>DicomAttribute</c>s and the items within. PS3.19 §A.1.5.</summary>
internal sealed class XmlAttributeReader(XmlReader reader, DicomReadOptions options, ReadWarnings warnings)
{
    /// <summary>So many empty values may be left out in a row; a few letters cannot make a list of millions.</summary>
    private const int GapLimit = 256;

    private static readonly string[] NameGroups = ["Alphabetic", "Ideographic", "Phonetic"];
    private static readonly string[] NameParts = ["FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix"];
    private int left = options.ElementLimit;

    /// <summary>How many elements and values may still come.</summary>
    public int Left => left;

    /// <summary>Reads the children of the element the reader is at; the problem, if any, is why the reading stopped.</summary>
    public Problem? Read(DicomDataset dataset, int depth)
    {
        if (depth > options.DepthLimit)
        {
            return Problem.Invalid("Sequences are nested too deeply.");
        }

        var assembly = new ModelAssembly(dataset, warnings);
        return ForEachChild(() => reader.LocalName == "DicomAttribute" ? ReadAttribute(dataset, assembly, depth) : Skip());
    }

    private Problem? ReadAttribute(DicomDataset dataset, ModelAssembly assembly, int depth)
    {
        var isTag = DicomTag.TryParse(reader.GetAttribute("tag"), out var tag) || DicomTag.TryParse(reader.GetAttribute("keyword"), out tag);
        var creator = reader.GetAttribute("privateCreator");
        if (!isTag)
        {
            warnings.Add("There is something that is no element; it is left out.");
            return Skip();
        }

        var model = new ModelElement { Vr = DicomVrTraits.TryParse(reader.GetAttribute("vr"), out var vr) ? vr : DicomVr.None };
        if (ForEachChild(() => ReadContent(dataset, model, depth)) is { } problem)
        {
            return problem;
        }

        if (tag.IsPrivate && tag.Element <= 0xFF && creator is { Length: > 0 } && !dataset.TryReserve(creator, ref tag))
        {
            warnings.Add("A group has no room for another private creator; an element is left out.");
            return null;
        }

        return assembly.Add(tag, model);
    }

    private Problem? ReadContent(DicomDataset dataset, ModelElement model, int depth)
    {
        switch (reader.LocalName)
        {
            case "Value":
                return Place(model.Values, () => reader.ReadElementContentAsString());
            case "PersonName":
                model.AreNames = true;
                return Place(model.Values, ReadName);
            case "Item":
                var item = new DicomDataset(dataset);
                (model.Items ??= []).Add(item);
                return Read(item, depth + 1);
            case "InlineBinary":
                return ReadBytes(model);
            case "BulkData":
                model.BulkAddress = reader.GetAttribute("uri") ?? (reader.GetAttribute("uuid") is { } uuid ? "urn:uuid:" + uuid : null);
                return Skip();
            default:
                return Skip();
        }
    }

    /// <summary>Numbers count from 1 and may leave out empty values; nonsense is read as the next.</summary>
    private Problem? Place(List<string?> values, Func<string> read)
    {
        if (int.TryParse(reader.GetAttribute("number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number - 1 > values.Count && number - values.Count <= GapLimit)
        {
            left -= number - 1 - values.Count;
            while (values.Count < number - 1)
            {
                values.Add(null);
            }
        }

        values.Add(read());
        return null;
    }

    private string ReadName()
    {
        var groups = new string[] { "", "", "" };
        ForEachChild(() =>
        {
            if (Array.IndexOf(NameGroups, reader.LocalName) is var group and >= 0)
            {
                groups[group] = ReadNameParts();
                return null;
            }

            return Skip();
        });
        return ModelElement.Join('=', groups);
    }

    private string ReadNameParts()
    {
        var parts = new string[] { "", "", "", "", "" };
        ForEachChild(() =>
        {
            if (Array.IndexOf(NameParts, reader.LocalName) is var part and >= 0)
            {
                parts[part] = reader.ReadElementContentAsString();
                return null;
            }

            return Skip();
        });
        return ModelElement.Join('^', parts);
    }

    private Problem? ReadBytes(ModelElement model)
    {
        if (ModelElement.TryBase64(reader.ReadElementContentAsString(), out var bytes))
        {
            model.Bytes = bytes;
        }
        else
        {
            warnings.Add("Bytes are not in Base64; they are left out.");
        }

        return null;
    }

    private Problem? Skip()
    {
        reader.Skip();
        return null;
    }

    /// <summary>Each child element is read to its end by what it is given to. Afterwards the reader is behind the parent.</summary>
    private Problem? ForEachChild(Func<Problem?> read)
    {
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return null;
        }

        reader.Read();
        while (reader.NodeType != XmlNodeType.EndElement && !reader.EOF)
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                reader.Read();
                continue;
            }

            if (--left < 0)
            {
                return Problem.TooLarge("There are more elements than this server reads.");
            }

            if (read() is { } problem)
            {
                return problem;
            }
        }

        reader.Read();
        return null;
    }
}
