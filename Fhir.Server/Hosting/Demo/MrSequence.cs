namespace Fhir.Server.Hosting.Demo;

/// <summary>A spin echo sequence, and what it measures of tissues at 1.5 tesla. PS3.3 §C.8.3.1</summary>
/// <param name="Series">Its series in the study, from 1.</param>
/// <param name="Name">What radiographers call it.</param>
/// <param name="RepetitionTime">In ms.</param>
/// <param name="EchoTime">In ms.</param>
/// <param name="EchoTrainLength">Lines gathered after one excitation.</param>
/// <param name="Gain">The stored value of a full signal.</param>
internal sealed record MrSequence(int Series, string Name, double RepetitionTime, double EchoTime, int EchoTrainLength, double Gain)
{
    public static readonly MrSequence T1 = new(1, "T1 SE", 500, 12, 1, 1000) { Window = (290, 520) };

    public static readonly MrSequence T2 = new(2, "T2 TSE", 4500, 96, 15, 1400) { Window = (380, 740) };

    public required (double Center, double Width) Window { get; init; }

    /// <summary>The signal of every tissue, from its protons per volume (1: water), its T1 and its T2 in ms.</summary>
    public HeadTissues Tissues => new()
    {
        Air = 0, AeratedBone = Signal(0.08, 900, 60), CradleShell = 0, CradleFoam = 0,
        Skin = Signal(0.72, 700, 45), Fat = Signal(0.90, 250, 110), Muscle = Signal(0.75, 900, 42), Cartilage = Signal(0.70, 900, 45),
        Mucosa = Signal(0.85, 1000, 110), Sclera = Signal(0.50, 900, 30), Vitreous = Signal(0.98, 3000, 600), Lens = Signal(0.60, 1200, 30),
        InnerEar = Signal(0.95, 2569, 329), White = Signal(0.77, 500, 70), Grey = Signal(0.86, 833, 83), Stem = Signal(0.81, 600, 76),
        Nerve = Signal(0.75, 600, 75), Fluid = Signal(1, 2569, 329), Folia = Signal(0.88, 1100, 120),
        SpinalFluid = Signal(1, 2569, 329), Dura = Signal(0.55, 800, 35),
        VenousBlood = Signal(0.10, 1200, 120), Calcified = Signal(0.25, 800, 40), Oedema = Signal(0.92, 1100, 150), Lesion = Signal(0.88, 1000, 115),
        BoneGain = 0, BoneBase = Signal(0.06, 900, 10), MarrowGain = 0, MarrowBase = Signal(0.65, 320, 75),
    };

    /// <summary>The equation of Bloch for an echo; a whole number, so that no last bit of a logarithm decides on another machine.</summary>
    private double Signal(double protons, double t1, double t2) =>
        Math.Round(Gain * protons * (1 - Math.Exp(-RepetitionTime / t1)) * Math.Exp(-EchoTime / t2));
}
