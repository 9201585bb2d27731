using System.Buffers.Binary;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>The codecs for all tests here, compiled once for this build, and pictures to put through them.</summary>
[SetUpFixture]
public sealed class TestCodecs
{
    /// <summary>Where tests keep the compiled module from run to run.</summary>
    public static string CachePath { get; } = Path.Combine(AppContext.BaseDirectory, "codec-cache");

    public static CodecOptions Options { get; } = new() { CachePath = CachePath };

    public static SandboxedCodec Sandbox { get; private set; } = null!;

    public static IFrameCodec All { get; private set; } = null!;

    /// <summary>Skips the test where the module cannot be had, as without npm.</summary>
    public static void RequireOrSkip()
    {
        var readiness = Sandbox.PrepareAsync().GetAwaiter().GetResult();
        if (readiness.State != CodecState.Ready)
        {
            Assert.Ignore($"The codecs are not at hand: {readiness.Reason}");
        }
    }

    [OneTimeSetUp]
    public void Open()
    {
        Sandbox = CodecSetup.Sandbox(Options);
        All = CodecSetup.Together(Sandbox);
    }

    [OneTimeTearDown]
    public void Close() => Sandbox.Dispose();

    public static PixelLayout Grey(int rows, int columns, int allocated = 16, int stored = 12, bool isSigned = false) =>
        new(rows, columns, 1, allocated, stored, stored - 1, isSigned, false, "MONOCHROME2");

    public static PixelLayout Colour(int rows, int columns, int allocated = 8, bool isPlanar = false, string interpretation = "RGB") =>
        new(rows, columns, 3, allocated, allocated, allocated - 1, false, isPlanar, interpretation);

    /// <summary>A picture that is smooth here and noisy there and uses all values its layout allows.</summary>
    public static byte[] Picture(PixelLayout layout, int seed = 1)
    {
        var random = new Random(seed);
        var width = layout.BitsAllocated / 8;
        var bytes = new byte[layout.FrameLength];
        var range = 1 << layout.BitsStored;
        for (var i = 0; i < bytes.Length / width; i++)
        {
            var place = i / layout.SamplesPerPixel;
            var (x, y) = (place % layout.Columns, place / layout.Columns);
            var value = i < 4 ? i % 2 * (range - 1) : x > layout.Columns / 2 ? random.Next(range) : ((x * 5) + (y * 3) + random.Next(3)) % range;
            value -= layout.IsSigned ? range / 2 : 0;
            if (width == 1)
            {
                bytes[i] = (byte)value;
            }
            else
            {
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), (short)value);
            }
        }

        return bytes;
    }
}
