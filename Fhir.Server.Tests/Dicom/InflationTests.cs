using System.Runtime.CompilerServices;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Tests.DicomWeb;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Small files that become large share one memory.</summary>
[TestFixture]
public sealed class InflationTests
{
    private const int Size = 4 << 20;

    [Test]
    public void Many_readers_at_once_never_have_more_than_the_budget_and_give_all_back()
    {
        var budget = BudgetOf(3 * Size, 32, TimeSpan.FromSeconds(20));
        var outcomes = ReadMany(Bomb(), budget, 24);
        Assert.That(budget.Peak, Is.InRange(Size, 3 * Size));
        Assert.That(outcomes, Has.All.Null.Or.EqualTo(ProblemKind.Unavailable));
        Assert.That(outcomes.Count(kind => kind is null), Is.AtLeast(3));
        for (var i = 0; i < 50 && budget.Taken > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.That(budget.Taken, Is.Zero);
        Assert.That(budget.Waiting, Is.Zero);
    }

    [Test]
    public void Without_room_the_answer_is_to_come_again_and_there_is_room_once_it_is_given_back()
    {
        var budget = BudgetOf(2 * Size, 1, TimeSpan.FromMilliseconds(200));
        var bomb = Bomb();
        using (budget.Take((2 * Size) - 1, default).Value)
        {
            var busy = Read(bomb, budget).Problem!;
            Assert.That(busy.Kind, Is.EqualTo(ProblemKind.Unavailable));
            Assert.That(busy.RetryAfter, Is.Not.Null);
            using var gone = new CancellationTokenSource();
            gone.Cancel();
            Assert.That(() => budget.Take(Size, gone.Token), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(BudgetOf(0, 0, TimeSpan.FromSeconds(1)).Take(1, default).Problem!.Kind, Is.EqualTo(ProblemKind.TooLarge));
        }
        Assert.That(Read(bomb, budget).IsSuccess);
    }

    [Test]
    public void What_is_damaged_or_too_large_takes_nothing()
    {
        var budget = BudgetOf(4 * Size, 1, TimeSpan.FromMilliseconds(200));
        using var bomb = new MemoryStream(Bomb());
        var outcome = Part10Reader.Read(bomb, new DicomReadOptions { Budget = budget, InflatedLimit = Size / 2 });
        Assert.That(outcome.Problem!.Kind, Is.EqualTo(ProblemKind.TooLarge));
        var file = bomb.ToArray();
        file.AsSpan((int)Part10Reader.DataSetOffset(file)!.Value).Fill(0xFF);
        Assert.That(Read(file, budget).Problem!.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(budget.Peak, Is.Zero);
    }

    [Test]
    public async Task Every_door_says_503_while_there_is_no_room_and_answers_afterwards()
    {
        await using var server = PhrServer.Start(("Inflation:Patience", "00:00:00.200"));
        const string Base = "/dicomweb/patients/i1";
        await server.PutAsync("/fhir/Patient/i1", """{"resourceType":"Patient","id":"i1"}""");
        var dicom = new TestDicom("1.2.276.18.1", "1.2.276.18.1.1", "1.2.276.18.1.1.1") { Syntax = DicomTransferSyntax.Deflated };
        var path = $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}";
        Assert.That((int)(await server.StowAsync(Base, dicom.ToBytes())).StatusCode, Is.EqualTo(200));
        var second = (dicom with { Sop = dicom.Sop + "2" }).ToBytes();
        var plain = (dicom with { Sop = dicom.Sop + "3", Syntax = DicomTransferSyntax.ExplicitLittleEndian }).ToBytes();
        using (TakeAll())
        {
            foreach (var answer in new[]
            {
                await server.StowAsync(Base, second), await server.Client.GetAsync($"{path}/frames/1", "application/octet-stream"),
                await server.Client.GetAsync(path, "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"),
            })
            {
                Assert.That((int)answer.StatusCode, Is.EqualTo(503), answer.RequestMessage!.RequestUri!.AbsolutePath);
                Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
            }
            var both = await server.StowAsync(Base, second, plain);
            Assert.That((int)both.StatusCode, Is.EqualTo(202));
            Assert.That((await both.JsonAsync()).Failures(), Is.EqualTo(new[] { $"{0xA700}" }));
        }
        Assert.That((int)(await server.StowAsync(Base, second)).StatusCode, Is.EqualTo(200));
        Assert.That((await (await server.Client.GetAsync($"{path}/frames/1", "application/octet-stream")).Content.ReadAsByteArrayAsync()), Is.All.EqualTo(7));
    }

    /// <summary>All that nobody has; what is garbage already counts until it is collected.</summary>
    private static InflationLease TakeAll()
    {
        var room = new InflationOptions().Budget;
        for (var i = 0; i < 100; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (InflationBudget.Shared.Taken == 0)
            {
                break;
            }
        }
        return InflationBudget.Shared.Take(room - InflationBudget.Shared.Taken, default).Value;
    }

    private static InflationBudget BudgetOf(long bytes, int queue, TimeSpan patience) => new(new InflationOptions { Budget = bytes, Queue = queue, Patience = patience });

    private static byte[] Bomb() => Made.Image().AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[Size - 2000]).Bytes(DicomTransferSyntax.Deflated);

    // What is read here must not be held by a variable of the test.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ProblemKind?[] ReadMany(byte[] file, InflationBudget budget, int readers)
    {
        var kinds = new ProblemKind?[readers];
        var threads = Enumerable.Range(0, readers).Select(i => new Thread(() => kinds[i] = Read(file, budget).Problem?.Kind)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return kinds;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Outcome<DicomFile> Read(byte[] file, InflationBudget budget)
    {
        using var stream = new MemoryStream(file);
        return Part10Reader.Read(stream, new DicomReadOptions { Budget = budget });
    }
}
