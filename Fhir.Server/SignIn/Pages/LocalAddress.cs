namespace Fhir.Server.SignIn.Pages;

/// <summary>Addresses a page may send the browser on to: of this server, and nowhere else.</summary>
internal static class LocalAddress
{
    /// <summary>The address when it is a path of this server, else another one that is.</summary>
    public static string Or(string? address, string otherwise = "/account") => IsLocal(address) ? address! : otherwise;

    /// <summary>Begins with one slash, with nothing a browser would read as the name of a host or the end of a header.</summary>
    private static bool IsLocal(string? address) =>
        address is ['/', ..] && address is not ['/', '/' or '\\', ..] && !address.Any(one => char.IsControl(one) || one == '\\');
}
