namespace Fhir.Server.SignIn.Texts;

/// <summary>In Spanish.</summary>
internal sealed class SpanishAccountTexts : AccountTexts
{
    public override string Account => "Cuenta";

    public override string Yours => "Sobre usted";

    public override string KindPatient => "Paciente, con expediente propio";

    public override string KindRelatedPerson => "Actúa en nombre de otras personas";

    public override string KindPractitioner => "Profesional sanitario";

    public override string KindSiteOperator => "Operador de un centro";

    public override string KindAdministrator => "Administración";

    public override string AssuranceClaimed => "sin confirmar";

    public override string AssuranceEmailConfirmed => "correo electrónico confirmado";

    public override string AssuranceIdentityProofed => "identidad comprobada";

    public override string Name => "Nombre";

    public override string Assurance => "Grado de certeza";

    public override string Role => "Papel";

    public override string Security => "Cómo inicia sesión";

    public override string Sessions => "Dispositivos en los que tiene la sesión abierta";

    public override string ThisOne => "este";

    public override string Since(string time) => $"desde {time}";

    public override string LastSeen(string time) => $"visto por última vez {time}";

    public override string EndIt => "Cerrar allí";

    public override string EndEverywhere => "Cerrar en todos los demás";

    public override string EndEverywhereText => "También se detienen enseguida las aplicaciones que solo actúan mientras usted tiene la sesión abierta.";

    public override string SessionsEnded => "Se han cerrado.";

    public override string Password => "Contraseña";

    public override string ChangePassword => "Cambiar la contraseña";

    public override string CurrentPassword => "Contraseña actual";

    public override string CurrentPasswordWrong => "La contraseña actual no es correcta.";

    public override string Authenticator => "Aplicación de autenticación";

    public override string AuthenticatorOn => "Después de la contraseña se pide un código de su aplicación de autenticación.";

    public override string AuthenticatorOff => "Añada un segundo paso: un código que cambia cada 30 segundos y muestra una aplicación en su teléfono.";

    public override string AuthenticatorSetUp => "Configurar";

    public override string AuthenticatorKey => "Clave";

    public override string AuthenticatorHow => "Escriba esta clave en su aplicación de autenticación o abra el enlace en el teléfono que la tiene. Después escriba los seis dígitos que muestra.";

    public override string AuthenticatorLink => "Abrir en la aplicación";

    public override string AuthenticatorTurnOn => "Activar";

    public override string AuthenticatorTurnOff => "Desactivar";

    public override string CodeWrong => "Ese código no es correcto.";

    public override string RecoveryCodes => "Códigos de recuperación";

    public override string RecoveryCodesText => "Guárdelos donde los encuentre sin su teléfono. Cada uno sirve una vez y solo se muestran ahora.";

    public override string RecoveryCodesLeft(string count) => $"Quedan {count} códigos de recuperación.";

    public override string RecoveryCodesNew => "Crear otros";

    public override string Passkeys => "Llaves de acceso";

    public override string PasskeysText => "Una llave de acceso inicia sesión con su huella, su cara o el bloqueo de pantalla. No necesita contraseña y no puede entregarse en una página falsa.";

    public override string PasskeyAdd => "Añadir una llave de acceso";

    public override string PasskeyName => "Nombre del dispositivo";

    public override string PasskeyAdded(string time) => $"añadida {time}";

    public override string PasskeyFailed => "No se añadió la llave de acceso.";

    public override string Remove => "Quitar";

    public override string LinkedSignIns => "Otros inicios de sesión";

    public override string Link(string provider) => $"Vincular {provider}";

    public override string Linked(string provider) => $"{provider} está vinculado.";

    public override string LinkTaken => "Ese inicio de sesión pertenece a otra cuenta.";

    public override string SignInAgainFirst => "Para esto, confirme de nuevo que es usted.";

    public override string Saved => "Guardado.";

    public override string Back => "Volver a la cuenta";

    public override string OnBehalf => "En nombre de otra persona";

    public override string Proxies => "Personas que actúan por usted";

    public override string ProxiesText => "Ven su expediente según usted permita, aparecen como tales allí donde actúan y usted puede ponerle fin en cualquier momento.";

