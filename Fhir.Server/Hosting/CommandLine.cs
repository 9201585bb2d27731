namespace Fhir.Server.Hosting;

internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build)
    {
        await using var app = build(args);
        await app.RunAsync();
        return 0;
    }
}
