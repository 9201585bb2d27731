using System.Net;
using System.Net.Sockets;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Where requests come from.</summary>
internal static class Networks
{
    /// <summary>As a person is shown it: coarsely, as <c>192.0.2.0/24</c> or <c>2001:db8:1::/48</c>.</summary>
    public static string Of(IPAddress? address) => Prefix(address, 24, 48);

    /// <summary>As attempts are counted: the address itself, of IPv6 what one connection is usually given, <c>/64</c>.</summary>
    public static string Counted(IPAddress? address) => Prefix(address, 32, 64);

    private static string Prefix(IPAddress? address, int of4, int of6)
    {
        if (address is null)
        {
            return "";
        }
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var length = plain.AddressFamily == AddressFamily.InterNetwork ? of4 : of6;
        var bytes = plain.GetAddressBytes();
        for (var bit = length; bit < bytes.Length * 8; bit += 8)
        {
            bytes[bit / 8] = 0;
        }
        return $"{new IPAddress(bytes)}/{length}";
    }
}
