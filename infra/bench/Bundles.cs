using System.Globalization;
using System.Text;

namespace Bench;

/// <summary>Bundles to be sent to the server's base.</summary>
internal static class Bundles
{
    public static byte[] Post(string type, IEnumerable<string> entries) => Requests.Send("POST", "/fhir", "application/fhir+json", Body(type, entries));

    public static byte[] Body(string type, IEnumerable<string> entries) =>
        Encoding.UTF8.GetBytes($$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{string.Join(',', entries)}}]}""");

    /// <summary>An entry that makes or replaces what has this type and id.</summary>
    public static string Put(string key, string resource) => $$$"""{"resource":{{{resource}}},"request":{"method":"PUT","url":"{{{key}}}"} }""";

    /// <summary>An entry that creates what others call <see cref="Urn"/> of this number.</summary>
    public static string Create(int number, string type, string resource) =>
        $$$"""{"fullUrl":"{{{Urn(number)}}}","resource":{{{resource}}},"request":{"method":"POST","url":"{{{type}}}"} }""";

    public static string Get(string url) => $$$"""{"request":{"method":"GET","url":"{{{url}}}"} }""";

    public static string Urn(int number) => "urn:uuid:" + Uuid(number);

    public static string Uuid(int number) => "00000000-0000-4000-8000-" + number.ToString("x12", CultureInfo.InvariantCulture);
}
