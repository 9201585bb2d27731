using System.Diagnostics;
using System.Globalization;

namespace Bench;

/// <summary>First pages of QIDO over a thousand and over many studies (1,000,000, or <c>PHR_QIDO_STUDIES</c>), one connection; in milliseconds.</summary>
internal static class Searching
{
    private const int Few = 1000;

    private static readonly string[] Queries =
    [
        "/studies?limit=101", "/studies?limit=101&includefield=00081030%2C00080060%2C00080090%2C00100030", "/studies?PatientID=P7", "/studies?AccessionNumber=A77",
        "/studies?StudyDate=20300101", "/studies?StudyDate=20200101-20251231&limit=101", "/studies?ModalitiesInStudy=CT&limit=101", "/studies?ModalitiesInStudy=XC",
        "/studies?StudyInstanceUID=1.2.826.0.1.3680043.9.7.5,1.2.826.0.1.3680043.9.7.6", "/studies?PatientName=Doe*", "/studies?PatientName=jan%20doe&fuzzymatching=true",
        "/studies?PatientName=smith*&limit=101", "/series?limit=101", "/instances?limit=101", "/series?SeriesInstanceUID=1.2.826.0.1.3680043.9.7.5.1",
        "/studies?PatientName=*oe^j*", "/studies?StudyDescription=*knee*&limit=101", "/studies?StudyTime=000001",
    ];

    public static void Measure(Plan plan, Figures figures)
    {
        var many = int.Parse(Environment.GetEnvironmentVariable("PHR_QIDO_STUDIES") ?? "1000000", CultureInfo.InvariantCulture);
        var (few, large) = (Times(plan, Few), Times(plan, many));
        Console.WriteLine($"| first page of `/dicomweb…` | {Few:N0} studies | {many:N0} studies |\n|---|---|---|");
        foreach (var query in Queries)
        {
            Console.WriteLine($"| `{query}` | {few[query]} | {large[query]} |");
        }
    }

    private static Dictionary<string, string> Times(Plan plan, int count)
    {
        var folder = Path.Combine(plan.Folder, "store" + count.ToString(CultureInfo.InvariantCulture));
        // The server makes the store, and is away while it is filled.
        Child.Server(folder).Dispose();
        ManyStudies.Write(Path.Combine(folder, "store.db"), count);
        using var server = Child.Server(folder);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        return Queries.ToDictionary(query => query, query =>
        {
            var times = new List<double>();
            var status = 0;
            for (var round = 0; round <= plan.Rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                using var answer = client.GetAsync("/dicomweb" + query).GetAwaiter().GetResult();
                answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult();
                status = (int)answer.StatusCode;
                times.Add(watch.Elapsed.TotalMilliseconds);
            }
            var median = times.Skip(1).Order().ElementAt(plan.Rounds / 2);
            return string.Create(CultureInfo.InvariantCulture, $"{median:0.0} ms") + (status == 200 ? "" : $" ({status})");
        });
    }
}
