using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Hl7.Fhir.Model;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Account = Fhir.Server.Storage.Accounts.Account;
using Task = System.Threading.Tasks.Task;

namespace Fhir.Server.Hosting;

/// <summary>
/// Gives a database of accounts that holds nobody else the people of the demo: its two patients, and two practitioners of two
/// organizations. In Development alone. Their passwords follow from a key beside the store and are printed at every start; none stands in
/// the source.
/// </summary>
internal sealed class DemoAccounts(
    IOptions<DemoOptions> options, IWebHostEnvironment environment, IConfiguration configuration, PublicAddress address, IServiceScopeFactory scopes,
    DemoNotice notice) : BackgroundService
{
    private const string Mark = " (demo account)";
    private const int PasswordLength = 16;

    private static readonly DemoPerson[] People =
    [
        new("ada@demo.example", "Ada Demo", AccountKind.Patient, "Patient/demo-ada", null),
        new("bruno@demo.example", "Bruno Demo", AccountKind.Patient, "Patient/demo-bruno", null),
        new("lena@demo.example", "Lena Lakeside", AccountKind.Practitioner, "Practitioner/demo-lena", "demo-lakeside"),
        new("hugo@demo.example", "Hugo Hillside", AccountKind.Practitioner, "Practitioner/demo-hugo", "demo-hillside"),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled || !environment.IsDevelopment())
        {
            return;
        }
        try
        {
            await address.WhenKnownAsync(stoppingToken);
            await SeedAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Finished at the next start.
        }
    }

    private async Task SeedAsync(CancellationToken stoppingToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var first = await scope.ServiceProvider.GetRequiredService<AccountStore>().FindAsync(null, 0, 1, stoppingToken);
        if (first.Count > 0 && !People.Any(person => users.NormalizeEmail(person.Email) == first[0].NormalizedEmail))
        {
            return;
        }
        var key = KeyFile.ReadOrCreate(Path.Combine(KeyFolder.Of(configuration), "demo-accounts.key"));
        var lines = new StringBuilder($"Demo accounts, for {address.Base}/account/sign-in:\n");
        foreach (var person in People)
        {
            var password = PasswordOf(person, key);
            if (await users.FindByEmailAsync(person.Email) is null)
            {
                await MakeAsync(scope.ServiceProvider, users, person, password, stoppingToken);
            }
            lines.Append("    ").Append(person.Email.PadRight(20)).Append(password).Append("    ").Append(person.FhirUser).Append('\n');
        }
        await Console.Out.WriteAsync(lines, stoppingToken);
        notice.Tell(People.Select(person => (person.Email, person.Name, person.FhirUser)));
    }

    private static async Task MakeAsync(IServiceProvider services, UserManager<Account> users, DemoPerson person, string password, CancellationToken stoppingToken)
    {
        var id = person.FhirUser.Split('/')[1];
        if (person.Organization is { } organization)
        {
            var shared = services.GetRequiredService<GuardedRecords>().For(Caller.Operator);
            var contents = services.GetRequiredService<ResourceContents>();
            await KeepAsync(shared, contents.Draft(new Organization { Active = true, Name = organization["demo-".Length..] + " clinic" + Mark }, organization, "POST", RecordId.Shared), stoppingToken);
            await KeepAsync(shared, contents.Draft(new Practitioner { Active = true, Name = [new HumanName { Text = person.Name + Mark }] }, id, "POST", RecordId.Shared), stoppingToken);
        }
        var made = await users.CreateAsync(
            new Account
            {
                UserName = person.Email, Email = person.Email, EmailConfirmed = true, DisplayName = person.Name + Mark, Kind = person.Kind,
                Assurance = AssuranceLevel.EmailConfirmed, FhirUser = person.FhirUser, Record = person.Kind == AccountKind.Patient ? id : null,
                Organization = person.Organization, LockoutEnabled = true,
            },
            password);
        if (!made.Succeeded)
        {
            throw new InvalidOperationException("A demo account was refused: " + string.Join(", ", made.Errors.Select(error => error.Code)));
        }
    }

    private static async Task KeepAsync(GuardedRecord shared, ResourceDraft draft, CancellationToken stoppingToken)
    {
        // There already: a start that was cut short got as far.
        if ((await shared.CreateAsync(draft, stoppingToken)).Problem is { Kind: not (ProblemKind.Conflict or ProblemKind.PreconditionFailed) } problem)
        {
            throw new InvalidOperationException($"{draft.Key} of the demo could not be made: {problem.Text}");
        }
    }

    private static string PasswordOf(DemoPerson person, byte[] key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(person.Email)))[..PasswordLength];

    private sealed record DemoPerson(string Email, string Name, AccountKind Kind, string FhirUser, string? Organization);
}
