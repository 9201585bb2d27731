using System.Runtime.CompilerServices;
using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <content>What the skull holds.</content>
internal sealed partial class HeadPhantom
{
    private static readonly Tube[] LateralVentricle =
    [
        .. Tube.Through((15, -37, 33, 2.5), (9, -27, 36, 4.6), (5.5, -12, 40, 4.4), (9, 10, 46, 5), (17, 30, 42, 6), (23, 42, 33, 7), (21, 56, 29, 4), (18, 68, 27, 1.5)),
        .. Tube.Through((23, 42, 33, 6), (32, 28, 17, 3.2), (33, 8, 7, 2.2), (30, -4, 3, 1.8)),
    ];

    private static readonly Ellipsoid VentricleHull = new(new(17, 16, 22), new(31, 70, 52));
    private static readonly Ellipsoid ThirdVentricle = new(new(0, 2, 24), new(2.6, 14, 11));
    private static readonly Tube[] FourthVentricle = Tube.Through((0, 20, 21, 1), (0, 29, 8, 1.2), (0, 37, -4, 5), (0, 38, -16, 1.5));
    private static readonly Ellipsoid Caudate = new(new(14, -22, 35), new(5.5, 13, 11));
    private static readonly Ellipsoid Thalamus = new(new(11, 8, 29), new(8.5, 15, 10));
    private static readonly Ellipsoid Lentiform = new(new(25, -7, 26), new(6.5, 18, 12));
    private static readonly Ellipsoid Pallidum = new(new(20, -4, 26), new(4, 10, 7));
    private static readonly Ellipsoid CentralWhite = new(new(0, 2, 42), new(44, 58, 34));
    private static readonly Ellipsoid MedialLimit = new(new(0, 6, 34), new(60, 47, 25));
    private static readonly Tube[] BrainStem = Tube.Through((0, 12, 20, 13), (0, 13, 8, 12), (0, 15, -7, 14.5), (0, 21, -22, 8.5), (0, 29, -46, 5.5));
    private static readonly Ellipsoid Vermis = new(new(0, 52, -8), new(6, 26, 24));
    private static readonly Ellipsoid Suprasellar = new(new(0, -7, 11), new(15, 11, 5));
    private static readonly Ellipsoid Quadrigeminal = new(new(0, 30, 19), new(15, 5.5, 7));
    private static readonly Tube[] Ambient = Tube.Through((0, 24, 16, 4), (15, 14, 13, 2.6), (17, 0, 11, 2));
    private static readonly Tube Chiasm = new(new(-9, -9, 11), new(9, -9, 11), 2, 2);
    private static readonly Ellipsoid Insula = new(new(38, -6, 25), new(3, 17, 13));
    private static readonly Ellipsoid Choroid = new(new(22, 41, 34), new(2.6, 4.5, 4));
    private static readonly Ellipsoid Pineal = new(new(0.5, 25, 25), new(2, 2.4, 2.2));
    private static readonly Ellipsoid Lesion = new(new(32, 15, 61), new(7.5, 8, 7));
    private static readonly Ellipsoid Oedema = new(new(30, 17, 60), new(15, 18, 12));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double BrainAt(in Place p, double cavity)
    {
        var side = p.OnTheLeft;
        var tentorium = 4 + (24 * Step(40, 0, side.X)) - (0.28 * Math.Max(0, p.Y - 34)) - p.Z;
        var behind = (p.Y - 17 - (0.42 * side.X)) * 0.92;
        var brain = behind > 0 && tentorium > -1.5 ? CerebellumAt(p, side, cavity, tentorium, behind) : CerebrumAt(p, side, cavity);
        if (p.Z < 30 && side.X < 36 && p.Y is > -24 and < 60)
        {
            brain = BaseOfBrainAt(p, side, brain);
        }
        brain = VentriclesAt(p, side, brain);
        return brain.Paint(tissues.Dura, -1.0 - cavity).Paint(tissues.VenousBlood, SagittalSinus(p, side, cavity));
    }

    /// <summary>Hemispheres with their folds: the zeroes of a warped noise are the sulci, grey matter lies along them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double CerebrumAt(in Place p, in Place side, double cavity)
    {
        var depth = -cavity;
        var fissure = side.X - 0.4 - (0.06 * Math.Max(0, 22 - depth));
        var medial = MedialLimit.Distance(p) > 0 && p.Z > 14 ? fissure : double.MaxValue;
        var sylvian = SylvianDistance(p, side);
        var surface = Math.Min(depth - 2.6, Math.Min(medial, sylvian));
        var texture = HashNoise.Smooth(p, 10, 61);
        var tissue = tissues.White + (1.4 * texture);
        if (surface < 30)
        {
            var (bend, turn) = (6 * HashNoise.Smooth(p, 17, 62), 6 * HashNoise.Smooth(p, 17, 63));
            var warped = p + new Place(bend, turn, bend - turn);
            var fold = (HashNoise.Smooth(warped, 13.5, p.X > 0 ? 65u : 66u) + (0.35 * HashNoise.Smooth(warped, 7.5, 67))) * 12;
            var fade = Step(14, 26, Math.Min(surface + 4, depth)) * 8;
            var deepWhite = Math.Max(0, -CentralWhite.Distance(p)) * 0.5;
            var sulcus = Math.Abs(fold) + fade + deepWhite;
            tissue = tissue.Paint(tissues.Grey + (1.4 * texture), Math.Min(surface - 3.6, sulcus - 4.0), 1.8);
            tissue = tissue.Paint(tissues.Fluid, Math.Min(surface, sulcus - 0.75 + (surface * 0.035)), 1.5);
        }
        tissue = tissue.Paint(tissues.Dura, Math.Max(side.X - 0.7, -MedialLimit.Distance(p) + 4 - Math.Min(0, p.Z - 20)));
        return DeepGreyAt(p, side, tissue);
    }

