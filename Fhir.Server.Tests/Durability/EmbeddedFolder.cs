using System.Text;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Durability;

/// <summary>A folder of an embedded store, and the fittings it is opened with each time.</summary>
internal sealed class EmbeddedFolder(string path) : IDisposable
{
    public string Path { get; } = path;

    public string Database => System.IO.Path.Combine(Path, "store.db");

    public string Wal => Database + "-wal";

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 2, 14, 9, 30, 0, TimeSpan.Zero));

    public FakeProjection Projection { get; } = new();

    public TestSeal Seal { get; } = new();

    public static EmbeddedFolder Make() => new(Directory.CreateTempSubdirectory("phr-durable-").FullName);

    /// <summary>On a disk that loses nothing and costs nothing, for what is opened very often.</summary>
    public static EmbeddedFolder MakeInMemory() => Directory.Exists("/dev/shm")
        ? new(Directory.CreateDirectory($"/dev/shm/phr-durable-{Guid.NewGuid():N}").FullName)
        : Make();

    public EmbeddedStore Open(Action<string>? reached = null) => new(
        Path, Projection, Seal, Clock, folder => new FileBlobStore(folder, new DiskFileLayer(), Clock), NullLogger.Instance, reached);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    /// <summary>A commit that writes a resource which can be found by a word, and its audit row.</summary>
    public RecordCommit Saying(RecordId record, ResourceKey key, string word) => new(record)
    {
        Resources = [new ResourceChange(key, TestContent.Saying(word, new TokenRow("identifier", "urn:test", word)), "PUT")],
        Audit = [new AuditEntry(record, Clock.GetUtcNow(), "user-1", "app-1", "write", key.ToString(), 0, "open-mode", "")],
    };

    /// <summary>Writes the file of an instance and makes a commit of it.</summary>
    public static async Task<RecordCommit> GivingAsync(EmbeddedStore store, RecordId record, params IEnumerable<TestInstance> instances)
    {
        var received = new List<NewInstance>();
        foreach (var instance in instances)
        {
            await using var upload = await store.Blobs.BeginAsync(default);
            await upload.WriteAsync(instance.File, default);
            await upload.CompleteAsync(default);
            received.Add(new NewInstance(instance.Describe(), upload.Name, upload.Length, instance.Hash, Givers.Person, InstanceSource.Stow));
        }
        return new RecordCommit(record) { Instances = received };
    }

    /// <summary>What a search for a word finds, as text.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(EmbeddedStore store, string type, string word)
    {
        var found = await store.Resources.QueryAsync(Ask.For(type, Ask.Token(type, "identifier", "urn:test", word)), Visibility.Everything, default);
        return [.. found.Value.Matches.Select(one => Encoding.UTF8.GetString(one.Json.Span))];
    }
}
