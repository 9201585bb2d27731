namespace Fhir.Server.Hosting.Demo;

/// <summary>What a scanner measures of each tissue of <see cref="HeadPhantom"/>, in units of its own.</summary>
internal sealed record HeadTissues
{
    /// <summary>The CT numbers. PS3.3 §C.8.2.1</summary>
    public static HeadTissues Hounsfield { get; } = new()
    {
        Air = -1000, AeratedBone = -850, CradleShell = -280, CradleFoam = -900,
        Skin = 48, Fat = -95, Muscle = 56, Cartilage = 95, Mucosa = 40, Sclera = 42, Vitreous = 9, Lens = 82, InnerEar = 40,
        White = 28, Grey = 38, Stem = 33, Nerve = 36, Fluid = 6, Folia = 16, SpinalFluid = 12, Dura = 62, VenousBlood = 58, Calcified = 190,
        Oedema = 18, Lesion = 61, BoneGain = 1, MarrowGain = 1,
    };

    public required double Air { get; init; }

    /// <summary>The cells of the mastoid, too small to be seen each.</summary>
    public required double AeratedBone { get; init; }

    public required double CradleShell { get; init; }

    public required double CradleFoam { get; init; }

    public required double Skin { get; init; }

    public required double Fat { get; init; }

    public required double Muscle { get; init; }

    public required double Cartilage { get; init; }

    public required double Mucosa { get; init; }

    public required double Sclera { get; init; }

    public required double Vitreous { get; init; }

    public required double Lens { get; init; }

    /// <summary>Cochlea and inner auditory canal.</summary>
    public required double InnerEar { get; init; }

    public required double White { get; init; }

    public required double Grey { get; init; }

    /// <summary>The brain stem, a mixture of both.</summary>
    public required double Stem { get; init; }

    public required double Nerve { get; init; }

    /// <summary>Around and within the brain.</summary>
    public required double Fluid { get; init; }

    /// <summary>Between the leaves of the cerebellum, where there is little room.</summary>
    public required double Folia { get; init; }

    /// <summary>Around the cord.</summary>
    public required double SpinalFluid { get; init; }

    public required double Dura { get; init; }

    /// <summary>In the big sinus.</summary>
    public required double VenousBlood { get; init; }

    public required double Calcified { get; init; }

    public required double Oedema { get; init; }

    public required double Lesion { get; init; }

    /// <summary>How much of a difference between bones is seen; 0 where bone is bone.</summary>
    public required double BoneGain { get; init; }

    /// <summary>What bone measures beside that.</summary>
    public double BoneBase { get; init; }

    public required double MarrowGain { get; init; }

    public double MarrowBase { get; init; }

    /// <summary>What bone measures that has this CT number.</summary>
    public double Bone(double hounsfield) => BoneBase + (BoneGain * hounsfield);

    /// <summary>What bone with marrow in it measures that has this CT number.</summary>
    public double Marrow(double hounsfield) => MarrowBase + (MarrowGain * hounsfield);
}
