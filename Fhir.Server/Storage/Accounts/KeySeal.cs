using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Fhir.Server.Access;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Storage.Accounts;

/// <summary>
/// Seals data protection keys before they go into the database (AES-256-GCM), under a key in a file beside the store: a copy of the
/// database alone opens nothing.
/// </summary>
internal sealed class KeySeal(IConfiguration configuration) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        ArgumentNullException.ThrowIfNull(plaintextElement);
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var sealedBytes = new byte[AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize + plain.Length];
        var (nonce, tag, text) = KeyOpener.Parts(sealedBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = KeyOpener.Cipher(configuration);
        cipher.Encrypt(nonce, plain, text, tag);
        return new EncryptedXmlInfo(new XElement("sealedKey", Convert.ToBase64String(sealedBytes)), typeof(KeyOpener));
    }
}

/// <summary>Opens what <see cref="KeySeal"/> sealed. Made by the framework, by the name kept beside the key.</summary>
internal sealed class KeyOpener(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        ArgumentNullException.ThrowIfNull(encryptedElement);
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value);
        var (nonce, tag, text) = Parts(sealedBytes);
        var plain = new byte[text.Length];
        using var cipher = Cipher(services.GetRequiredService<IConfiguration>());
        cipher.Decrypt(nonce, text, tag, plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }

    public static AesGcm Cipher(IConfiguration configuration) =>
        new(KeyFile.ReadOrCreate(Path.Combine(KeyFolder.Of(configuration), "accounts.key")), AesGcm.TagByteSizes.MaxSize);

    /// <summary>Nonce, tag, text: one after another.</summary>
    public static SealedParts Parts(Span<byte> bytes) => new(
        bytes[..AesGcm.NonceByteSizes.MaxSize], bytes.Slice(AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize),
        bytes[(AesGcm.NonceByteSizes.MaxSize + AesGcm.TagByteSizes.MaxSize)..]);
}

/// <summary>The three parts of a sealed key.</summary>
internal readonly ref struct SealedParts(Span<byte> nonce, Span<byte> tag, Span<byte> text)
{
    public Span<byte> Nonce { get; } = nonce;

    public Span<byte> Tag { get; } = tag;

    public Span<byte> Text { get; } = text;

    public void Deconstruct(out Span<byte> nonce, out Span<byte> tag, out Span<byte> text)
    {
        nonce = Nonce;
        tag = Tag;
        text = Text;
    }
}
