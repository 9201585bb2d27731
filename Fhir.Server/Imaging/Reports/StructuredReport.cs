using System.Text;
using System.Text.RegularExpressions;
using Fhir.Server.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// A structured report as DiagnosticReport, Observations and the Binary that shows it whole: title, status, people, times, conclusion,
/// narrative. What depends on the record is added by <see cref="ReportDerivation"/>. PS3.3 §A.35, https://hl7.org/fhir/R4/diagnosticreport.html
/// </summary>
internal sealed partial class StructuredReport
{
    private readonly DicomDataset data;
    private readonly ContentItem root;
    private readonly ReportHead head;

    private StructuredReport(DicomDataset data, ContentItem root) => (this.data, this.root, head) = (data, root, new ReportHead(data, root));

    /// <summary>The resources, the DiagnosticReport first; none when the instance has no content tree.</summary>
    public static IEnumerable<Resource> Read(DicomDataset data)
    {
        var root = ContentTree.Read(data);
        return root.Name is null && root.Children.Count == 0 ? [] : new StructuredReport(data, root).ToResources();
    }

    /// <summary>The page the Binary of a report holds.</summary>
    public static string ToPage(DicomDataset data)
    {
        var root = ContentTree.Read(data);
        return ReportText.ToPage(root, LanguageOf(root));
    }

    private IEnumerable<Resource> ToResources()
    {
        var report = head.ToReport(root.Name);
        report.Language = LanguageOf(root);
        report.Text = new Narrative { Status = Narrative.NarrativeStatus.Generated, Div = ReportText.ToDiv(root, ReportLimits.Narrative) };
        SetConclusion(report);
        report.PresentedForm =
        [
            new Attachment
            {
                ContentType = DocumentBytes.Html, Language = report.Language, Url = ReportDerivation.BinaryPlace,
                Title = root.Name?.Text, CreationElement = head.Written(),
            },
        ];
        yield return report;
        foreach (var observation in Measurements.Of(root))
        {
            observation.Status = head.ObservationStatus;
            observation.Effective ??= head.Written();
            observation.IssuedElement = head.Issued();
            observation.Performer = head.Performers();
            yield return observation;
        }
        yield return new Binary { ContentType = DocumentBytes.Html };
    }

    private void SetConclusion(DiagnosticReport report)
    {
        var (text, codes) = (new StringBuilder(), new List<CodedConcept>());
        Collect(root, within: false, text, codes);
        report.Conclusion = text.Length == 0 ? null : ReportText.Clean(text.ToString());
        report.ConclusionCode = [.. codes.Distinct().Take(ReportLimits.Listed).Select(code => code.ToConcept())];
    }

    /// <summary>Texts and codes of the sections that conclude, and items that are a conclusion by themselves. PS3.16 TID 2000, CID 7001</summary>
    private static void Collect(ContentItem item, bool within, StringBuilder text, List<CodedConcept> codes)
    {
        within |= Concepts.IsConclusion(item.Name);
        if (within && item is { Text: { } said, IsAside: false })
        {
            if (item.Code is { } code)
            {
                codes.Add(code);
            }
            if (item.ValueType is "TEXT" or "CODE" && text.Length + said.Length <= ReportLimits.Conclusion)
            {
                text.Append(text.Length == 0 ? "" : "\n").Append(said);
            }
        }
        foreach (var part in item.Children.Where(part => item.IsA("CONTAINER") || !part.IsAside))
        {
            Collect(part, within, text, codes);
        }
    }

    /// <summary>The language of the whole report, as far as it is a BCP 47 tag: longer ISO 639 codes are said in their two-letter form.</summary>
    private static string? LanguageOf(ContentItem root)
    {
        var code = root.Children.FirstOrDefault(part => Concepts.IsLanguage(part.Name))?.Code?.Code;
        var tag = code?.ToLowerInvariant() switch
        {
            "eng" => "en",
            "ger" or "deu" => "de",
            "fre" or "fra" => "fr",
            "spa" => "es",
            "ita" => "it",
            "por" => "pt",
            "dut" or "nld" => "nl",
            "jpn" => "ja",
            "chi" or "zho" => "zh",
            "kor" => "ko",
            "rus" => "ru",
            "pol" => "pl",
            _ => code,
        };
        return tag is not null && LanguageTag().IsMatch(tag) ? tag : null;
    }

    [GeneratedRegex(@"\A[a-z]{2}(-[A-Za-z0-9]{2,8}){0,3}\z")]
    private static partial Regex LanguageTag();
}
