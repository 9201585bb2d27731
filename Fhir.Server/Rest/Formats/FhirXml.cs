using System.Text;
using System.Text.Json;
using System.Xml;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;

namespace Fhir.Server.Rest.Formats;

/// <summary>
/// FHIR XML, made from JSON when it is asked for and turned into JSON when it is sent: everything is stored as JSON alone. What comes in
/// may have no DTD, and so no entities. See https://hl7.org/fhir/R4/xml.html
/// </summary>
internal static class FhirXml
{
    private const string Namespace = "http://hl7.org/fhir";
    private const int MaxDepth = 200;
    private const char Replacement = '\uFFFD';

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>JSON this server wrote itself as XML in UTF-8.</summary>
    public static ReadOnlyMemory<byte> FromJson(ReadOnlyMemory<byte> json, bool isPretty)
    {
        try
        {
            return Write(FhirJson.ReadOwn<Resource>(json), isPretty);
        }
        catch (ArgumentException)
        {
            // JSON may hold characters that XML cannot, not even escaped (XML 1.0 §2.2).
            return Write(FhirJson.ReadOwn<Resource>(WithoutForbidden(json)), isPretty);
        }
    }

    /// <summary>The type of the resource; <c>Invalid</c> when this is not XML, has a DTD, is nested too deeply or is not of FHIR.</summary>
    public static Outcome<string> TypeOf(ReadOnlyMemory<byte> xml)
    {
        try
        {
            using var reader = Open(xml);
            reader.MoveToContent();
            var (type, isFhir) = (reader.LocalName, reader.NamespaceURI == Namespace);
            while (reader.Read())
            {
                if (reader.Depth > MaxDepth)
                {
                    return Problem.Invalid("The elements of the body are nested too deeply.");
                }
            }
            return isFhir ? type : Problem.Invalid($"The body is not of the namespace {Namespace}.");
        }
        catch (Exception fault) when (fault is XmlException or DecoderFallbackException or ArgumentException)
        {
            // An ArgumentException tells of an encoding that is not known.
            return Problem.Invalid("The body is not well-formed XML, or has a document type declaration, which is never read.");
        }
    }

    /// <summary>Reads a resource strictly, order of elements included; what is wrong stands in <paramref name="issues"/>.</summary>
    public static Resource? Read(ReadOnlyMemory<byte> xml, out IReadOnlyList<CodedException> issues)
    {
        using var reader = Open(xml);
        reader.MoveToContent();
        FhirXmlDeserializer.STRICT.TryDeserializeResource(reader, out var resource, out var found);
        issues = [.. found];
        return resource;
    }

    /// <summary>The resource that stands in a parameter of a Parameters in XML, as XML; null when there is none.</summary>
    public static ReadOnlyMemory<byte>? ResourceParameter(ReadOnlyMemory<byte> xml, string name)
    {
        using var reader = Open(xml);
        var document = System.Xml.Linq.XDocument.Load(reader);
        System.Xml.Linq.XNamespace fhir = Namespace;
        var found = document.Root!.Elements(fhir + "parameter").FirstOrDefault(one => (string?)one.Element(fhir + "name")?.Attribute("value") == name)?
            .Element(fhir + "resource")?.Elements().FirstOrDefault();
        return found is null ? null : Utf8.GetBytes(found.ToString(System.Xml.Linq.SaveOptions.DisableFormatting));
    }

    private static XmlReader Open(ReadOnlyMemory<byte> xml) => XmlReader.Create(
        new MemoryStream(xml.ToArray(), writable: false),
        new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = FhirBody.Limit, IgnoreComments = false });

    private static ReadOnlyMemory<byte> Write(Resource resource, bool isPretty)
    {
        var buffer = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = Utf8, Indent = isPretty, NewLineHandling = NewLineHandling.Entitize };
        using (var writer = XmlWriter.Create(buffer, settings))
        {
            FhirXmlSerializer.Default.Serialize(resource, writer);
        }
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static ReadOnlyMemory<byte> WithoutForbidden(ReadOnlyMemory<byte> json) => JsonCopy.Of(json, isPretty: false, text =>
        text.AsSpan().ContainsAnyInRange('\0', '\u001F') || text.AsSpan().IndexOfAny('\uFFFE', '\uFFFF') >= 0
            ? string.Create(text.Length, text, (span, from) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = XmlConvert.IsXmlChar(from[i]) || char.IsSurrogate(from[i]) ? from[i] : Replacement;
                }
            })
            : text);
}
