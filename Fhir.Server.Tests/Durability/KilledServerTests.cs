using Fhir.Server.Tests.Storage;

namespace Fhir.Server.Tests.Durability;

/// <summary>
/// The server is killed at named points of its writes while three clients send. Whatever it acknowledged is there when it is back,
/// and nothing half-stored is shown. <c>PHR_LONG=1</c> kills more often.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
public sealed class KilledServerTests
{
    private static readonly string[] Points = ["blob-written", "blob-renamed", "before-commit", "after-commit", "before-answer"];

    private static IEnumerable<TestCaseData> Kills()
    {
        var each = Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? 12 : 4;
        for (var seed = 0; seed < each * Points.Length; seed++)
        {
            var point = Points[seed % Points.Length];
            // The first of each point dies early, within the first request or even the start; the others at any time.
            var times = seed < Points.Length ? 1 : new Random(seed).Next(2, 40);
            yield return new TestCaseData(seed, $"{point}:{times}");
        }
    }

    [TestCaseSource(nameof(Kills))]
    public async Task What_was_acknowledged_before_the_kill_is_there_after_it_and_nothing_half_stored_is(int seed, string killAt)
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("phr-kill-").FullName, "data");
        var port = ServerProcess.FreePort();
        var round = new KillRound(seed);
        await using (var doomed = ServerProcess.Start(folder, port, killAt))
        {
            if (await doomed.BecomesReadyAsync())
            {
                await round.SendUntilDeathAsync(doomed);
            }
            Assert.That(await doomed.EndAsync(), Is.EqualTo(ServerProcess.Killed), doomed.Output);
            Assert.That(doomed.Output, Does.Not.Contain("fail:").And.Not.Contain("crit:"));
        }
        await using (var server = ServerProcess.Start(folder, port))
        {
            Assert.That(await server.BecomesReadyAsync(), Is.True, server.Output);
            var after = new AfterTheKill(server.Client, round);
            await after.EverythingHoldsAsync();
            await after.SendingAgainSucceedsAsync();
            Assert.That(await server.StopAsync(), Is.Zero, server.Output);
            Assert.That(server.Output, Does.Not.Contain("fail:").And.Not.Contain("crit:"));
        }
        using (var inspection = new StoreInspection(folder))
        {
            inspection.FilesAreWhole();
            Assert.That(await inspection.AuditChainsVerifyAsync(), round.Puts.IsEmpty ? Is.Zero : Is.GreaterThan(round.Puts.Count));
            await inspection.SweepLeavesWhatIsMentionedAsync();
        }
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }
}
