namespace Fhir.Server.Portal;

/// <summary>
/// The room of the portal: pages that are apps. So far the demo's SMART app (<see cref="DemoApp"/>), which knows nothing of this server
/// that another app would not be told.
/// </summary>
internal static class PortalRoom
{
    public static void MapPortal(this IEndpointRouteBuilder app) => app.MapDemoApp();
}
