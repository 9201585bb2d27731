using System.Net;
using System.Net.Http.Headers;
using System.Xml;
using System.Xml.Linq;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Tests.Rest;

/// <summary>An answer in FHIR XML, read to the end and strictly.</summary>
internal sealed record XmlAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, XElement? Root, string Text)
{
    public static readonly XNamespace Fhir = "http://hl7.org/fhir";

    /// <summary>The value of an element by its path from the root, as <c>name/family</c>; null when there is none.</summary>
    public string? this[string path] => path.Split('/').Aggregate(Root, (element, name) => element?.Element(Fhir + name))?.Attribute("value")?.Value;

    public static async Task<XmlAnswer> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/fhir/" + path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await RestServer.Phr.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.LessThan(500), text);
        if (text.Length == 0)
        {
            return new XmlAnswer(response.StatusCode, response.Headers, response.Content.Headers, null, text);
        }
        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/fhir+xml; charset=utf-8"), text);
        using var reader = XmlReader.Create(new StringReader(text));
        FhirXmlDeserializer.STRICT.TryDeserializeResource(reader, out _, out var issues);
        Assert.That(issues.Select(issue => issue.Message), Is.Empty, text);
        var root = XDocument.Parse(text).Root!;
        if ((int)response.StatusCode >= 400)
        {
            Assert.That(root.Name, Is.EqualTo(Fhir + "OperationOutcome"));
        }
        return new XmlAnswer(response.StatusCode, response.Headers, response.Content.Headers, root, text);
    }

    public static Task<XmlAnswer> GetAsync(string path, string accept = "application/fhir+xml") => SendAsync(HttpMethod.Get, path, null, ("Accept", accept));

    public static Task<XmlAnswer> SendAsync(HttpMethod method, string path, string xml) =>
        SendAsync(method, path, RestTests.Body(xml, "application/fhir+xml"), ("Accept", "application/fhir+xml"));
}
