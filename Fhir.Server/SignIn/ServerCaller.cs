using Fhir.Server.Access;

namespace Fhir.Server.SignIn;

/// <summary>The server itself, where the authorisation server writes or looks up what no user asked for. Appears in audit.</summary>
internal static class ServerCaller
{
    public static Caller SignIn { get; } = new(CallerKind.Operator, "sign-in", null, Reach.Everything, MayWrite: true);
}
