using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using ArchitectureModel = ArchUnitNET.Domain.Architecture;

namespace Fhir.Server.Tests.Architecture;

/// <summary>The floor plan holds: who may use whom, and who may touch what.</summary>
[TestFixture]
public sealed class RoomTests
{
    private const string Root = "Fhir.Server";

    private static readonly string[] Rooms =
    [
        "Outcomes", "Dicom", "Search", "Validation", "Rendering", "Access", "Storage", "Audit", "Consents", "Jobs", "Imaging", "SignIn", "Rest",
        "DicomWeb", "Discs", "Sharing", "Surveys", "Subscriptions", "Portal", "Hosting",
    ];

    private static readonly string[] Doors = ["SignIn", "Rest", "DicomWeb", "Discs", "Sharing", "Surveys", "Subscriptions", "Portal"];

    /// <summary>What a door may know of Storage: ids, values, and the handles the guard gives it.</summary>
    private static readonly System.Type[] IdsAndValues =
    [
        typeof(RecordId), typeof(ResourceKey), typeof(BlobName), typeof(StoredResource), typeof(HistoryPage), typeof(PastQuery), typeof(PastPage), typeof(PastVersion), typeof(SearchPage),
        typeof(CommittedResource), typeof(ResourceContent), typeof(StudyRow), typeof(SeriesRow), typeof(InstanceRow), typeof(MetadataPlace), typeof(IndexPage<>),
        typeof(InstanceQuery), typeof(AttributeMatch), typeof(MatchKind), typeof(QueryLevel), typeof(QueryAttribute), typeof(QueryAttributes), typeof(AttributeMatcher), typeof(InstanceVerdict), typeof(InstanceSource), typeof(NewInstance),
        typeof(InstanceDescription), typeof(MatchingKeys), typeof(Contributor), typeof(Trust), typeof(Sight), typeof(Microseconds),
        typeof(IBlobUpload), typeof(IBlobContent),
        typeof(Account), typeof(AccountKind), typeof(AssuranceLevel), typeof(AuthorisationRow), typeof(AccessTokenRow), typeof(ProxyGrantRow), typeof(ClientRow), typeof(LaunchRow), typeof(VerifiedLink),
        typeof(AuthorisationStore), typeof(AuthorisationState), typeof(AuthorisedApp), typeof(ClientStore), typeof(LaunchStore), typeof(AssertionStore),
        typeof(SessionRow), typeof(ProxyInvitationRow), typeof(SessionStore), typeof(AccountStore), typeof(OneTimeCodes), typeof(ProxyGrants), typeof(AdministratorWatch),
    ];

    /// <summary>Where files are opened beside Storage: key files, the codec module and its cache, what the import and dicom commands read and write, mails that are dropped.</summary>
    private static readonly string[] OpensFiles =
    [
        "Fhir.Server.Access.KeyFile", "Fhir.Server.Imaging.CodecCache", "Fhir.Server.Imaging.CodecModuleFiles", "Fhir.Server.Discs.",
        "Fhir.Server.Hosting.DicomCommands.", "Fhir.Server.Hosting.AccessCommands.", "Fhir.Server.SignIn.Mail.FileDrop",
    ];

    private static readonly ArchitectureModel Server = new ArchLoader()
        .LoadAssembliesIncludingDependencies([typeof(Program).Assembly], recursive: false).Build();

    [TestCaseSource(nameof(Rooms))]
    public void A_room_uses_only_rooms_above_it(string room)
    {
        var below = Rooms.SkipWhile(one => one != room).Skip(1).ToArray();
        Types().That().Are(In(room)).Should().NotDependOnAny(Types().That().Are(In(below)))
            .WithoutRequiringPositiveResults().Check(Server);
    }

    [Test]
    public void Every_type_belongs_to_a_listed_room()
    {
        var strays = Own().Where(type => !Rooms.Any(room => IsIn(type, room)) && !IsProgram(type)).Select(type => type.FullName);
        Assert.That(strays, Is.Empty);
    }

    [TestCaseSource(nameof(Doors))]
    public void No_door_opens_straight_into_the_store(string door)
    {
        var values = IdsAndValues.Select(type => type.FullName!).ToHashSet();
        var store = Own().Where(type => IsIn(type, "Storage") && !values.Contains(type.FullName.Split('<')[0])).ToList();
        Types().That().Are(In(door)).Should().NotDependOnAny(store).WithoutRequiringPositiveResults().Check(Server);
    }

