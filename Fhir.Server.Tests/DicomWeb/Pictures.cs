using System.Buffers.Binary;
using System.Net;
using Fhir.Server.Dicom;
using SkiaSharp;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Images made for tests of rendering, and pictures read back by Skia.</summary>
internal static class Pictures
{
    public const string Jpeg = "image/jpeg";
    public const string Png = "image/png";
    public const string Gif = "image/gif";

    /// <summary>An image of 16 bits: each value by its column, row and frame.</summary>
    public static TestDicom Words(this TestDicom dicom, int rows, int columns, Func<int, int, int, int> value, Action<DicomDataset>? further = null) => dicom with
    {
        Rows = rows,
        Columns = columns,
        Further = data =>
        {
            var bytes = new byte[rows * columns * dicom.Frames * 2];
            for (var i = 0; i < bytes.Length / 2; i++)
            {
                var (frame, rest) = Math.DivRem(i, rows * columns);
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), (short)value(rest % columns, rest / columns, frame));
            }

            data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 16).AddNumbers(DicomTag.BitsStored, DicomVr.US, 16).AddNumbers(DicomTag.HighBit, DicomVr.US, 15)
                .AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 1).AddBytes(DicomTag.PixelData, DicomVr.OW, bytes);
            further?.Invoke(data);
        },
    };

    /// <summary>An image of three colours a pixel.</summary>
    public static TestDicom Rgb(this TestDicom dicom, int rows, int columns, Func<int, int, (byte Red, byte Green, byte Blue)> value, Action<DicomDataset>? further = null) => dicom with
    {
        Rows = rows,
        Columns = columns,
        Further = data =>
        {
            var bytes = Enumerable.Range(0, rows * columns).Select(i => value(i % columns, i / columns)).SelectMany(one => new[] { one.Red, one.Green, one.Blue }).ToArray();
            data.AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, 3).Add(DicomTag.PhotometricInterpretation, "RGB").AddNumbers(DicomTag.PlanarConfiguration, DicomVr.US, 0)
                .AddBytes(DicomTag.PixelData, DicomVr.OB, bytes);
            further?.Invoke(data);
        },
    };

    /// <summary>Stores an instance; the path of it below the base.</summary>
    public static async Task<string> StoreAsync(this PhrServer server, string webBase, TestDicom dicom)
    {
        using var answer = await server.StowAsync(webBase, dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return $"{webBase}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}";
    }

    /// <summary>GET that must give a picture of the type, read.</summary>
    public static async Task<SKBitmap> PictureAsync(this HttpClient client, string path, string type = Png)
    {
        using var answer = await client.GetAsync(path, type);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), $"{path}: {(answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync())}");
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo(type));
        return Decode(await answer.Content.ReadAsByteArrayAsync());
    }

    public static SKBitmap Decode(byte[] bytes) => SKBitmap.Decode(bytes) ?? throw new AssertionException("Skia cannot read the picture.");

    /// <summary>The greys, row by row.</summary>
    public static int[] Greys(this SKBitmap picture) =>
        [.. Enumerable.Range(0, picture.Width * picture.Height).Select(i => (int)picture.GetPixel(i % picture.Width, i / picture.Width).Green)];

    /// <summary>The parts of a multipart that was sent without its length.</summary>
    public static async Task<IReadOnlyList<WebPart>> StreamedPartsAsync(this HttpResponseMessage answer)
    {
        await answer.Content.LoadIntoBufferAsync();
        answer.Content.Headers.ContentLength = (await answer.Content.ReadAsByteArrayAsync()).LongLength;
        return await answer.PartsAsync();
    }
}
