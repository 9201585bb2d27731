namespace Fhir.Server.Access;

/// <summary>
/// The server's own address as Endpoints, links and tokens say it: <c>PublicBaseUrl</c>, else the first listening address. Never taken
/// from a Host header.
/// </summary>
public sealed class PublicAddress
{
    private string? address;

    /// <summary>Without a slash at the end. Throws <see cref="InvalidOperationException"/> before the server listens.</summary>
    public string Base => address ?? throw new InvalidOperationException("The server does not know its own address before it listens.");

    /// <summary>True once the address is known.</summary>
    public bool IsKnown => address is not null;

    /// <summary>The FHIR base.</summary>
    public string Fhir => Base + "/fhir";

    /// <summary>The site-wide DICOMweb base.</summary>
    public string DicomWeb => Base + "/dicomweb";

    /// <summary>The DICOMweb base of a record.</summary>
    public string DicomWebOf(string record) => $"{Base}/dicomweb/patients/{record}";

    /// <summary>Sets the address; throws <see cref="ArgumentException"/> when it is not an absolute http(s) URL.</summary>
    public void Use(string value)
    {
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"PublicBaseUrl must be an absolute http or https address, not '{value}'.", nameof(value));
        }
        address = uri.GetLeftPart(UriPartial.Path).TrimEnd('/');
    }
}
