using System.Text;
using Fhir.Server.Access;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.SignIn.Mail;

/// <summary>
/// Drops messages as files into a folder only the server's owner can read, for whoever runs the server to look at or for a mail program to
/// pick up (RFC 5322). The log says that there is one, and nothing of what it says.
/// </summary>
internal sealed partial class FileDrop(IOptions<SignInOptions> options, IConfiguration configuration, TimeProvider clock, ILogger<FileDrop> logger) : IEmailSender
{
    public async Task SendAsync(Email email, CancellationToken cancellationToken)
    {
        var folder = options.Value.MailFolder ?? Path.Combine(KeyFolder.Of(configuration), "mail");
        var now = clock.GetUtcNow();
        var path = Path.Combine(folder, $"{now:yyyyMMdd-HHmmss}-{Guid.NewGuid():N}.eml");
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.Asynchronous };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        var subject = $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(email.Subject))}?=";
        var text = $"To: {email.To}\r\nSubject: {subject}\r\nDate: {now:r}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
            + email.Text.ReplaceLineEndings("\r\n") + "\r\n";
        // Written under another name first, so that who picks files up never finds half a one.
        await using (var stream = new FileStream(path + ".part", file))
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        }
        File.Move(path + ".part", path);
        Dropped(logger, path);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A message lies in {Path}")]
    private static partial void Dropped(ILogger logger, string path);
}
