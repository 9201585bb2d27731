using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.Dicom;

/// <summary>Unique identifiers. PS3.5 §9.</summary>
public static class DicomUid
{
    /// <summary>Digits and dots, no empty and no zero-led component, at most 64 characters. PS3.5 §9.1.</summary>
    public static bool IsValid(ReadOnlySpan<char> uid)
    {
        if (uid.Length is 0 or > 64)
        {
            return false;
        }

        var start = 0;
        for (var i = 0; i <= uid.Length; i++)
        {
            if (i == uid.Length || uid[i] == '.')
            {
                var length = i - start;
                if (length == 0 || (length > 1 && uid[start] == '0'))
                {
                    return false;
                }

                start = i + 1;
            }
            else if (!char.IsAsciiDigit(uid[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A new one below 2.25, from 122 random bits. PS3.5 §B.2.</summary>
    public static string New() => From(Guid.NewGuid());

    /// <summary>The same one for the same seed, for made-up data: a name-based UUID below 2.25. RFC 9562 §5.8.</summary>
    public static string FromSeed(string seed)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(seed), hash);
        var bytes = hash[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return From(new Guid(bytes, bigEndian: true));
    }

    private static string From(Guid guid)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        return "2.25." + new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
