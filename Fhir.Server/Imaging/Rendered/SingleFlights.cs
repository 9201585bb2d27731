namespace Fhir.Server.Imaging.Rendered;

/// <summary>Work that several want at once is done once. It goes on while anybody waits for it, and is given up when nobody does any more.</summary>
/// <typeparam name="T">What comes of it.</typeparam>
internal sealed class SingleFlights<T>
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Flight> flights = new(StringComparer.Ordinal);

    /// <summary>Waits for the work of this key, which is begun unless it is under way.</summary>
    public async Task<T> JoinAsync(string key, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        Flight flight;
        lock (gate)
        {
            if (!flights.TryGetValue(key, out flight!))
            {
                flight = new Flight();
                flights[key] = flight;
                flight.Work = Task.Run(() => RunAsync(key, flight, work), CancellationToken.None);
            }
            flight.Waiting++;
        }
        try
        {
            return await flight.Work.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(key, flight);
        }
    }

    private async Task<T> RunAsync(string key, Flight flight, Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(flight.Stop.Token);
        }
        finally
        {
            lock (gate)
            {
                flight.IsOver = true;
                Remove(key, flight);
            }
            flight.Dispose();
        }
    }

    private void Leave(string key, Flight flight)
    {
        lock (gate)
        {
            if (--flight.Waiting == 0 && !flight.IsOver)
            {
                // Who comes from now on begins anew.
                Remove(key, flight);
                flight.Stop.Cancel();
            }
        }
    }

    private void Remove(string key, Flight flight)
    {
        if (flights.TryGetValue(key, out var current) && current == flight)
        {
            flights.Remove(key);
        }
    }

    private sealed class Flight : IDisposable
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task<T> Work { get; set; } = null!;

        public int Waiting { get; set; }

        public bool IsOver { get; set; }

        public void Dispose() => Stop.Dispose();
    }
}
