using System.Runtime.CompilerServices;
using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <content>Eyes, nose, sinuses, jaws, ears and what holds the head.</content>
internal sealed partial class HeadPhantom
{
    private static readonly Ellipsoid Orbit = new(new(31, -58, 0), new(18, 25, 17.5));
    private static readonly Ellipsoid Globe = new(new(32, -70, 1), new(12, 12.2, 12));
    private static readonly Ellipsoid LensBody = new(new(32, -79.6, 1), new(4.8, 2.1, 4.8));
    private static readonly Tube[] OpticNerve = Tube.Through((30.5, -58, 1, 2.3), (21, -36, 3, 2.2), (7, -16, 9, 2));
    private static readonly Tube[] EyeMuscles =
    [
        .. Tube.Through((19.5, -66, 1, 1.1), (17.5, -50, 1, 2.4), (18, -34, 2, 1.3)),
        .. Tube.Through((44.5, -66, 1, 1.1), (40.5, -50, 1, 2.2), (22, -33, 2, 1.3)),
        .. Tube.Through((32, -66, 13, 1.1), (28.5, -50, 11, 2.3), (20, -34, 4, 1.3)),
        .. Tube.Through((32, -66, -11, 1.1), (28.5, -50, -9, 2.3), (20, -34, -1, 1.3)),
    ];

    private static readonly Ellipsoid Maxillary = new(new(29, -58, -29), new(14.5, 17, 15.5));
    private static readonly Ellipsoid Ethmoid = new(new(7.5, -52, 0), new(6.8, 25, 11));
    private static readonly Ellipsoid Sphenoid = new(new(6.5, -16, -4), new(8.5, 11, 8));
    private static readonly Ellipsoid FrontalSinus = new(new(8, -77, 23), new(10, 4.6, 13));
    private static readonly Ellipsoid NasalCavity = new(new(0, -60, -26), new(13.5, 38, 18));
    private static readonly Ellipsoid Nostril = new(new(5.5, -96, -34), new(3.6, 7, 6));
    private static readonly Ellipsoid Pharynx = new(new(0, -14, -40), new(13, 8, 22));
    private static readonly Tube[] Turbinates =
    [
        new(new(8.2, -74, -33), new(8.2, -38, -33), 3.2, 2.6), new(new(7.4, -68, -22), new(7.4, -36, -22), 2.5, 2.0),
    ];

