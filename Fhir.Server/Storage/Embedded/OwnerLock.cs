using System.Text.Json;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Where the process that owns a store can be reached.</summary>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Address">Its first listening address; null until it listens.</param>
public sealed record StoreOwner(int ProcessId, string? Address);

/// <summary>
/// One process owns a store: it holds <c>owner.lock</c> open, and says in <c>owner.json</c> where it listens, so that a command run
/// beside it can talk to it instead.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private readonly FileStream held;
    private readonly string ownerPath;

    private OwnerLock(FileStream held, string ownerPath)
    {
        this.held = held;
        this.ownerPath = ownerPath;
        Announce(null);
    }

    /// <summary>Takes the lock; throws <see cref="StoreInUseException"/> when another process has it.</summary>
    public static OwnerLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            var file = new FileStream(Path.Combine(folder, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new OwnerLock(file, Path.Combine(folder, "owner.json"));
        }
        catch (IOException)
        {
            throw new StoreInUseException(ReadOwner(folder));
        }
    }

    /// <summary>Who owns the store now; null when nobody does.</summary>
    public static StoreOwner? FindOwner(string folder)
    {
        var path = Path.Combine(folder, "owner.lock");
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using var free = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            return ReadOwner(folder);
        }
    }

    /// <summary>Says where this process listens.</summary>
    public void Announce(string? address) =>
        File.WriteAllText(ownerPath, JsonSerializer.Serialize(new StoreOwner(Environment.ProcessId, address)));

    public void Dispose()
    {
        File.Delete(ownerPath);
        held.Dispose();
    }

    private static StoreOwner ReadOwner(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<StoreOwner>(File.ReadAllText(Path.Combine(folder, "owner.json"))) ?? new StoreOwner(0, null);
        }
        catch (Exception unreadable) when (unreadable is IOException or JsonException)
        {
            return new StoreOwner(0, null);
        }
    }
}

/// <summary>Another process owns the store.</summary>
public sealed class StoreInUseException(StoreOwner owner)
    : Exception($"The store is in use by process {owner.ProcessId}{(owner.Address is null ? "" : $" at {owner.Address}")}.")
{
    /// <summary>The process that owns it.</summary>
    public StoreOwner Owner { get; } = owner;
}
