using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <summary>One beat of a heart, from the R wave to the next.</summary>
internal static class EchoBeat
{
    /// <summary>How far the ventricles are contracted: 0 when full, 1 when empty. They fill quickly, rest, and take what the atria add.</summary>
    /// <param name="phase">0 at the R wave, 1 at the next.</param>
    public static double Contraction(double phase) => Step(0.02, 0.36, phase) - (0.72 * Step(0.42, 0.62, phase)) - (0.28 * Step(0.82, 0.97, phase));

    /// <summary>How wide the valves between atria and ventricles are open, from 0 to 1.</summary>
    /// <param name="phase">0 at the R wave, 1 at the next.</param>
    public static double Opening(double phase) =>
        Step(0.40, 0.47, phase) - (0.6 * Step(0.53, 0.68, phase)) + (0.4 * Step(0.80, 0.87, phase)) - (0.8 * Step(0.91, 1, phase));
}
