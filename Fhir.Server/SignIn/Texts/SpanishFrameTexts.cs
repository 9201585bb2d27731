namespace Fhir.Server.SignIn.Texts;

/// <summary>In Spanish.</summary>
internal sealed class SpanishFrameTexts : FrameTexts
{
    public override string SkipToContent => "Ir al contenido";

    public override string AccountNavigation => "Cuenta";

    public override string SignOut => "Cerrar sesión";

    public override string FormExpired => "Esta página estuvo abierta demasiado tiempo";

    public override string FormExpiredText => "No se ha hecho nada. Vuelva atrás, cargue la página de nuevo y envíela otra vez.";

    public override string TooMany => "Demasiados intentos";

    public override string TooManyText(string minutes) => $"Espere unos {minutes} minutos antes de volver a intentarlo.";

    public override string NotFound => "No existe esa página";
}
