using System.Runtime.CompilerServices;
using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// A head that never was: what a scanner measures at every place in it. The origin lies between the ears at the height of the eyes.
/// Tissues are painted from the outside to the inside.
/// </summary>
/// <param name="tissues">What the scanner measures of each tissue.</param>
internal sealed partial class HeadPhantom(HeadTissues tissues)
{
    /// <summary>CT numbers of bone, by how much of it there is; <see cref="HeadTissues"/> says what else they mean.</summary>
    private const double Cortical = 1350, Spongy = 620, ThinBone = 850;

    private static readonly Ellipsoid Vault = new(new(0, 8, 32), new(65, 84, 68));
    private static readonly Ellipsoid ScalpReach = new(new(0, 9, 32), new(91, 108, 92));
    private static readonly Ellipsoid Face = new(new(0, -40, -42), new(62, 52, 84));
    private static readonly Ellipsoid NoseTip = new(new(0, -96, -27), new(13, 13, 13));
    private static readonly Ellipsoid NoseBridge = new(new(0, -88, -8), new(9, 12, 22));
    private static readonly Ellipsoid Cheek = new(new(38, 2, -62), new(31, 48, 62));
    private static readonly Ellipsoid Neck = new(new(0, 26, -70), new(60, 56, 74));
    private static readonly Ellipsoid Eyelid = new(new(32, -72, 1), new(17, 14.5, 15));
    private static readonly Ellipsoid Pinna = new(new(75, 27, -6), new(4.5, 15, 28));
    private static readonly Ellipsoid Concha = new(new(71, 19, -8), new(7, 8, 12));
    private static readonly Tube EarCanal = new(new(76, 17, -9), new(44, 14, -7), 3.2, 2.6);

    /// <summary>What is measured at a place, without the noise of the scanner.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double At(Place p)
    {
        var (wide, deep) = (p.X / 96, (p.Y + 4) / 122);
        if ((wide * wide) + (deep * deep) > 1)
        {
            return CradleAt(p);
        }
        if (p.Z > 30 && ScalpReach.Distance(p) > 0)
        {
            return CradleAt(p);
        }
        p = Bent(p);
        var side = p.OnTheLeft;
        var cavity = CavityDistance(side);
        if (cavity < -4)
        {
            return BrainAt(p, cavity);
        }
        var bone = BoneThickness(p, side);
        var skin = SkinDistance(side, cavity - bone - 6.2);
        if (skin > 3)
        {
            return CradleAt(p);
        }
        var tissue = SoftTissueAt(p, skin, cavity - bone, CradleAt(p));
        tissue = SkullAt(p, side, skin, cavity, bone, tissue);
        if (p.Z < 42)
        {
            tissue = p.Y < 12 && p.Z < 24 ? FaceAt(p, side, skin, cavity, tissue) : tissue;
            tissue = EarAt(p, side, cavity, tissue);
            tissue = NeckAt(p, side, cavity, tissue);
        }
        return cavity < 1 ? tissue.Paint(BrainAt(p, cavity), cavity) : tissue;
    }

    /// <summary>Nobody is quite symmetrical.</summary>
    private static Place Bent(in Place p) => new(
        p.X + (p.Y * 0.012) + (1.2e-4 * p.Y * (p.Z - 40)) + (1.5e-4 * p.X * p.X),
        p.Y + (1.6e-4 * p.X * (p.Z + 60)) - (p.X * 0.012),
        p.Z - (p.X * 0.012) + (1.0e-4 * p.X * p.Y));

    /// <summary>Distance to the inside of the skull: an egg, wider behind, standing on the three steps of the skull base.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double CavityDistance(in Place side)
    {
        var width = 1 + (0.0013 * side.Y);
        var egg = Vault.Distance(new Place(side.X / width, side.Y, side.Z));
        var floor = (BaseHeight(side) - side.Z) * 0.8;
        var cavity = -Melt(-egg, -floor, 8);
        return side.Z < 14 && side.Y is > -20 and < 50 ? -Melt(-cavity, Petrous.Distance(side), 5) : cavity;
    }