    private static double SylvianDistance(in Place p, in Place side)
    {
        var cleft = Math.Abs(p.Z - 17 - (0.32 * (p.Y + 10)) - (1.5 * HashNoise.Smooth(p, 14, 69))) - 1.1;
        var reach = Math.Max(39 - side.X, Math.Max(-34 - p.Y, p.Y - 26));
        return Math.Min(Math.Max(cleft, reach), Insula.Distance(side) + 1.8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double DeepGreyAt(in Place p, in Place side, double tissue)
    {
        if (p.Z is < 10 or > 60 || side.X > 50)
        {
            return DiseaseAt(p, tissue);
        }
        tissue = tissue.Paint(tissues.Grey, Math.Max(Insula.Distance(side) - 3, 35 - side.X), 2);
        tissue = tissue.Paint(tissues.Grey + 1, Math.Min(Caudate.Distance(side), Lentiform.Distance(side)), 1.8).Paint(tissues.Grey - 2, Pallidum.Distance(side), 2);
        return DiseaseAt(p, tissue.Paint(tissues.Grey - 1, Thalamus.Distance(side), 2));
    }

    /// <summary>One small finding, so that there is something to find: dense, on the left, in a hem of oedema.</summary>
    private double DiseaseAt(in Place p, double tissue)
    {
        var hem = Oedema.Distance(p);
        if (hem > 8)
        {
            return tissue;
        }
        var finger = 4 * HashNoise.Smooth(p, 8, 70);
        return tissue.Paint(tissues.Oedema, hem + finger, 4).Paint(tissues.Lesion + (3 * finger / 4), Lesion.Distance(p) + (0.4 * finger), 1.6);
    }

    /// <summary>Below the tentorium: thin folia, white matter in their middle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double CerebellumAt(in Place p, in Place side, double cavity, double tentorium, double behind)
    {
        var bend = p.Z + (0.012 * (p.Y - 20) * (p.Y - 20)) + (0.007 * p.X * p.X) + (5 * HashNoise.Smooth(p, 15, 71));
        var leaf = bend / 6.0;
        leaf = Math.Abs(leaf - Math.Floor(leaf) - 0.5) * 6.0;
        var inside = Math.Max(cavity + 3.0, Math.Max(2.6 - tentorium, 3 - behind));
        var tissue = tissues.Fluid.Paint(tissues.Grey + 1, inside, 1.6);
        tissue = tissue.Paint(tissues.White + 4, Math.Max(inside + 7 + (2 * HashNoise.Smooth(p, 10, 72)), 5 - side.X), 4);
        tissue = tissue.Paint(tissues.Folia, Math.Max(0.6 - leaf + 0.04 * Math.Max(0, -inside), -inside - 9 < 0 ? 0.2 - leaf : 3), 1.4);
        tissue = tissue.Paint(tissues.Grey, Math.Max(Vermis.Distance(p), inside), 2);
        return tissue.Paint(tissues.Dura - 12, Math.Abs(tentorium) - 0.9, 1.4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double BaseOfBrainAt(in Place p, in Place side, double brain)
    {
        var stem = BrainStem.Nearest(p);
        var cistern = Math.Min(Math.Max(stem - 2.4 + (1.6 * HashNoise.Smooth(p, 11, 76)), p.Y - 22), Suprasellar.Distance(p) + (2 * HashNoise.Smooth(p, 9, 73)));
        cistern = Math.Min(cistern, Math.Min(Quadrigeminal.Distance(p), Ambient.Nearest(side)));
        brain = brain.Paint(tissues.Fluid, Math.Max(cistern, (p.Z - 17) * 0.6), 1.5);
        brain = brain.Paint(tissues.Stem + HashNoise.Smooth(p, 8, 74), stem, 1.5);
        return brain.Paint(tissues.Nerve, Chiasm.Distance(p), 1.4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double VentriclesAt(in Place p, in Place side, double brain)
    {
        if (side.X > 48 || p.Z is < -28 or > 60)
        {
            return brain;
        }
        if (VentricleHull.Distance(side) > 2)
        {
            return brain;
        }
        var ventricle = Math.Max(LateralVentricle.Nearest(side) - 0.6, 0.9 - side.X);
        ventricle = Math.Max(ventricle, -Caudate.Distance(side) - 2);
        brain = brain.Paint(tissues.Fluid, ventricle, 1.5).Paint(tissues.Fluid, Math.Min(ThirdVentricle.Distance(p), FourthVentricle.Nearest(p)), 1.5);
        return brain.Paint(tissues.Calcified, Choroid.Distance(side) + (1.5 * HashNoise.Smooth(p, 3, 75)), 2).Paint(tissues.Calcified, Pineal.Distance(p), 2);
    }

    /// <summary>The big vein in the midline under the vault.</summary>
    private static double SagittalSinus(in Place p, in Place side, double cavity) =>
        p.Z > 20 || p.Y > 60 ? Math.Max(side.X + (0.55 * (-cavity)) - 4.2, -6.5 - cavity) : double.MaxValue;
}
