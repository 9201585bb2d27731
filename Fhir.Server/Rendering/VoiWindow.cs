using System.Globalization;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering;

/// <summary>The curve within a window. PS3.3 §C.11.2.1.2 and §C.11.2.1.3.</summary>
public enum VoiFunction
{
    /// <summary>Straight, by the formula of whole numbers.</summary>
    Linear,

    /// <summary>Straight, by the formula of real numbers.</summary>
    LinearExact,

    /// <summary>S-shaped.</summary>
    Sigmoid,
}

/// <summary>Which values become black, which white, and how those between.</summary>
/// <param name="Center">The middle.</param>
/// <param name="Width">How far apart the ends are; at least 1 for <see cref="VoiFunction.Linear"/>, else more than 0.</param>
/// <param name="Function">The curve.</param>
public sealed record VoiWindow(double Center, double Width, VoiFunction Function = VoiFunction.Linear)
{
    /// <summary>The numbers make sense together.</summary>
    public bool IsValid => double.IsFinite(Center) && double.IsFinite(Width) && Width > 0 && (Width >= 1 || Function != VoiFunction.Linear);

    /// <summary>Reads <c>center,width</c> or <c>center,width,function</c> with <c>linear</c>, <c>linear-exact</c> or <c>sigmoid</c>. PS3.18 §8.3.5.1.4.</summary>
    public static Outcome<VoiWindow> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length is not (2 or 3) || !TryNumber(parts[0], out var center) || !TryNumber(parts[1], out var width)
            || FunctionOf(parts.Length == 3 ? parts[2] : "linear") is not { } function)
        {
            return Problem.Invalid("A window is center,width or center,width,function; the function is linear, linear-exact or sigmoid.");
        }

        var window = new VoiWindow(center, width, function);
        return window.IsValid ? window : Problem.Invalid("The width of a window is at least 1, with linear-exact and sigmoid more than 0.");
    }

    /// <summary>Reads a function as a data set or a query writes it.</summary>
    internal static VoiFunction? FunctionOf(string? name) => name?.Replace('-', '_').ToUpperInvariant() switch
    {
        "LINEAR" => VoiFunction.Linear,
        "LINEAR_EXACT" => VoiFunction.LinearExact,
        "SIGMOID" => VoiFunction.Sigmoid,
        _ => null,
    };

    private static bool TryNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