    /// <summary>Where the skull base lies: fossae of the frontal lobes, of the temporal lobes with the sella between, of the cerebellum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double BaseHeight(in Place side)
    {
        var (a, b) = ((side.X - 31) / 26, (side.Y + 58) / 32);
        var anterior = 24 - (14 * Math.Min(1.2, (a * a) + (b * b))) - (5 * (1 - Step(3, 11, side.X)));
        var (c, d) = ((side.X - 40) / 26, (side.Y + 8) / 26);
        var middle = Lerp(5, -19 + (13 * Math.Min(1.5, (c * c) + (d * d))), Step(11, 22, side.X));
        var posterior = -60;
        var front = Step(-36, -22, side.Y + (0.35 * (side.X - 30)));
        return Lerp(Lerp(anterior, middle, front), posterior, Step(4, 32, side.Y - (0.30 * (side.X - 14))));
    }

    private static double BoneThickness(in Place p, in Place side)
    {
        var vault = 5.2 + (1.2 * HashNoise.Smooth(p, 34, 21)) + (2.2 * Step(70, 92, p.Y)) + (1.5 * Step(-62, -76, p.Y));
        return Lerp(2.6, vault, Step(-4, 12, side.Z - BaseHeight(side)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SkinDistance(in Place side, double scalp)
    {
        var head = Melt(scalp, Face.Distance(side), 18);
        head = Melt(head, Math.Min(Neck.Distance(side), Cheek.Distance(side)), 16);
        if (side.Y < -40)
        {
            head = Melt(head, Melt(NoseTip.Distance(side), NoseBridge.Distance(side), 8), 10);
            return Melt(head, Eyelid.Distance(side), 9);
        }
        return side.X > 55 ? Melt(head, -Melt(-Pinna.Distance(side), Concha.Distance(side), 2), 5) : head;
    }

    /// <summary>Skin, fat below it, muscle where there is room between skin and skull.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SoftTissueAt(in Place p, double skin, double skull, double outside)
    {
        var tissue = outside.Paint(tissues.Skin, skin).Paint(tissues.Fat, skin + 2);
        var fibres = HashNoise.Smooth(new Place(p.X, p.Y, p.Z * 0.5), 24, 31) + (0.22 * HashNoise.Smooth(p, 6, 32));
        var muscle = Math.Max(skin + 5.2 + (1.5 * fibres), (14 * (0.07 - Math.Abs(fibres - 0.2))) - 0.2);
        return skull < 2.5
            ? tissue.Paint(tissues.Skin, Math.Max(skin + 4.2, skull - 1.6)).Paint(tissues.Muscle, muscle)
            : tissue.Paint(tissues.Muscle + (5 * fibres), muscle, 2.5);
    }

    /// <summary>Outer and inner table with the diploë between, except in the thin base.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double SkullAt(in Place p, in Place side, double skin, double cavity, double bone, double tissue)
    {
        var outer = cavity - bone;
        if (outer > 2)
        {
            return tissue;
        }
        var shell = Math.Max(outer, skin + 3);
        tissue = tissue.Paint(bone > 4.5 ? tissues.Bone(Cortical) : tissues.Bone(ThinBone + 150), shell);
        if (bone > 4.5)
        {
            var marrow = Math.Max(1.5 - cavity, cavity - (bone - 1.9));
            tissue = tissue.Paint(tissues.Marrow(Spongy + (170 * HashNoise.Smooth(p, 3, 41))), Math.Max(marrow, 5.0 - bone), 1.6);
        }
        if (side.Z > 30)
        {
            var seam = 1.6 * HashNoise.Smooth(p, 3.5, 42);
            var sutures = Math.Min(Math.Abs(side.Y + 26 - (0.3 * (95 - side.Z)) + seam), Math.Abs(side.Y - 50 - (0.45 * (side.Z - 40)) + seam));
            tissue = tissue.Paint(tissues.Marrow(Spongy - 250), Math.Max(sutures - 0.35, shell));
        }
        return side.Z < 35 ? SinusesOfTheSkull(p, side, tissue) : tissue;
    }

    /// <summary>The cradle under the head: a thin curved shell, nearly transparent.</summary>
    private double CradleAt(in Place p)
    {
        if (p.Y < 55)
        {
            return tissues.Air;
        }
        var (x, y) = (p.X * 0.98, p.Y - 2);
        var ring = Math.Abs(Math.Sqrt((x * x) + (y * y)) - 113) - 1.4;
        return tissues.Air.Paint(tissues.CradleShell, ring).Paint(tissues.CradleFoam, ring + 1.2);
    }
}