    private static readonly Tube[] Zygoma = Tube.Through((40, -74, -19, 5.5), (51, -62, -17, 5.5), (60, -40, -14, 2.8), (63, -16, -12, 2.8), (60, 4, -8, 5));
    private static readonly Tube[] Jaw = Tube.Through((52, 0, -11, 4.5), (51, -5, -20, 4.2), (51, -14, -48, 4.8));
    private static readonly Tube Pterygoid = new(new(15, -24, -14), new(17, -24, -46), 2.6, 2.2);
    private static readonly Tube[] NasalBone = Tube.Through((1.5, -84, 13, 2.6), (3.5, -94, -7, 1.7));
    private static readonly Tube Dens = new(new(0, 9, -64), new(0, 8, -39), 6.5, 4.8);
    private static readonly Ellipsoid LateralMass = new(new(21, 17, -50), new(11, 10, 10));
    private static readonly Ellipsoid Condyle = new(new(18, 20, -37), new(7, 11, 6));
    private static readonly Tube Petrous = new(new(55, 26, -9), new(15, 0, -7), 11.5, 5.5);
    private static readonly Ellipsoid Mastoid = new(new(54, 31, -17), new(10, 14, 18));
    private static readonly Ellipsoid Cochlea = new(new(29, 9, -4), new(3.2, 2.4, 2.4));
    private static readonly Ellipsoid InnerCanal = new(new(22, 13, -4), new(6, 2.2, 2.2));
    private static readonly Ellipsoid MiddleEar = new(new(41, 13, -6), new(3, 5, 6));
    private static readonly Ellipsoid ForamenMagnum = new(new(0, 29, -37), new(14.5, 17, 13));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double FaceAt(in Place p, in Place side, double skin, double cavity, double tissue)
    {
        if (side.X > 33)
        {
            var (cheek, jaw) = (Zygoma.Nearest(side), Jaw.Nearest(side));
            tissue = tissue.Paint(tissues.Bone(Cortical - 200), Math.Max(cheek, skin + 4)).Paint(tissues.Marrow(Spongy), cheek + 1.8);
            tissue = tissue.Paint(tissues.Bone(Cortical), jaw).Paint(tissues.Marrow(Spongy), jaw + 2);
        }
        else
        {
            tissue = tissue.Paint(tissues.Bone(ThinBone + 100), Math.Max(Pterygoid.Distance(side), skin + 6)).Paint(tissues.Bone(ThinBone), NasalBone.Nearest(side));
        }
        tissue = PalateAt(p, side, skin, tissue);
        tissue = side.X < 48 ? NoseAt(p, side, skin, tissue) : tissue;
        return cavity > -1 ? OrbitAt(side, skin, tissue) : tissue;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double OrbitAt(in Place side, double skin, double tissue)
    {
        var orbit = Orbit.Distance(side);
        if (orbit > 5)
        {
            return tissue;
        }
        var rim = -77 + (0.75 * Math.Max(0, side.X - 31)) - side.Y;
        tissue = tissue.Paint(tissues.Bone(ThinBone + 150), Math.Max(orbit - 2.2, Math.Max(rim, skin + 3)));
        if (orbit > 1)
        {
            return tissue;
        }
        tissue = tissue.Paint(tissues.Fat, Math.Max(orbit, skin + 3.5)).Paint(tissues.Muscle, Math.Max(EyeMuscles.Nearest(side), orbit));
        tissue = tissue.Paint(tissues.Nerve, OpticNerve.Nearest(side));
        var globe = Globe.Distance(side);
        return tissue.Paint(tissues.Sclera, globe).Paint(tissues.Vitreous, globe + 1.5).Paint(tissues.Lens, LensBody.Distance(side));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double NoseAt(in Place p, in Place side, double skin, double tissue)
    {
        if (p.Z > -5)
        {
            return EthmoidAt(p, side, tissue);
        }
        var maxillary = Maxillary.Distance(side) + (1.5 * HashNoise.Smooth(p, 16, 51));
        var cavity = Math.Max(NasalCavity.Distance(side), Math.Abs(side.X) - 14.5 - (0.25 * (p.Z + 26)));
        tissue = tissue.Paint(tissues.Bone(ThinBone + 100), Math.Max(Math.Min(maxillary - 1.9, cavity - 1.7), Math.Max(skin + 6, -88 - p.Y)));
        tissue = tissue.Paint(tissues.Mucosa, maxillary).Paint(tissues.Air, maxillary + 0.9).Paint(tissues.Mucosa, Math.Max(cavity, skin + 3));
        var open = Math.Max(cavity + 1.3, Math.Max(skin + 3.5, -Turbinates.Nearest(side)));
        open = Math.Min(open, Math.Min(Nostril.Distance(side), Math.Max(Pharynx.Distance(side), skin + 8)));
        var septum = Math.Abs(p.X - (1.4 * HashNoise.Smooth(p, 28, 52))) - 1.1;
        tissue = tissue.Paint(tissues.Air, open).Paint(p.Y < -72 ? tissues.Cartilage : tissues.Bone(420), Math.Max(septum, Math.Max(cavity, -36 - p.Z)), 1.4);
        return EthmoidAt(p, side, tissue);
    }

    private double EthmoidAt(in Place p, in Place side, double tissue)
    {
        var cells = Ethmoid.Distance(side);
        if (cells > 4)
        {
            return tissue;
        }
        var walls = Math.Abs(HashNoise.Smooth(p, 8.5, 53)) * 9;
        return tissue.Paint(tissues.Bone(ThinBone), cells - 1.2).Paint(tissues.Air, Math.Max(cells + 0.4, 0.7 - walls));
    }

    /// <summary>The hard palate, and the row of the upper teeth.</summary>
    private double PalateAt(in Place p, in Place side, double skin, double tissue)
    {
        if (p.Z > -36)
        {
            return tissue;
        }
        var (u, v) = (side.X / 24, (p.Y + 50) / 33);
        var arch = (Math.Sqrt((u * u) + (v * v)) - 1) * 26;
        var ridge = Math.Max(Math.Max(Math.Abs(arch) - 5.5, p.Y + 34), Math.Max(p.Z + 40, skin + 6));
        var plate = Math.Max(Math.Max(arch, Math.Abs(p.Z + 43.5) - 1.6), p.Y + 26);
        return tissue.Paint(tissues.Bone(ThinBone), plate).Paint(tissues.Bone(1000), ridge).Paint(tissues.Bone(520), ridge + 1.8);
    }

    /// <summary>Air in the bones of the skull: frontal and sphenoid sinus.</summary>
    private double SinusesOfTheSkull(in Place p, in Place side, double tissue)
    {
        var lobes = 2.2 * HashNoise.Smooth(p, 9, 54);
        var wall = Math.Abs(p.X - 1.5) - 0.6;
        var sphenoid = Sphenoid.Distance(side) + (0.4 * lobes);
        tissue = tissue.Paint(tissues.Bone(ThinBone + 100), sphenoid - 1.8).Paint(tissues.Air, Math.Max(sphenoid, -wall));
        return tissue.Paint(tissues.Air, Math.Max(FrontalSinus.Distance(side) + lobes, -wall));
    }

    /// <summary>The temporal bone: dense around the inner ear, full of air cells behind the outer one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double EarAt(in Place p, in Place side, double cavity, double tissue)
    {
        if (side.X < 6 || p.Y is < -20 or > 60 || p.Z is < -48 or > 24)
        {
            return tissue;
        }
        var rock = Petrous.Distance(side);
        var mastoid = Mastoid.Distance(side);
        var bone = Melt(rock, mastoid, 8);
        if (bone > 2)
        {
            return tissue.Paint(tissues.Air, EarCanal.Distance(side));
        }
        tissue = tissue.Paint(tissues.Bone(Cortical + 150), bone).Paint(tissues.Marrow(Spongy + 250), bone + 3);
        var cells = Math.Max(0.6 - (Math.Abs(HashNoise.Smooth(p, 5.5, 55)) * 7), Math.Min(mastoid + 2.4, Math.Max(rock + 3, 40 - side.X)));
        tissue = tissue.Paint(tissues.AeratedBone, cells).Paint(tissues.Air, Math.Min(MiddleEar.Distance(side), EarCanal.Distance(side)));
        return tissue.Paint(tissues.InnerEar, Math.Min(Cochlea.Distance(side), InnerCanal.Distance(side)));
    }

    /// <summary>Atlas and dens under the foramen magnum, with the cord in its canal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double NeckAt(in Place p, in Place side, double cavity, double tissue)
    {
        if (p.Z > -22 || side.X > 45 || p.Y is < -12 or > 60)
        {
            return tissue;
        }
        var (x, y) = (p.X, p.Y - 29);
        var canal = Math.Sqrt((x * x * 0.9) + (y * y)) - 12.5;
        var ring = Math.Max(Math.Abs(canal - 4.5) - 3.2, Math.Abs(p.Z + 50) - 5);
        var masses = Math.Min(Melt(LateralMass.Distance(side), ring, 5), Math.Min(Condyle.Distance(side), Dens.Distance(p)));
        tissue = tissue.Paint(tissues.Bone(Cortical - 150), masses).Paint(tissues.Marrow(Spongy - 100), masses + 2);
        var opening = Math.Min(ForamenMagnum.Distance(p), Math.Max(canal, p.Z + 36));
        var cord = Math.Sqrt((x * x * 0.6) + (y * y)) - 5.5;
        return cavity > -1 ? tissue.Paint(tissues.SpinalFluid, opening).Paint(tissues.Nerve, Math.Max(cord, opening)) : tissue;
    }
}
