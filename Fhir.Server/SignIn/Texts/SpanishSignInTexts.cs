namespace Fhir.Server.SignIn.Texts;

/// <summary>In Spanish.</summary>
internal sealed class SpanishSignInTexts : SignInTexts
{
    public override string SignIn => "Iniciar sesión";

    public override string SignInAgain => "Confirme de nuevo que es usted.";

    public override string Email => "Correo electrónico";

    public override string Password => "Contraseña";

    public override string SignInFailed => "La dirección o la contraseña no son correctas, o hubo demasiados intentos. Tras varias contraseñas erróneas, la cuenta descansa un rato.";

    public override string Forgotten => "¿Olvidó su contraseña?";

    public override string NoAccountYet => "¿Todavía no tiene cuenta?";

    public override string Register => "Registrarse";

    public override string WithPasskey => "Iniciar sesión con una llave de acceso";

    public override string PasskeyFailed => "No ha funcionado. Inténtelo de nuevo o use su contraseña.";

    public override string With(string provider) => $"Iniciar sesión con {provider}";

    public override string Or => "o";

    public override string SecondStep => "Un paso más";

    public override string SecondStepText => "Escriba los seis dígitos que muestra su aplicación de autenticación, o uno de sus códigos de recuperación.";

    public override string Code => "Código";

    public override string CodeWrong => "Ese código no es correcto o ya se ha usado.";

    public override string Continue => "Continuar";

    public override string SecondStepExpired => "Ha pasado demasiado tiempo. Inicie sesión de nuevo.";

    public override string RegisterTitle => "Crear una cuenta";

    public override string RegisterIntro => "Con una cuenta tiene su propio expediente, en el que se guardan sus imágenes.";

    public override string GivenNames => "Nombre";

    public override string FamilyName => "Apellidos";

    public override string BirthDate => "Fecha de nacimiento";

    public override string Sex => "Sexo, según sus documentos";

    public override string SexFemale => "Mujer";

    public override string SexMale => "Hombre";

    public override string SexOther => "Otro";

    public override string SexUnknown => "Prefiero no decirlo";

    public override string WhyDemographics => "El nombre, la fecha de nacimiento y el sexo se comparan con los de sus imágenes, para que no entren las de otra persona en su expediente.";

    public override string Role => "¿De quién son las imágenes?";

    public override string RoleOwn => "Mías";

    public override string RoleOther => "Solo las de alguien que me invita";

    public override string PasswordRule(string length) => $"Al menos {length} caracteres. Una frase corta es buena idea.";

    public override string PasswordTooShort(string length) => $"La contraseña necesita al menos {length} caracteres.";

    public override string PasswordTooCommon => "Esa contraseña está en las listas que todos prueban primero. Elija otra.";

    public override string PasswordLikeAddress => "La contraseña no debe parecerse a la dirección.";

    public override string EmailInvalid => "Eso no es una dirección de correo electrónico.";

    public override string NameMissing => "Escriba su nombre tal como figura en sus documentos.";

    public override string BirthDateInvalid => "Escriba una fecha de nacimiento que esté en el pasado.";

    public override string CheckMail => "Mire su correo";

    public override string CheckMailText => "Si esta dirección puede usarse, hay un mensaje en camino. Dice qué hacer a continuación. No se revela si una dirección tiene cuenta.";

    public override string ConfirmTitle => "Confirme su dirección";

    public override string ConfirmText => "Pulse el botón para confirmar que esta dirección es suya.";

    public override string Confirm => "Confirmar";

    public override string Confirmed => "Su dirección está confirmada. Ya puede iniciar sesión.";

    public override string LinkInvalid => "Este enlace ya no es válido";

    public override string LinkInvalidText => "Se ha usado, es demasiado antiguo o está incompleto. Pida uno nuevo.";

    public override string ConfirmFirst => "Confirme primero su dirección";

    public override string ConfirmFirstText => "Le hemos enviado el mensaje otra vez. Abra el enlace y luego inicie sesión.";

    public override string ForgottenTitle => "Una contraseña nueva";

    public override string ForgottenText => "Escriba su dirección. Le enviamos un enlace con el que elegir una contraseña nueva.";

    public override string Send => "Enviar";

    public override string NewPassword => "Contraseña nueva";

    public override string SetPassword => "Guardar la contraseña";

    public override string PasswordSet => "La contraseña nueva ya es válida. Se cerraron todas las demás sesiones.";

    public override string MailConfirmSubject => "Confirme su dirección";

    public override string MailConfirmText(string link) => $"Alguien, probablemente usted, creó una cuenta en PhrImaging con esta dirección. Abra este enlace para confirmar que es suya:\n\n{link}\n\nSi no fue usted, no haga nada.";

    public override string MailKnownSubject => "Ya tiene una cuenta";

    public override string MailKnownText(string link) => $"Alguien, probablemente usted, intentó crear una cuenta en PhrImaging con esta dirección. Ya tiene una. Si olvidó la contraseña, elija otra aquí:\n\n{link}\n\nSi no fue usted, no haga nada.";

    public override string MailResetSubject => "Elija una contraseña nueva";

    public override string MailResetText(string link) => $"Alguien, probablemente usted, pidió una contraseña nueva en PhrImaging. Elíjala aquí:\n\n{link}\n\nSi no fue usted, no haga nada: su contraseña sigue siendo la misma.";

    public override string MailChangedSubject => "Su contraseña ha cambiado";

    public override string MailChangedText(string link) => $"La contraseña de su cuenta en PhrImaging ha cambiado y se cerraron todas las sesiones. Si no fue usted, elija otra enseguida:\n\n{link}";

    public override string ExternalUnknown => "Ninguna cuenta está vinculada a ese inicio de sesión";

    public override string ExternalUnknownText => "Inicie sesión aquí una vez con su contraseña y vincule después el otro inicio de sesión en Cuenta.";

    public override string ExternalFailed => "El otro inicio de sesión no ha funcionado";

    public override string ExternalFailedText => "No se ha hecho nada. Inténtelo de nuevo o use su contraseña.";

    public override string SetupTitle => "Configurar la administración";

    public override string SetupText => "Escriba el código que el servidor mostró en su primer arranque. Solo sirve una vez.";

    public override string SetupCodeWrong => "Ese no es el código, o ya existe una persona administradora.";

    public override string YourName => "Su nombre";
}
