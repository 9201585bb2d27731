using System.Globalization;
using System.Xml.Linq;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Where two Native DICOM Models do not say the same. Spelling of numbers and padding are no difference.</summary>
internal static class XmlDifference
{
    private static readonly HashSet<string> LeftOut = ["7FE00010", "7FE00008", "7FE00009", "FFFCFFFC", "00080005"];

    /// <summary>What only one of them says, by its path; empty when they agree.</summary>
    public static IReadOnlyList<string> Between(XDocument ours, XDocument theirs)
    {
        var left = Facts("", ours.Root!).ToHashSet();
        var right = Facts("", theirs.Root!).ToHashSet();
        return [.. left.Except(right).Select(f => "ours " + f), .. right.Except(left).Select(f => "theirs " + f)];
    }

    private static IEnumerable<string> Facts(string path, XElement of)
    {
        foreach (var attribute in of.Elements(of.Name.Namespace + "DicomAttribute"))
        {
            var tag = (string)attribute.Attribute("tag")!;
            var creator = (string?)attribute.Attribute("privateCreator");
            if (LeftOut.Contains(tag) || tag.EndsWith("0000", StringComparison.Ordinal) || tag.StartsWith("0002", StringComparison.Ordinal)
                || (creator is null && (string?)attribute.Attribute("vr") == "LO" && DicomTag.TryParse(tag, out var parsed) && parsed.IsPrivateCreator))
            {
                continue;
            }

            // DCMTK leaves the block out also where no creator tells it.
            tag = creator is null && DicomTag.TryParse(tag, out var plain) && plain.IsPrivate ? new DicomTag(plain.Value & 0xFFFF00FF).ToString() : tag;

            // Keywords are not compared: DCMTK has none for what is retired.
            var vr = (string)attribute.Attribute("vr")!;
            var here = $"{path}{tag} {vr} {creator}".TrimEnd();
            yield return here;
            foreach (var fact in attribute.Elements().SelectMany(child => Content(here, vr, child)))
            {
                yield return fact;
            }
        }
    }

    private static IEnumerable<string> Content(string here, string vr, XElement child)
    {
        var numbered = $"{here} {(string?)child.Attribute("number")}";
        return child.Name.LocalName switch
        {
            "Item" => Facts(numbered + "/", child).Prepend(numbered),
            "PersonName" => Name(numbered, child),
            "Value" => Value(vr, child.Value.Trim()) is { Length: > 0 } value ? [$"{numbered} {value}"] : [],
            "InlineBinary" => [$"{here} {Bytes(vr, child.Value)}"],
            _ => [$"{here} {child.Name.LocalName}"],
        };
    }

    /// <summary>DCMTK repeats the ideographic writing where an empty phonetic one is separated from it.</summary>
    private static IEnumerable<string> Name(string here, XElement name)
    {
        var groups = name.Elements().ToDictionary(group => group.Name.LocalName, group =>
            string.Join('^', group.Elements().Where(part => part.Value.Trim().Length > 0).Select(part => $"{part.Name.LocalName} {part.Value.Trim()}")));
        return groups.Where(group => group.Value.Length > 0 && (group.Key != "Phonetic" || group.Value != groups.GetValueOrDefault("Ideographic")))
            .Select(group => $"{here} {group.Key} {group.Value}");
    }

    /// <summary>DCMTK prints six digits, and zero without its sign.</summary>
    private static string Value(string vr, string text) =>
        vr == "FL" && float.TryParse(text, CultureInfo.InvariantCulture, out var single) ? (single + 0f).ToString("R", CultureInfo.InvariantCulture)
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (number + 0d).ToString("G6", CultureInfo.InvariantCulture) : text;

    /// <summary>DCMTK makes odd lengths even, and writes words with their high byte first.</summary>
    private static string Bytes(string vr, string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        return Convert.ToBase64String(bytes.Length % 2 == 1 ? [.. bytes, 0] : vr == "OW" ? [.. bytes.Chunk(2).SelectMany(pair => pair.Order())] : bytes);
    }
}
