namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// A chest that never was. The origin lies in its middle, at the height of the seventh thoracic vertebra. This part is the soft one;
/// <see cref="ChestBones"/> has the bones and <see cref="ChestVessels"/> the vessels of the lungs.
/// </summary>
internal static class ChestPhantom
{
    /// <summary>Weakening of the beam per mm at about 120 kV.</summary>
    public const double Soft = 0.0170, Fat = 0.0150, Lung = 0.0046, Air = 0;

    public static readonly Organ RightLung = new(new(-71, 6, 18), new(64, 86, 158), Lung, Boxy.Bottom);
    public static readonly Organ LeftLung = new(new(71, 6, 18), new(62, 86, 158), Lung, Boxy.Bottom);

    /// <summary>The diaphragm over the liver.</summary>
    public static readonly Organ RightDome = new(new(-66, 12, -152), new(75, 98, 72), Soft);

    /// <summary>The diaphragm over spleen and stomach.</summary>
    public static readonly Organ LeftDome = new(new(66, 12, -162), new(74, 98, 70), Soft);

    /// <summary>The organs; a later one displaces an earlier one.</summary>
    public static IReadOnlyList<Solid> Solids(ChestView view)
    {
        List<Solid> solids = view == ChestView.Frontal ? [.. Shoulders()] : [.. RaisedArms()];
        solids.AddRange(Trunk());
        solids.AddRange([RightLung, LeftLung]);
        solids.AddRange(Mediastinum());
        solids.AddRange(BelowTheDiaphragm());
        return solids;
    }

    private static Solid[] Trunk() =>
    [
        new Organ(new(0, 4, -100), new(164, 122, 282), Fat, Boxy.Sides | Boxy.Top),
        new Organ(new(0, 4, -100), new(155, 113, 277), Soft, Boxy.Sides | Boxy.Top),
        new Organ(new(0, 26, 190), new(58, 58, 110), Soft),
    ];

    private static Solid[] Shoulders() =>
    [
        new Organ(new(118, 14, 120), new(92, 58, 78), Soft),
        new Organ(new(-118, 14, 118), new(92, 58, 78), Soft),
        new Organ(new(60, 35, 168), new(85, 45, 42), Soft),
        new Organ(new(-60, 35, 167), new(85, 45, 42), Soft),
    ];

    private static Solid[] RaisedArms() =>
    [
        new Organ(new(0, 14, 130), new(112, 80, 190), Soft, Boxy.Sides),
        new Organ(new(100, -4, 232), new(50, 86, 84), Soft),
        new Organ(new(-100, -12, 238), new(50, 86, 84), Soft),
    ];

    private static Solid[] Mediastinum() =>
    [
        new Organ(new(0, 52, -20), new(19, 34, 260), Soft, Boxy.Top | Boxy.Bottom),
        new Organ(new(-1, 0, 70), new(24, 62, 130), Soft, Boxy.Top),
        new Organ(new(-19, -14, 50), new(13, 13, 105), Soft),
        new Organ(new(-9, -24, 20), new(23, 22, 56), Soft),
        new Organ(new(20, 12, 66), new(16, 34, 18), Soft),
        new Organ(new(-1, 20, -124), new(36, 52, 54), Soft),
        new Organ(new(23, 46, -40), new(12, 12, 112), Soft, Boxy.Top | Boxy.Bottom),
        new Organ(new(20, -12, 24), new(23, 26, 36), Soft),
        new Organ(new(-18, -18, -40), new(32, 36, 48), Soft),
        new Spheroid(new(24, -30, -52), new(0.704, -0.375, -0.603), 74, 47, Soft),
        new Organ(new(58, -70, -100), new(34, 28, 14), Fat),
    ];

    private static Solid[] BelowTheDiaphragm() =>
    [
        RightDome,
        LeftDome,
        new Organ(new(0, 0, -165), new(60, 80, 58), Soft),
        new Organ(new(66, 14, -121), new(21, 26, 18), Air),
        new Organ(new(66, 14, -136), new(50, 50, 17), Soft, Boxy.All),
    ];

    /// <summary>Windpipe and main bronchi; they lie in the mediastinum and take away from it.</summary>
    public static IEnumerable<Tube[]> Airways() =>
    [
        Tube.Through((-1, 22, 240, 8.5), (-1, 26, 150, 8.5), (-4, 34, 58, 8.5), (-3, 35, 44, 7)),
        Tube.Through((-3, 35, 48, 6.5), (-30, 37, 24, 6), (-40, 38, 4, 4.5)),
        Tube.Through((-3, 35, 48, 5.5), (28, 38, 18, 5.5), (44, 40, 2, 4.5)),
    ];
}
