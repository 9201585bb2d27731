namespace Fhir.Server.Access;

/// <summary>
/// The server's own address as Endpoints, links and tokens say it: <c>PublicBaseUrl</c>, else the first listening address. Never taken
/// from a Host header.
/// </summary>
public sealed class PublicAddress
{
    private string? address;
    private readonly TaskCompletionSource known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<Uri> listening = [];

    /// <summary>Without a slash at the end. Throws <see cref="InvalidOperationException"/> before the server listens.</summary>
    public string Base => address ?? throw new InvalidOperationException("The server does not know its own address before it listens.");

    /// <summary>Waits until the server listens and knows its address.</summary>
    public Task WhenKnownAsync(CancellationToken cancellationToken) => known.Task.WaitAsync(cancellationToken);

    /// <summary>True once the address is known.</summary>
    public bool IsKnown => address is not null;

    /// <summary>The first address the server listens on; null before it does, and in a host that listens nowhere.</summary>
    public string? FirstListening => listening.Count == 0 ? null : listening[0].GetLeftPart(UriPartial.Authority);

    /// <summary>The FHIR base.</summary>
    public string Fhir => Base + "/fhir";

    /// <summary>The site-wide DICOMweb base.</summary>
    public string DicomWeb => Base + "/dicomweb";

    /// <summary>The DICOMweb base of a record.</summary>
    public string DicomWebOf(string record) => $"{Base}/dicomweb/patients/{record}";

    /// <summary>Says on which addresses the server listens.</summary>
    public void ListensOn(IEnumerable<string> addresses) => listening = [.. addresses.Select(one => new Uri(one))];

    /// <summary>
    /// The base as a request may be answered with: its own scheme and host when these are the public address or one the server listens
    /// on, else the public address. No other Host is ever echoed.
    /// </summary>
    public string BaseFor(string scheme, string host)
    {
        if (!Uri.TryCreate($"{scheme}://{host}", UriKind.Absolute, out var asked) || asked.Authority == new Uri(Base).Authority)
        {
            return Base;
        }
        return listening.Any(one => IsSame(asked, one)) ? asked.GetLeftPart(UriPartial.Authority) : Base;
    }

    private static bool IsSame(Uri left, Uri right) => left.Scheme == right.Scheme && left.Port == right.Port
        && (left.Host == right.Host || (left.IsLoopback && right.IsLoopback));

    /// <summary>Sets the address; throws <see cref="ArgumentException"/> when it is not an absolute http(s) URL.</summary>
    public void Use(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"PublicBaseUrl must be an absolute http or https address, not '{value}'.", nameof(value));
        }
        address = uri.GetLeftPart(UriPartial.Path).TrimEnd('/');
        known.TrySetResult();
    }
}
