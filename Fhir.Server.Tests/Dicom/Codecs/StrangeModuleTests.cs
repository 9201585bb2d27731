using System.Globalization;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>A module that lies, cannot be started or cannot be loaded costs frames, and nothing else.</summary>
public sealed class StrangeModuleTests
{
    private const int Whole = 64;
    private static readonly PixelLayout Layout = TestCodecs.Grey(8, 8, 8, 8);
    private ReadOnlyMemory<byte> codestream;

    [OneTimeSetUp]
    public async Task EncodeOne()
    {
        TestCodecs.RequireOrSkip();
        codestream = (await TestCodecs.All.EncodeAsync(CodecSyntaxes.JpegLsLossless, TestCodecs.Picture(Layout), Layout, default)).Value.Codestream;
    }

    [TestCase(1024, 2048, Whole, null, TestName = "A_module_that_keeps_to_its_memory_is_believed")]
    [TestCase(1024, -16, Whole, ProblemKind.Invalid, TestName = "A_result_beyond_the_memory_is_not_read")]
    [TestCase(1024, 65_536 - Whole + 1, Whole, ProblemKind.Invalid, TestName = "A_result_that_ends_beyond_the_memory_is_not_read")]
    [TestCase(1024, 2048, -1, ProblemKind.Invalid, TestName = "A_result_of_less_than_nothing_is_not_read")]
    [TestCase(1024, 2048, Whole - 1, ProblemKind.Invalid, TestName = "A_result_that_is_too_short_is_not_read")]
    [TestCase(1024, 2048, 0x4000_0000, ProblemKind.Invalid, TestName = "A_result_that_is_far_too_long_is_not_read")]
    [TestCase(-16, 2048, Whole, ProblemKind.Invalid, TestName = "A_codestream_is_not_put_beyond_the_memory")]
    public async Task A_module_is_held_to_what_was_agreed(int source, int target, int length, ProblemKind? expected)
    {
        using var sandbox = new SandboxedCodec(new CodecOptions(), () => Module(source, target, length));
        var outcome = await sandbox.DecodeAsync(CodecSyntaxes.JpegLsLossless, codestream, Layout, default);
        Assert.That(outcome.Problem?.Kind, Is.EqualTo(expected));
        Assert.That(sandbox.Resting, Is.EqualTo(expected is null ? 1 : 0));
    }

    [Test]
    public async Task A_decoder_that_cannot_be_started_is_a_problem()
    {
        using var sandbox = new SandboxedCodec(new CodecOptions(), () => new CodecEngine().Compile([0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]));
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await sandbox.DecodeAsync(CodecSyntaxes.JpegLsLossless, codestream, Layout, default)).Problem?.Kind, Is.EqualTo(ProblemKind.Unavailable));
        }
    }

    [Test]
    public async Task A_module_whose_loading_fails_is_not_waited_for_for_ever()
    {
        using var sandbox = new SandboxedCodec(new CodecOptions(), () => throw new InvalidTimeZoneException());
        var readiness = await sandbox.PrepareAsync();
        Assert.That((readiness.State, readiness.Reason), Is.EqualTo((CodecState.Unavailable, "The codecs could not be loaded (InvalidTimeZoneException).")));
        Assert.That(sandbox.CanDecode(CodecSyntaxes.JpegLsLossless), Is.False);
        Assert.That((await sandbox.DecodeAsync(CodecSyntaxes.JpegLsLossless, codestream, Layout, default)).Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
    }

    /// <summary>Decodes nothing and says where its result is.</summary>
    private static CodecModule Module(int source, int target, int length)
    {
        string[] setters = ["Columns", "Rows", "BitsAllocated", "BitsStored", "SamplesPerPixel", "PixelRepresentation", "PlanarConfiguration", "PhotometricInterpretation", "EncodedBufferSize"];
        var text = string.Create(CultureInfo.InvariantCulture, $"""
            (module
              (memory (export "memory") 1)
              (func (export "_initialize"))
              (func (export "CreateCodecsContext") (result i32) i32.const 8)
              (func (export "CreateDecoderParameters") (result i32) i32.const 16)
              (func (export "GetEncodedBuffer") (param i32) (result i32) i32.const {source})
              (func (export "GetDecodedBuffer") (param i32) (result i32) i32.const {target})
              (func (export "GetDecodedBufferSize") (param i32) (result i32) i32.const {length})
              (func (export "DecodeJpegLs") (param i32 i32))
              (func (export "ReleaseDecoderParameters") (param i32))
              (func (export "ReleaseCodecsContext") (param i32))
              {string.Concat(setters.Select(name => $"(func (export \"Set{name}\") (param i32 i32))"))})
            """);
        return new CodecEngine().Compile(Wasmtime.Module.ConvertText(text));
    }
}
