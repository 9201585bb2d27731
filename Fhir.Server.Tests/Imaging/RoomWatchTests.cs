using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Imaging;

/// <summary>A disk that fills up while much is being written to it.</summary>
[TestFixture]
public sealed class RoomWatchTests
{
    private static readonly Problem Full = Problem.NoSpace("There is no room.", TimeSpan.FromMinutes(1));

    [Test]
    public async Task Bulk_data_end_when_there_is_no_room_any_more()
    {
        var looks = 0;
        await using var upload = new NoUpload();
        await using var bulk = new BulkParts(upload, new RoomWatch(() => ++looks == 2 ? Full : null));
        using var body = new MemoryStream(new byte[3 * RoomWatch.Each]);
        var added = await bulk.AddAsync("a", "application/octet-stream", null, body, long.MaxValue, default);
        Assert.That(added.Problem, Is.EqualTo(Full));
        Assert.That(upload.Length, Is.InRange(RoomWatch.Each, 2 * RoomWatch.Each));
    }

    [Test]
    public async Task A_file_that_is_being_written_ends_when_there_is_no_room_any_more()
    {
        await using var upload = new NoUpload();
        await using var stream = new UploadStream(upload, new RoomWatch(() => Full), default);
        var piece = new byte[1 << 20];
        var written = 0;
        var thrown = Assert.Throws<NoRoomException>(() =>
        {
            for (; written < 100; written++)
            {
                stream.Write(piece);
            }
        });
        Assert.That(thrown!.Problem, Is.EqualTo(Full));
        Assert.That(upload.Length, Is.LessThan(RoomWatch.Each));
    }

    private sealed class NoUpload : IBlobUpload
    {
        public BlobName Name => new("none");

        public long Length { get; private set; }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            Length += bytes.Length;
            return ValueTask.CompletedTask;
        }

        public Stream OpenWritten() => Stream.Null;

        public ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
