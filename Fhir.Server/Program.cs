using Fhir.Server.Access;
using Fhir.Server.Audit;
using Fhir.Server.Consents;
using Fhir.Server.DicomWeb;
using Fhir.Server.Hosting;
using Fhir.Server.Imaging;
using Fhir.Server.Jobs;
using Fhir.Server.Portal;
using Fhir.Server.Rest;
using Fhir.Server.SignIn;
using Fhir.Server.Storage;

return await CommandLine.RunAsync(args, Build);

static WebApplication Build(string[] args)
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    builder.AddHosting();                            // limits, health, logging, the clock, demo data
    builder.Services
        .AddAccess(builder.Configuration)            // who is asking
        .AddStorage(builder.Configuration)           // what is kept
        .AddAudit()                                  // who touched it
        .AddConsents()                               // what they may see
        .AddJobs()                                   // what takes long
        .AddImaging(builder.Configuration)           // DICOM becomes Patient, ImagingStudy, Endpoint; frames are decoded
        .AddSignIn(builder.Configuration)            // accounts, and what they authorise
        .AddDicomWeb(builder.Configuration);

    var app = builder.Build();
    app.UseHosting();                                // the order of middleware, in one place
    app.MapSignIn();                                 // /account, /oauth
    app.MapRest();                                   // /fhir
    app.MapDicomWeb();                               // /dicomweb
    app.MapPortal();                                 // /app
    app.MapHosting();                                // /, /healthz
    return app;
}

/// <summary>The composition root; tests start it as it is.</summary>
public partial class Program;
