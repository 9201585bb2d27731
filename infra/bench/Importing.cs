namespace Bench;

/// <summary>Records as a patient generator writes them, one transaction each: resources a second, and the memory a large one takes.</summary>
internal static class Importing
{
    private const int Usual = 350;
    private const int Large = 5000;
    private const int ARound = 4;

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        var person = 0;
        Throughput();
        Memory();

        void Throughput()
        {
            using var server = Start("store");
            foreach (var connections in (int[])[1, 4])
            {
                // The first round warms up.
                var rounds = Enumerable.Range(0, plan.Rounds + 1)
                    .Select(_ => Load.Once(server, [.. Enumerable.Range(0, ARound).Select(_ => Next(Usual))], connections)).Skip(1).ToList();
                var name = $"transactions of {Usual}, {connections} connections";
                figures.Note(name, Figures.Median(rounds.ConvertAll(round => round.PerSecond * Usual)), "resources/s");
                figures.AtLeast(name + ", per core", Figures.Median(rounds.ConvertAll(round => Usual * 1000 / round.Cpu)), 600, "resources/s of processor time");
            }
        }

        // In a process of its own: one that has imported before has the room already.
        void Memory()
        {
            using var server = Start("store-large");
            var large = Next(Large);
            server.ForgetPeak();
            var before = server.Resident;
            Load.Once(server, [large], 1);
            figures.Limit(FormattableString.Invariant($"a transaction of {Large:N0}, {large.Length / 1048576.0:0.0} MB"), server.Peak - before, 300, "MB more");
        }

        Child Start(string store)
        {
            var server = Child.Server(Path.Combine(plan.Folder, store));
            Answers.Statuses(Usual, "201")(Answers.Ask(server, Next(Usual)));
            return server;
        }

        byte[] Next(int entries) => Bundles.Post("transaction", PatientHistory.Entries(person++, entries));
    }
}
