namespace Fhir.Server.SignIn.Mail;

/// <summary>A message to one person.</summary>
/// <param name="To">Their address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
public sealed record Email(string To, string Subject, string Text);

/// <summary>How a person is written to. Register another one before sign-in is added to use a mail server.</summary>
public interface IEmailSender
{
    /// <summary>Takes a message over; throws when it cannot.</summary>
    Task SendAsync(Email email, CancellationToken cancellationToken);
}
