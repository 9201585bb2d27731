using Fhir.Server.Access;

namespace Fhir.Server.Hosting;

/// <summary>What somebody sees who opens the server's address in a browser: what it is and where to begin.</summary>
internal static class LandingPage
{
    public static IResult Read(PublicAddress address, HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Content(
            $$"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>PhrImaging</title>
            <style>
            body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.2rem; color: #1c2733; background: #fff }
            h1 { font-size: 1.7rem; margin-bottom: .2rem } code { background: #eef2f6; padding: .1rem .3rem; border-radius: .25rem }
            a { color: #0a5a9c } .note { border-left: 4px solid #b25b00; padding: .1rem 1rem; background: #fff6ea }
            @media (prefers-color-scheme: dark) { body { color: #e5ebf1; background: #14191f } code { background: #263039 } a { color: #7fc1ff } .note { background: #2c2418 } }
            </style></head><body><main>
            <h1>PhrImaging</h1>
            <p>An imaging personal health record: a FHIR R4 server whose ImagingStudy resources point to DICOMweb endpoints on the same host.</p>
            <p class="note">This server runs in <strong>open mode</strong>: everything is allowed to everybody on this machine, and nobody else is answered. Do not keep real patients' data in it.</p>
            <ul>
            <li><a href="/fhir/metadata">/fhir/metadata</a>: what the FHIR side offers</li>
            <li><a href="/fhir/ImagingStudy?_include=ImagingStudy:endpoint">/fhir/ImagingStudy</a>: the studies, with their endpoints</li>
            <li><a href="/fhir/DiagnosticReport">/fhir/DiagnosticReport</a>: what the radiologists' reports among them say</li>
            <li><a href="/dicomweb/studies">/dicomweb/studies</a>: the same by QIDO-RS</li>
            <li><code>{{address.Base}}/dicomweb/patients/{id}</code>: the DICOMweb base of one record (<code>Endpoint.address</code>)</li>
            </ul>
            <p>The README has a first tour with curl.</p>
            </main></body></html>
            """,
            "text/html; charset=utf-8");
    }
}
