using System.Diagnostics.CodeAnalysis;

namespace Fhir.Server.Outcomes;

/// <summary>A value, or the reason there is none. What can be expected is an <see cref="Outcome{T}"/>; a bug throws.</summary>
/// <typeparam name="T">What a success carries.</typeparam>
public readonly struct Outcome<T>
{
    private readonly T? value;

    private Outcome(T? value, Problem? problem)
    {
        this.value = value;
        Problem = problem;
    }

    /// <summary>Why it failed; null on success.</summary>
    public Problem? Problem { get; }

    /// <summary>True when there is a value.</summary>
    public bool IsSuccess => Problem is null;

    /// <summary>The value. Throws <see cref="InvalidOperationException"/> when there is none.</summary>
    public T Value => Problem is null ? value! : throw new InvalidOperationException($"There is no value: {Problem.Kind}.");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(default, problem ?? throw new ArgumentNullException(nameof(problem)));

    /// <summary>Takes the value out when there is one, else the problem.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T found, [NotNullWhen(false)] out Problem? problem)
    {
        found = value;
        problem = Problem;
        return problem is null;
    }

    /// <summary>Answers with one of two functions.</summary>
    public TResult Match<TResult>(Func<T, TResult> success, Func<Problem, TResult> failure) =>
        Problem is null ? success(value!) : failure(Problem);
}

/// <summary>The value of an outcome that carries nothing but success.</summary>
public readonly record struct Done;