    public override string ProxyInvite => "Invitar a alguien";

    public override string ProxyName => "Su nombre";

    public override string ProxyEmail => "Su correo electrónico";

    public override string ProxyRelationship => "Relación con usted";

    public override string RelationshipParent => "Madre o padre";

    public override string RelationshipChild => "Hija o hijo";

    public override string RelationshipSpouse => "Cónyuge o pareja";

    public override string RelationshipSibling => "Hermana o hermano";

    public override string RelationshipGuardian => "Tutora o tutor legal";

    public override string RelationshipFriend => "Amiga o amigo";

    public override string RelationshipOther => "Otra persona";

    public override string ProxyScope => "Pueden";

    public override string ProxyScopeAll => "hacer todo lo que usted puede";

    public override string ProxyScopeRead => "ver todo, sin cambiar nada";

    public override string ProxyScopeImages => "ver solo imágenes e informes";

    public override string ProxyUntil => "Hasta (vacío: hasta que usted le ponga fin)";

    public override string ProxyUntilAge(string age) => $"hasta que cumpla {age} años";

    public override string ProxyUntilAgeText => "Para el expediente de un menor: la autorización termina por sí sola.";

    public override string ProxySend => "Enviar la invitación";

    public override string ProxySent => "La invitación se ha enviado.";

    public override string ProxyInvited(string name, string time) => $"{name}, invitación enviada, hasta {time}";

    public override string ProxyGranted(string name) => $"{name}";

    public override string ProxyEnds(string time) => $"termina {time}";

    public override string ProxyNoEnd => "sin fin";

    public override string ProxyRevoke => "Poner fin";

    public override string ProxyRevoked => "Se le ha puesto fin.";

    public override string ProxyWithdraw => "Retirar";

    public override string ActFor => "Personas por las que usted actúa";

    public override string ActForNobody => "Nadie.";

    public override string DateInvalid => "Escriba una fecha que esté en el futuro.";

    public override string AlreadyThatOld(string age) => $"La persona de este expediente ya tiene {age} años.";

    public override string InvitationTitle => "Una invitación";

    public override string InvitationText(string name) => $"{name} le pide que actúe en su nombre: vería aquí su expediente. Acepte solo si conoce a esa persona.";

    public override string InvitationAccept => "Aceptar";

    public override string InvitationWrong => "Esta invitación no es para esta cuenta, ya se usó, se retiró o es demasiado antigua.";

    public override string InvitationAccepted(string name) => $"Ya puede actuar en nombre de {name}.";

    public override string MailInvitationSubject(string name) => $"{name} le pide que actúe en su nombre";

    public override string MailInvitationText(string name, string link) => $"{name} le invita a actuar en su nombre en PhrImaging, donde se guardan sus imágenes médicas. Inicie sesión con esta dirección (o regístrese antes) y abra:\n\n{link}\n\nSi no conoce a esa persona, no haga nada.";

    public override string Administration => "Administración";

    public override string Accounts => "Cuentas";

    public override string Search => "Buscar";

    public override string SearchAddress => "Parte de una dirección";

    public override string Disabled => "desactivada";

    public override string Disable => "Desactivar";

    public override string Enable => "Activar";

    public override string Open => "Abrir";

    public override string Next => "Página siguiente";

    public override string NoAccounts => "Ninguna cuenta coincide.";

    public override string MakePractitioner => "Qué es esta cuenta";

    public override string OrganizationId => "Identificador de la organización";

    public override string PractitionerId => "Identificador del profesional (vacío: se crea con el nombre)";

    public override string OrganizationUnknown => "No existe esa organización.";

    public override string PractitionerUnknown => "No existe ese profesional.";

    public override string HasRecord => "Esta cuenta tiene expediente propio; sigue siendo de paciente.";

    public override string IdentityChecked => "He comprobado los documentos de esta persona.";

    public override string Save => "Guardar";

    public override string Forbidden => "Esta página no es para usted";

    public override string ForbiddenText => "Solo la administración puede abrirla.";

    public override string Email => "Correo electrónico";

    public override string DemoAccount => "cuenta de demostración";
}
