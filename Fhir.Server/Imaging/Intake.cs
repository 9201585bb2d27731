using System.Security.Cryptography;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging;

/// <summary>A file whose bytes have been copied, but not yet read or made durable.</summary>
/// <param name="Upload">Its bytes.</param>
/// <param name="DataSetHash">SHA-256 of its data set; null when its beginning cannot be told from the first bytes.</param>
public sealed record CopiedFile(IBlobUpload Upload, byte[]? DataSetHash);

/// <summary>An instance whose bytes are durable and that has been read, before it is stored.</summary>
/// <param name="Upload">Its bytes, disposed by <see cref="Intake"/>; null when it was refused before there were any.</param>
/// <param name="Instance">What will be stored; null when it was refused.</param>
/// <param name="Refusal">Why it was refused.</param>
public sealed record ReceivedInstance(IBlobUpload? Upload, NewInstance? Instance, InstanceRefusal? Refusal)
{
    /// <summary>Values that are not as the standard wants them; they are kept as they are.</summary>
    public IReadOnlyList<AttributeFault> Faults { get; init; } = [];
}

/// <summary>What became of one received instance.</summary>
/// <param name="Received">The instance.</param>
/// <param name="Record">The record it went to; null when refused.</param>
/// <param name="Verdict">What the store did; null when refused.</param>
/// <param name="Refusal">Why it was refused.</param>
public sealed record StoredInstance(ReceivedInstance Received, RecordId? Record, InstanceVerdict? Verdict, InstanceRefusal? Refusal);

/// <summary>
/// The way in for DICOM files, whoever brings them: receives bytes, reads them, finds the record they belong to, stores them. Nothing
/// is acknowledged before it is durable.
/// </summary>
public sealed class Intake(GuardedRecord guard, ResourceContents contents)
{
    private static readonly MatchingKeys NoKeys = new();

    private const int HashFrom = 4096;
    private const int BufferLength = 128 * 1024;
    private const int CommitLimit = 200;

    /// <summary>Another data set is stored under this SOP Instance UID (PS3.18 failure 0111H).</summary>
    public const int DuplicateUid = 0x0111;

    /// <summary>The study is not the one in the address (A901H, as other servers say).</summary>
    public const int OtherStudy = 0xA901;

    /// <summary>The store failed for a reason that is not the instance's (0110H).</summary>
    public const int ProcessingFailure = 0x0110;

    /// <summary>Out of resources (A700H): the record holds as much as it may.</summary>
    public const int OutOfResources = 0xA700;

    /// <summary>Not authorised (0124H): the record it belongs to is none the sender may write to.</summary>
    public const int NotAuthorised = 0x0124;

    /// <summary>The bytes could not be read to their end.</summary>
    public static Problem Broken { get; } = Problem.Invalid("The body is not well-formed, or ended early.");

    private readonly Dictionary<(string?, string?, string?, string?), RecordId> routes = [];
    private SiteRouting? sites;

