using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Jobs;

/// <summary>
/// The room of jobs: durable long work with progress. <see cref="JobDesk"/> takes it in and tells how far it is, <see cref="JobWorker"/>
/// does one after the other with an <see cref="IJobHandler"/> for each kind, and goes on after a restart.
/// </summary>
internal static class JobsRoom
{
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        services.AddSingleton<JobDesk>();
        services.AddSingleton<IJobHandler, ReindexJob>();
        services.AddHostedService<JobWorker>();
        return services;
    }
}
