using System.Diagnostics;
using System.Globalization;
using Fhir.Server.Storage;

namespace Fhir.Server.Hosting;

/// <summary>
/// Lets a test kill the process at a named point: <c>Testing:KillAt=blob-renamed:17</c> kills it when that point is reached for the
/// seventeenth time, in Development alone. Nothing is flushed or told: what a power cut would leave of the process.
/// </summary>
internal static class CrashPoints
{
    public static void Arm(WebApplication app)
    {
        if (!app.Environment.IsDevelopment() || app.Configuration["Testing:KillAt"]?.Split(':') is not [var point, var times])
        {
            return;
        }
        var left = int.Parse(times, CultureInfo.InvariantCulture);
        var probe = app.Services.GetRequiredService<StoreProbe>();
        probe.Reached += reached =>
        {
            if (reached == point && Interlocked.Decrement(ref left) == 0)
            {
                Process.GetCurrentProcess().Kill();
                Thread.Sleep(Timeout.Infinite);
            }
        };
        app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                if (!HttpMethods.IsGet(context.Request.Method) && context.Response.StatusCode is >= 200 and < 300)
                {
                    probe.Reach("before-answer");
                }
                return Task.CompletedTask;
            });
            return next(context);
        });
    }
}