    /// <summary>Takes the bytes of one file; <c>TooLarge</c> or <c>NoSpace</c> when they are too many.</summary>
    /// <param name="body">The file.</param>
    /// <param name="limit">More bytes than this are refused.</param>
    /// <param name="cancellationToken">Gives up; nothing is kept.</param>
    public async ValueTask<Outcome<CopiedFile>> CopyAsync(Stream body, long limit, CancellationToken cancellationToken)
    {
        var begun = await guard.BeginUploadAsync(cancellationToken);
        if (!begun.TryGet(out var upload, out var problem))
        {
            return problem;
        }
        try
        {
            var copied = await CopyAsync(body, upload, limit, new RoomWatch(guard.Room), cancellationToken);
            if (copied.TryGet(out var hash, out problem))
            {
                return new CopiedFile(upload, hash);
            }
            await upload.DisposeAsync();
            return problem;
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads a copied file and makes it durable. Several may be under way at once.</summary>
    /// <param name="file">The file.</param>
    /// <param name="study">The study it must belong to; null for any.</param>
    /// <param name="source">How it came.</param>
    /// <param name="cancellationToken">Gives up; nothing is kept.</param>
    public async Task<ReceivedInstance> FinishAsync(CopiedFile file, string? study, InstanceSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (upload, hash) = (file.Upload, file.DataSetHash);
        try
        {
            InstanceReading read;
            using (var written = upload.OpenWritten())
            {
                read = InstanceReader.Read(written, cancellationToken);
                var refusal = read.Refusal;
                if (read.Description is { } description && study is not null && description.StudyInstanceUid != study)
                {
                    refusal = new(
                        Problem.Unprocessable("The instance belongs to another study than the address names."), OtherStudy,
                        description.SopClassUid, description.SopInstanceUid);
                }
                if (refusal is not null)
                {
                    return new ReceivedInstance(upload, null, refusal);
                }
                hash ??= await HashDataSetAsync(written, read.DataSetOffset, cancellationToken);
            }
            await upload.CompleteAsync(cancellationToken);
            return new ReceivedInstance(
                upload, new NewInstance(read.Description!, upload.Name, upload.Length, hash, guard.Contributor, source), null) { Faults = read.Faults };
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stores received instances in one record, or each in the record it is routed to, and lets go of their uploads.</summary>
    /// <param name="received">The instances.</param>
    /// <param name="record">The record; null to route by PatientID.</param>
    /// <param name="cancellationToken">Gives up; what was not committed is not kept.</param>
    public async ValueTask<IReadOnlyList<StoredInstance>> StoreAsync(
        IReadOnlyList<ReceivedInstance> received, RecordId? record, CancellationToken cancellationToken)
    {
        var results = new StoredInstance[received.Count];
        var all = received.ToArray();
        try
        {
            var byRecord = new Dictionary<RecordId, List<int>>();
            for (var i = 0; i < received.Count; i++)
            {
                if (received[i].Instance is not { } instance)
                {
                    results[i] = new(received[i], null, null, received[i].Refusal);
                    continue;
                }
                var routed = await RouteAsync(record, instance, all, i, cancellationToken);
                if (routed.TryGet(out var target, out var problem))
                {
                    (byRecord.TryGetValue(target, out var list) ? list : byRecord[target] = []).Add(i);
                }
                else
                {
                    results[i] = new(received[i], null, null, Failed(instance, problem));
                }
            }
            foreach (var (target, members) in byRecord)
            {
                foreach (var chunk in members.Chunk(CommitLimit))
                {
                    await CommitAsync(target, chunk, all, results, cancellationToken);
                }
            }
            return results;
        }
        finally
        {
            foreach (var one in received)
            {
                if (one.Upload is { } upload)
                {
                    await upload.DisposeAsync();
                }
            }
        }
    }

    /// <summary>The record of one instance; of what a site sends, the contributor is told with it.</summary>
    private async ValueTask<Outcome<RecordId>> RouteAsync(RecordId? named, NewInstance instance, ReceivedInstance[] all, int at, CancellationToken cancellationToken)
    {
        if (guard.Site is not { } site)
        {
            return named is { } given ? given : await RouteAsync(instance.Description.Keys, cancellationToken);
        }
        var route = await (sites ??= new SiteRouting(guard, site)).RouteAsync(instance.Description.Keys, named, cancellationToken);
        all[at] = all[at] with { Instance = instance with { Contributor = route.Contributor } };
        return route.Record;
    }

    /// <summary>
    /// The record a study of open mode or of the command line belongs to: that of the verified link of its PatientID, made at first
    /// sight; <see cref="RecordId.UnclaimedLocal"/> when there is no PatientID or the person seems to be another one.
    /// </summary>
    public async ValueTask<Outcome<RecordId>> RouteAsync(MatchingKeys keys, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var key = (keys.PatientId, keys.PatientName, keys.PatientBirthDate, keys.PatientSex);
        if (routes.TryGetValue(key, out var known))
        {
            return known;
        }
        if (DicomText.Clean(keys.PatientId) is not { } id)
        {
            return routes[key] = RecordId.UnclaimedLocal;
        }
        const string Namespace = PatientDemographics.LocalNamespace;
        // Twice at most: a link made by somebody else between asking and making is there the second time.
        for (var attempt = 0; attempt < 2; attempt++)
        {
            if (await guard.FindLinkAsync(Namespace, id, cancellationToken) is { } link)
            {
                var patient = await guard.ReadAsync(new("Patient", link.Record.Value), cancellationToken);
                var agrees = patient.IsSuccess
                    && PatientDemographics.Agrees(FhirJson.ReadOwn<Hl7.Fhir.Model.Patient>(patient.Value.Json), keys);
                return routes[key] = agrees ? link.Record : RecordId.UnclaimedLocal;
            }
            var record = new RecordId(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
            var draft = contents.Draft(PatientDemographics.ToPatient(keys), record.Value, "POST");
            var made = await guard.RegisterAsync(draft.Value, new(Namespace, id, record, "first-seen", guard.Caller.Client), cancellationToken);
            if (made.IsSuccess)
            {
                return routes[key] = record;
            }
            if (made.Problem!.Kind != ProblemKind.Conflict)
            {
                return made.Problem;
            }
        }
        return Problem.Conflict("The patient could not be told just now; send it again.");
    }

    private async ValueTask CommitAsync(
        RecordId record, int[] members, ReceivedInstance[] received, StoredInstance[] results, CancellationToken cancellationToken)
    {
        var outcome = await guard.StoreAsync(record, [.. members.Select(i => received[i].Instance!)], cancellationToken);
        for (var n = 0; n < members.Length; n++)
        {
            var one = received[members[n]];
            var instance = one.Instance!;
            if (!outcome.TryGet(out var verdicts, out var problem))
            {
                results[members[n]] = new(one, null, null, Failed(instance, problem));
                continue;
            }
            var verdict = verdicts[n];
            if (verdict is InstanceVerdict.AlreadyThere or InstanceVerdict.Refused or InstanceVerdict.OverQuota or InstanceVerdict.NotAuthorised)
            {
                guard.Discard(one.Upload!);
            }
            results[members[n]] = verdict switch
            {
                InstanceVerdict.Refused => new(one, null, null, Refusal(
                    instance, Problem.Conflict("Another data set is stored under this SOP Instance UID."), DuplicateUid)),
                InstanceVerdict.NotAuthorised => new(one, null, null, Refusal(
                    instance, Problem.Forbidden("The sender may not add to this study."), NotAuthorised)),
                InstanceVerdict.OverQuota => new(one, null, null, Refusal(
                    instance, Problem.Conflict("The record holds as much as it may."), OutOfResources)),
                _ => new(Slim(one), record, verdict, null),
            };
        }
    }

    /// <summary>What an answer needs of a stored instance; the rest would add up over a long request.</summary>
    private static ReceivedInstance Slim(ReceivedInstance one) => one with
    {
        Instance = one.Instance! with
        {
            Description = one.Instance.Description with
            {
                Metadata = default, StudyAttributes = default, SeriesAttributes = default, InstanceAttributes = default, FrameTable = default, Keys = NoKeys,
            },
        },
    };

    private static InstanceRefusal Failed(NewInstance instance, Problem problem) => Refusal(instance, problem, problem.Kind switch
    {
        ProblemKind.Forbidden or ProblemKind.NotFound => NotAuthorised,
        ProblemKind.NoSpace or ProblemKind.TooLarge => OutOfResources,
        _ => ProcessingFailure,
    });

    private static InstanceRefusal Refusal(NewInstance instance, Problem problem, int reason) =>
        new(problem, reason, instance.Description.SopClassUid, instance.Description.SopInstanceUid);

    /// <summary>Copies the body, hashing the data set on the way when its beginning can be told from the first bytes; else null.</summary>
    private static async ValueTask<Outcome<byte[]?>> CopyAsync(
        Stream body, IBlobUpload upload, long limit, RoomWatch room, CancellationToken cancellationToken)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (!(await ReadAsync(body, buffer, HashFrom, cancellationToken)).TryGet(out var first, out var problem))
            {
                return problem;
            }
            Preamble.Defuse(buffer.AsSpan(0, first));
            var offset = Part10Reader.DataSetOffset(buffer.AsSpan(0, first));
            var hashed = offset <= first;
            if (hashed)
            {
                hash.AppendData(buffer, (int)offset!.Value, first - (int)offset.Value);
            }
            for (var read = first; read > 0;)
            {
                if (upload.Length + read > limit)
                {
                    return Problem.TooLarge($"An instance may have at most {limit} bytes.");
                }
                if (room.After(read) is { } full)
                {
                    return full;
                }
                if (hashed && upload.Length > 0)
                {
                    hash.AppendData(buffer, 0, read);
                }
                await upload.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                if (!(await ReadAsync(body, buffer, 1, cancellationToken)).TryGet(out read, out problem))
                {
                    return problem;
                }
            }
            return hashed ? hash.GetHashAndReset() : (byte[]?)null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What fails here is the sender's side; what fails in writing is ours, and throws.</summary>
    internal static async ValueTask<Outcome<int>> ReadAsync(Stream body, byte[] buffer, int atLeast, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAtLeastAsync(buffer, atLeast, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return ProblemOf(broken);
        }
    }

    /// <summary>What a sender is told whose body could not be read to its end.</summary>
    public static Problem ProblemOf(Exception broken) => broken is BodyFaultException fault ? fault.Problem : Broken;

    private static async ValueTask<byte[]> HashDataSetAsync(Stream written, long offset, CancellationToken cancellationToken)
    {
        written.Position = offset;
        return await SHA256.HashDataAsync(written, cancellationToken);
    }
}
