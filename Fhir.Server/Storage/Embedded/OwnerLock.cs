using System.Diagnostics;
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
    private const int SharingViolation = unchecked((int)0x8007_0020);

    // Somebody who only asks who the owner is holds the lock for a moment, too.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // EWOULDBLOCK, which .NET hands on as it is.
    private static readonly int WouldBlock = OperatingSystem.IsLinux() ? 11 : 35;

    private readonly FileStream held;
    private readonly string ownerPath;

    private OwnerLock(FileStream held, string ownerPath)
    {
        this.held = held;
        this.ownerPath = ownerPath;
    }

    /// <summary>Takes the lock; throws <see cref="StoreInUseException"/> when another process has it.</summary>
    public static OwnerLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var held = Hold(folder);
        try
        {
            var owner = new OwnerLock(held, Path.Combine(folder, "owner.json"));
            owner.Announce(null);
            return owner;
        }
        catch
        {
            held.Dispose();
            throw;
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
            // Shared, so that two who ask do not take each other for the owner.
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return null;
        }
        catch (IOException held) when (IsHeld(held))
        {
            return ReadOwner(folder);
        }
    }

    /// <summary>Says where this process listens.</summary>
    public void Announce(string? address)
    {
        // Moved into place, so that nobody reads half of it.
        var aside = ownerPath + ".new";
        File.WriteAllText(aside, JsonSerializer.Serialize(new StoreOwner(Environment.ProcessId, address)));
        File.Move(aside, ownerPath, overwrite: true);
    }

    public void Dispose()
    {
        File.Delete(ownerPath);
        held.Dispose();
    }

    private static FileStream Hold(string folder)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException held) when (IsHeld(held))
            {
                if (waited.Elapsed > Patience)
                {
                    throw new StoreInUseException(ReadOwner(folder));
                }
            }
            Thread.Sleep(Pause);
        }
    }

    private static bool IsHeld(IOException failure) => failure.HResult == (OperatingSystem.IsWindows() ? SharingViolation : WouldBlock);

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
