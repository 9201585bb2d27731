using Fhir.Server.SignIn.OAuth;

namespace Fhir.Server.SignIn.Texts;

/// <summary>In Spanish.</summary>
internal sealed class SpanishAppTexts : AppTexts
{
    public override string CannotGoOn => "No se puede continuar";

    public override string UnknownApp => "La aplicación que le envió aquí no está registrada en este servidor. No se le ha dado nada.";

    public override string UnknownRedirect => "La aplicación quiere enviarle a una dirección con la que no está registrada. No se le ha dado nada.";

    public override string Title(string app) => $"¿Permitir {app}?";

    public override string Asks(string app, string host) => $"{app} pide usar datos de salud guardados aquí. Si lo permite, se le envía a {host}.";

    public override string WhoseRecord => "¿De quién es el historial?";

    public override string YourOwn(string name) => $"{name} (el suyo)";

    public override string AsProxy(string name) => $"{name} (usted le representa)";

    public override string OpenedByPortal(string name) => $"{name} (el historial que tiene abierto)";

    public override string WhichStudy => "¿Qué estudio se debe abrir?";

    public override string WhatItMay => "¿Qué puede hacer?";

    public override string LessIsFine => "Quite lo que no quiera permitir.";

    public override string AlsoNew => "Vale para lo que hay ahora en el historial y para lo que se añada después: también imágenes nuevas en el futuro.";

    public override string HowLong => "¿Por cuánto tiempo?";

    public override string OneHour => "Durante una hora, o hasta que cierre la sesión.";

    public override string WhileSignedIn => "Mientras tenga aquí la sesión abierta.";

    public override string UntilEnded(int days) => $"También cuando usted no esté, hasta que lo termine o no se use durante {days} días.";

    public override string EndAnyTime => "Puede terminarlo cuando quiera en «Aplicaciones», dentro de su cuenta.";

    public override string Allow => "Permitir";

    public override string Deny => "No permitir";

    public override string ChooseRecord => "Elija qué historial puede usar.";

    public override string ChooseSomething => "Deje al menos una marca, o no lo permita.";

    public override string Apps => "Aplicaciones";

    public override string NoApps => "No ha permitido a ninguna aplicación usar sus datos.";

    public override string AppsText => "Estas aplicaciones pueden usar datos guardados aquí porque usted lo permitió. Lo que termine deja de valer al instante.";

    public override string Since(string day) => $"desde {day}";

    public override string LastUsed(string day) => $"último uso {day}";

    public override string RecordOf(string name) => $"Historial de {name}";

    public override string Revoke(string app) => $"Terminar {app}";

    public override string Revoked => "Se ha terminado. La aplicación ya no recibe nada.";

    protected override string Named(string scope) => scope switch
    {
        ScopeRules.OpenId => "Saber que es usted quien vuelve",
        ScopeRules.FhirUser => "Saber quién es usted en este sistema",
        ScopeRules.Profile => "Saber su nombre",
        ScopeRules.Launch => "Saber qué historial está abierto",
        ScopeRules.LaunchPatient => "Saber qué historial ha elegido",
        ScopeRules.LaunchStudy => "Saber qué estudio está abierto",
        ScopeRules.Offline => "Seguir conectada cuando usted no esté",
        ScopeRules.Online => "Seguir conectada mientras tenga aquí la sesión abierta",
        _ => scope,
    };

    protected override string Say(string verbs, string type, bool everywhere, string? criterion) =>
        $"{char.ToUpperInvariant(verbs[0])}{verbs[1..]}: {type}{(criterion is null ? "" : $", solo {criterion}")}{(everywhere ? ", en todos los historiales que usted puede usar" : "")}";

    protected override string See => "ver";

    protected override string Search => "buscar";

    protected override string Add => "añadir";

    protected override string Change => "cambiar";

    protected override string Remove => "quitar";

    protected override string And => "y";

    protected override string TypeName(string type) => type switch
    {
        "*" => "todo el historial",
        "ImagingStudy" => "estudios de imagen con sus imágenes",
        "Patient" => "nombre, fecha de nacimiento y datos de contacto",
        "DiagnosticReport" => "informes",
        "DocumentReference" => "documentos",
        "Observation" => "mediciones y hallazgos",
        "Condition" => "diagnósticos",
        "AllergyIntolerance" => "alergias",
        "MedicationRequest" or "MedicationStatement" => "medicamentos",
        "Immunization" => "vacunas",
        "Procedure" => "procedimientos",
        "Encounter" => "visitas",
        "Appointment" => "citas",
        "Consent" => "decisiones sobre quién puede ver el historial",
        "Endpoint" => "dónde se obtienen las imágenes",
        "Practitioner" or "PractitionerRole" => "personas que le han tratado",
        "Organization" => "hospitales y consultas",
        "AuditEvent" => "quién ha mirado el historial",
        "QuestionnaireResponse" => "respuestas a cuestionarios",
        _ => type,
    };
}
