using Fhir.Server.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a test hands to the store it opens; the same again at every reopening.</summary>
/// <param name="Clock">Turned by hand, also backwards; whatever the store does by time it does by this.</param>
/// <param name="Projection">Makes ImagingStudies and Endpoints.</param>
/// <param name="Seal">Chains the audit rows.</param>
public sealed record StoreFittings(FakeTimeProvider Clock, FakeProjection Projection, TestSeal Seal);

/// <summary>A store that has been opened.</summary>
/// <param name="Resources">Its resources.</param>
/// <param name="Instances">Its instances.</param>
/// <param name="Blobs">Its blobs.</param>
/// <param name="SweepAsync">One run of the blob sweep as the server does it: what is neither mentioned nor held and older than a day, and what an erasure has left.</param>
/// <param name="CloseAsync">Closes everything; the data stay.</param>
public sealed record OpenedStore(
    IResourceStore Resources, IInstanceIndex Instances, IBlobStore Blobs, Func<Task> SweepAsync, Func<ValueTask> CloseAsync);

/// <summary>A store and what a contract needs to hold it to its promises.</summary>
public sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly Func<StoreFittings, ValueTask<OpenedStore>> open;
    private readonly Action? cleanUp;
    private readonly StoreFittings fittings;
    private OpenedStore opened;

    private StoreUnderTest(
        Func<StoreFittings, ValueTask<OpenedStore>> open, bool largeTransactions, Action? cleanUp, StoreFittings fittings, OpenedStore opened)
    {
        this.open = open;
        this.cleanUp = cleanUp;
        this.fittings = fittings;
        this.opened = opened;
        LargeTransactions = largeTransactions;
    }

    public IResourceStore Resources => opened.Resources;

    public IInstanceIndex Instances => opened.Instances;

    public IBlobStore Blobs => opened.Blobs;

    public FakeTimeProvider Clock => fittings.Clock;

    public FakeProjection Projection => fittings.Projection;

    public TestSeal Seal => fittings.Seal;

    /// <summary>Whether one commit may hold more than 100 operations.</summary>
    public bool LargeTransactions { get; }

    /// <summary>Opens a new, empty store.</summary>
    /// <param name="open">Opens the store; called again at each reopening, and then must find the same data.</param>
    /// <param name="largeTransactions">See <see cref="LargeTransactions"/>.</param>
    /// <param name="cleanUp">Removes the data when all is over.</param>
    public static async ValueTask<StoreUnderTest> OpenAsync(
        Func<StoreFittings, ValueTask<OpenedStore>> open, bool largeTransactions, Action? cleanUp = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 2, 14, 9, 30, 0, TimeSpan.Zero));
        var fittings = new StoreFittings(clock, new FakeProjection(), new TestSeal());
        return new StoreUnderTest(open, largeTransactions, cleanUp, fittings, await open(fittings));
    }

    /// <summary>Closes the store and opens it again on the same data.</summary>
    public async Task ReopenAsync()
    {
        await opened.CloseAsync();
        opened = await open(fittings);
    }

    /// <summary>Runs the blob sweep once.</summary>
    public Task SweepAsync() => opened.SweepAsync();

    public async ValueTask DisposeAsync()
    {
        await opened.CloseAsync();
        cleanUp?.Invoke();
    }
}