    [Test]
    public void Only_storage_knows_databases()
    {
        var names = new[] { "Microsoft.Data.Sqlite.", "Microsoft.Azure.Cosmos.", "Azure.Storage.Blobs.", "SQLitePCL.", "Microsoft.EntityFrameworkCore.", "Npgsql." };
        Assert.That(UsersOf(type => names.Any(name => type.FullName.StartsWith(name, StringComparison.Ordinal))), Is.All.StartsWith($"{Root}.Storage."));
    }

    [Test]
    public void Only_storage_and_the_listed_places_open_files()
    {
        var names = new[]
        {
            "System.IO.File", "System.IO.FileStream", "System.IO.FileInfo", "System.IO.Directory", "System.IO.DirectoryInfo", "System.IO.StreamReader",
            "System.IO.StreamWriter", "System.IO.RandomAccess", "System.IO.FileSystemInfo",
        };
        var users = UsersOf(type => names.Contains(type.FullName)).Where(user => !user.StartsWith($"{Root}.Storage.", StringComparison.Ordinal));
        Assert.That(users.Where(user => !OpensFiles.Any(place => user.StartsWith(place, StringComparison.Ordinal))), Is.Empty);
    }

    [Test]
    public void Only_the_sandbox_runs_WebAssembly()
    {
        // The exception is who tells a machine that cannot run it from a bug.
        var users = UsersOf(type => type.FullName.StartsWith("Wasmtime.", StringComparison.Ordinal));
        Assert.That(users, Has.Some.StartsWith($"{Root}.Dicom.Codecs.Sandbox."), "The rule would see nothing at all.");
        Assert.That(users, Is.All.StartsWith($"{Root}.Dicom.Codecs.Sandbox.").Or.EqualTo($"{Root}.Imaging.CodecModuleFiles"));
    }

    [Test]
    public void The_stores_contracts_are_taken_only_where_the_guard_is_made()
    {
        var contracts = new[] { typeof(IResourceStore), typeof(IInstanceIndex), typeof(IBlobStore) }.Select(type => type.FullName!).ToHashSet();
        var users = UsersOf(type => contracts.Contains(type.FullName))
            .Where(user => !user.StartsWith($"{Root}.Storage.", StringComparison.Ordinal) && !user.StartsWith($"{Root}.Consents.", StringComparison.Ordinal));
        Assert.That(users, Is.Empty);
    }

    [Test]
    public void Seeing_everything_is_granted_only_by_the_store_to_itself_and_by_the_policy()
    {
        var granting = Own().SelectMany(type => type.Members).Where(member => member.Dependencies.OfType<MethodCallDependency>()
            .Any(call => call.TargetMember.FullName.Contains("Visibility::get_Everything()", StringComparison.Ordinal)
                && call.Target.FullName == typeof(Fhir.Server.Storage.Visibility).FullName));
        var users = granting.Select(member => OuterNameOf(member.DeclaringType)).Distinct().ToList();
        Assert.That(users, Does.Contain($"{Root}.Consents.ConsentPolicy"), "The rule would see nothing at all.");
        Assert.That(users, Is.All.EqualTo($"{Root}.Consents.ConsentPolicy").Or.StartsWith($"{Root}.Storage."));
    }

    [Test]
    public void Every_room_that_exists_says_what_it_is_for()
    {
        var existing = Rooms.Where(room => Own().Any(type => IsIn(type, room))).ToList();
        Assert.That(existing.Select(room => $"{Root}.{room}.{room}Room"), Is.SubsetOf(Own().Select(type => type.FullName)));
    }

    private static IEnumerable<IType> Own() => Server.Types.Where(type =>
        type.FullName.StartsWith(Root + ".", StringComparison.Ordinal) && !type.FullName.Contains('+') && !type.FullName.Contains('<')
        && !type.FullName.Contains("RegexGenerator", StringComparison.Ordinal));

    private static bool IsProgram(IType type) => type.FullName == typeof(Program).FullName;

    private static bool IsIn(IType type, string room) => type.FullName.StartsWith($"{Root}.{room}.", StringComparison.Ordinal);

    private static List<IType> In(params string[] rooms) =>
        Server.Types.Where(type => rooms.Any(room => type.FullName.StartsWith($"{Root}.{room}.", StringComparison.Ordinal))).ToList();

    private static List<string> UsersOf(Func<IType, bool> target) => Server.Types
        .Where(type => type.FullName.StartsWith(Root + ".", StringComparison.Ordinal) && type.Dependencies.Any(dependency => target(dependency.Target)))
        .Select(OuterNameOf).Distinct().ToList();

    private static string OuterNameOf(IType type) => type.FullName.Split('+')[0];
}
