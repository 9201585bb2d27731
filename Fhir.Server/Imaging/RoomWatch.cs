using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging;

/// <summary>Looks, while much is being written, whether there is still room on the disk.</summary>
/// <param name="room">Why nothing more may be written; null while there is room.</param>
internal sealed class RoomWatch(Func<Problem?> room)
{
    /// <summary>Bytes between two looks.</summary>
    public const int Each = 16 << 20;

    private long since;

    /// <summary>To be told of bytes before they are written; the problem when there is no room for them any more.</summary>
    public Problem? After(int bytes)
    {
        since += bytes;
        if (since < Each)
        {
            return null;
        }
        since = 0;
        return room();
    }
}

/// <summary>The disk filled up while a stream was being written.</summary>
internal sealed class NoRoomException(Problem problem) : IOException(problem.Text)
{
    /// <summary>What the sender is told.</summary>
    public Problem Problem { get; } = problem;
}
