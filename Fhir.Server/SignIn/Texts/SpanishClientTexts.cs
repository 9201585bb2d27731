using Fhir.Server.SignIn.Clients;

namespace Fhir.Server.SignIn.Texts;

/// <summary>In Spanish.</summary>
internal sealed class SpanishClientTexts : ClientTexts
{
    public override string Clients => "Aplicaciones y centros";

    public override string AddOne => "Registrar una aplicación o un centro";

    public override string Name => "Nombre, tal como se muestra";

    public override string IdHint => "Déjelo vacío para que se genere uno.";

    public override string Kind => "Cómo se identifica";

    public override string KindOf(ClientKind kind) => kind switch
    {
        ClientKind.Public => "Pública: sin secreto (solo PKCE)",
        ClientKind.Symmetric => "Simétrica: un secreto",
        _ => "Asimétrica: aserciones que firma",
    };

    public override string Redirects => "Direcciones de retorno";

    public override string SeveralHint => "Puede haber varias, separadas por espacios.";

    public override string LaunchUrl => "Dirección de lanzamiento";

    public override string Scopes => "Lo máximo que puede pedir";

    public override string ScopesHint => "Déjelo vacío para lo que suele necesitar la aplicación de un paciente.";

    public override string JwksUri => "Dirección de sus claves públicas";

    public override string Jwks => "Sus claves públicas (JSON Web Key Set)";

    public override string Organization => "Organización a la que está vinculada (id)";

    public override string Namespaces => "Espacios de identificadores de paciente que su centro puede afirmar";

    public override string Records => "Historiales a los que llega por sí misma (ids)";

    public override string ResourceServer => "Puede consultar tokens de otros clientes";

    public override string Add => "Registrar";

    public override string Added => "Registrada:";

    public override string SecretOnce => "Su secreto, que se muestra solo esta vez:";

    public override string Disable(string client) => $"Desactivar {client}";

    public override string Disabled => "Se ha desactivado, y todos sus tokens dejan de valer.";

    public override string IsDisabled => "desactivada";
}
