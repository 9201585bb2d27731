using System.Text;
using System.Xml;
using System.Xml.Linq;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>A structured report as people read it: the page its Binary is too, or the words of that page. PS3.18 Table 8.7.4-1</summary>
internal static class RenderedReport
{
    public const string Html = "text/html";
    public const string Plain = "text/plain";

    private static readonly XmlReaderSettings WithoutType = new() { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null };

    /// <summary>The report as a media type; <c>NotAcceptable</c> when it says nothing.</summary>
    public static Outcome<EncapsulatedDocument> Of(DicomDataset data, string mediaType)
    {
        if (ContentTree.Read(data) is { Name: null, Children.Count: 0 })
        {
            return Problem.NotAcceptable("The structured report has no content to read; what there is of it is in the metadata.");
        }
        var page = StructuredReport.ToPage(data);
        var text = mediaType == Plain ? WordsOf(page) : page;
        return new EncapsulatedDocument($"{mediaType}; charset=utf-8", Encoding.UTF8.GetBytes(text), null);
    }

    private static string WordsOf(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), WithoutType);
        var words = new StringBuilder();
        Write(words, XElement.Load(reader, LoadOptions.PreserveWhitespace).Elements().Last(), -1);
        return words.ToString();
    }

    /// <summary>Headings and paragraphs are lines, the first after an empty one; items of lists are lines set in.</summary>
    private static void Write(StringBuilder words, XElement element, int depth)
    {
        foreach (var node in element.Nodes())
        {
            if (node is XText text)
            {
                words.Append(text.Value);
            }
            else if (node is XElement inner)
            {
                var name = inner.Name.LocalName;
                var isLine = name is "p" or "li" or "br" or ['h', >= '1' and <= '6'];
                if (isLine || name == "ul")
                {
                    EndLine(words);
                }
                words.Append(name[0] == 'h' && words.Length > 0 ? "\n" : name == "li" ? new string(' ', 2 * Math.Max(0, depth)) + "- " : "");
                Write(words, inner, name == "ul" ? depth + 1 : depth);
                if (isLine && name != "br")
                {
                    EndLine(words);
                }
            }
        }
    }

    private static void EndLine(StringBuilder words)
    {
        if (words.Length > 0 && words[^1] != '\n')
        {
            words.Append('\n');
        }
    }
}
