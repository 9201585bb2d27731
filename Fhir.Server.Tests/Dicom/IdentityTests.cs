using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Read, written and read again, every real file is what it was, however it is written.</summary>
public sealed class IdentityTests
{
    private static readonly (string Name, DicomWriteOptions Options)[] Ways =
    [
        ("plain", DicomWriteOptions.Default),
        ("delimited", new DicomWriteOptions { UndefinedLengths = true }),
        ("with group lengths", new DicomWriteOptions { GroupLengths = true }),
        ("both", new DicomWriteOptions { UndefinedLengths = true, GroupLengths = true }),
    ];

    [Test]
    public void Explicit_files_come_back([Values(0, 1, 2, 3)] int way) => Check(Ways[way].Options, file =>
        file.PixelData is { IsEncapsulated: true } ? file.Syntax.IsEncapsulated ? file.TransferSyntax : null : DicomTransferSyntax.ExplicitLittleEndian);

    [Test]
    public void Deflated_files_come_back() => Check(DicomWriteOptions.Default, file =>
        file.PixelData is { IsEncapsulated: true } ? null : DicomTransferSyntax.Deflated);

    [Test]
    public void Implicit_files_come_back_but_for_what_only_representations_tell() => Check(DicomWriteOptions.Default, file =>
        file.PixelData is { IsEncapsulated: true } || !IsImplicit(file.Dataset) ? null : DicomTransferSyntax.ImplicitLittleEndian);

    [Test]
    public void Another_toolkit_reads_what_we_write([Values(0, 3)] int way)
    {
        Corpus.RequireOrSkip();
        Dcmtk.RequireOrSkip("dcmdump");
        foreach (var file in Corpus.Files())
        {
            using var stream = file.Open();
            if (Part10Reader.Read(stream) is { IsSuccess: true, Value: var read } && read.PixelData is not { IsEncapsulated: true })
            {
                using var written = Dcmtk.Temporary(Write(read, stream, Ways[way].Options, DicomTransferSyntax.ExplicitLittleEndian));
                var (output, complaint) = Dcmtk.Run("dcmdump", "-q", written.Path);
                Assert.That(output, Is.Not.Null, $"{file.Name}: {complaint}");
            }
        }
    }

    private static void Check(DicomWriteOptions options, Func<DicomFile, string?> syntaxFor)
    {
        Corpus.RequireOrSkip();
        var count = 0;
        foreach (var file in Corpus.Files())
        {
            using var stream = file.Open();
            if (Part10Reader.Read(stream) is not { IsSuccess: true, Value: var read } || syntaxFor(read) is not { } syntax)
            {
                continue;
            }

            count++;
            var bytes = Write(read, stream, options, syntax);
            Assert.That(Write(read, stream, options, syntax).AsSpan().SequenceEqual(bytes), file.Name);
            using var again = new MemoryStream(bytes);
            var reread = Part10Reader.Read(again);
            Assert.That(reread.Problem, Is.Null, file.Name);
            AssertSame(file.Name, read, stream, read.Dataset, reread.Value, again, reread.Value.Dataset);
        }

        TestContext.Out.WriteLine($"{count} files");
        Assert.That(count, Is.GreaterThan(20));
    }

    private static byte[] Write(DicomFile read, Stream source, DicomWriteOptions options, string syntax)
    {
        using var target = new MemoryStream();
        var meta = Part10Writer.Meta(read.SopClassUid ?? "1.2.840.10008.5.1.4.1.1.7", read.SopInstanceUid ?? "1.2.3", syntax);
        var outcome = Part10Writer.Write(target, read.Dataset, meta, options with { Source = source, SourceIsBigEndian = read.Syntax.IsBigEndian });
        Assert.That(outcome.Problem, Is.Null);
        return target.ToArray();
    }

    private static void AssertSame(string name, DicomFile left, Stream leftSource, DicomDataset expected, DicomFile right, Stream rightSource, DicomDataset actual)
    {
        // Group lengths are not part of what a file says.
        var mine = expected.Elements.Where(e => !e.Tag.IsGroupLength).ToList();
        var other = actual.Elements.Where(e => !e.Tag.IsGroupLength).ToList();
        Assert.That(other.Select(e => (e.Tag, e.Vr)), Is.EqualTo(mine.Select(e => (e.Tag, e.Vr))), name);
        foreach (var (one, two) in mine.Zip(other))
        {
            var padded = left.Load(one, leftSource).Value;
            var length = one.Fragments is null ? padded.Length + (padded.Length & 1) : padded.Length;
            Assert.That(two.Fragments?.Count, Is.EqualTo(one.Fragments?.Count), name);
            var loaded = right.Load(two, rightSource).Value;
            Assert.That(loaded.Length, one.Fragments is null ? Is.EqualTo(length) : Is.GreaterThanOrEqualTo(length), $"{name} {one}");
            Assert.That(one.Fragments is not null || loaded.Span[..padded.Length].SequenceEqual(padded.Span), $"{name} {one}");
            for (var i = 0; i < one.Fragments?.Count; i++)
            {
                var fragment = Fragment(left, one, leftSource, i);
                Assert.That(Fragment(right, two, rightSource, i).Span[..fragment.Length].SequenceEqual(fragment.Span), $"{name} fragment {i}");
            }

            Assert.That(two.Items?.Count, Is.EqualTo(one.Items?.Count), name);
            for (var i = 0; i < one.Items?.Count; i++)
            {
                AssertSame(name, left, leftSource, one.Items[i], right, rightSource, two.Items![i]);
            }
        }
    }

    private static ReadOnlyMemory<byte> Fragment(DicomFile file, DicomElement element, Stream source, int index) =>
        file.Load(new DicomElement(element.Tag, element.Vr, element.Fragments! with
        {
            Values = element.Fragments.Values is { } values ? [values[index]] : null,
            Locations = element.Fragments.Values is null ? [element.Fragments.Locations[index]] : [],
        }), source).Value;

    /// <summary>Every representation is the one the dictionary gives.</summary>
    private static bool IsImplicit(DicomDataset dataset) =>
        dataset.Elements.All(e => e.Vr == DicomDictionary.VrOf(e.Tag, dataset) && (e.Items ?? []).All(IsImplicit));
}
