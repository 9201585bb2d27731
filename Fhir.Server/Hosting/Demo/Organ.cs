namespace Fhir.Server.Hosting.Demo;

/// <summary>The two views of a chest. The beam runs from back to front, or from right to left.</summary>
internal enum ChestView
{
    /// <summary>Postero-anterior.</summary>
    Frontal,

    /// <summary>Left side at the detector.</summary>
    Lateral,
}

/// <summary>Which sides of a solid are boxy (fourth power) instead of round (second power).</summary>
[Flags]
internal enum Boxy
{
    No = 0,
    Sides = 1,
    FrontAndBack = 2,
    Top = 4,
    Bottom = 8,
    All = 15,
}

/// <summary>A solid that an x-ray enters and leaves once. A solid of a higher rank displaces those of lower ones.</summary>
/// <param name="Weakening">How much it weakens the beam per mm.</param>
internal abstract record Solid(double Weakening)
{
    /// <summary>How far it may reach at this height, from left to right or from front to back; from is more than to where it does not.</summary>
    public abstract (double From, double To) Reach(ChestView view, double height);

    /// <summary>Where a ray along Y (frontal) or X (lateral) enters and leaves; false when it passes by.</summary>
    /// <param name="view">The direction of the ray.</param>
    /// <param name="across">The X of a frontal, the Y of a lateral ray.</param>
    /// <param name="height">Its Z.</param>
    public abstract bool Crosses(ChestView view, double across, double height, out double enters, out double leaves);
}

/// <summary>Something between an ellipsoid and a box.</summary>
internal sealed record Organ(Place Centre, Place Radii, double Weakening, Boxy Boxy = Boxy.No) : Solid(Weakening)
{
    public override (double From, double To) Reach(ChestView view, double height)
    {
        var z = (height - Centre.Z) / Radii.Z;
        var left = 1 - Power(z, HasBoxyEnd(z));
        var (middle, radius, boxy) = view == ChestView.Frontal ? (Centre.X, Radii.X, Boxy.Sides) : (Centre.Y, Radii.Y, Boxy.FrontAndBack);
        var half = radius * Math.Sqrt((Boxy & boxy) != 0 ? Math.Sqrt(Math.Max(left, 0)) : Math.Max(left, 0));
        return left > 0 ? (middle - half, middle + half) : (1, 0);
    }

    public override bool Crosses(ChestView view, double across, double height, out double enters, out double leaves)
    {
        var frontal = view == ChestView.Frontal;
        var z = (height - Centre.Z) / Radii.Z;
        var (boxySides, boxyDepth) = ((Boxy & Boxy.Sides) != 0, (Boxy & Boxy.FrontAndBack) != 0);
        var left = 1 - Power(z, HasBoxyEnd(z));
        left -= frontal ? Power((across - Centre.X) / Radii.X, boxySides) : Power((across - Centre.Y) / Radii.Y, boxyDepth);
        if (left <= 0)
        {
            enters = leaves = 0;
            return false;
        }
        var share = Math.Sqrt(left);
        var half = frontal
            ? Radii.Y * (boxyDepth ? Math.Sqrt(share) : share)
            : Radii.X * (boxySides ? Math.Sqrt(share) : share);
        var middle = frontal ? Centre.Y : Centre.X;
        (enters, leaves) = (middle - half, middle + half);
        return true;
    }

    /// <summary>Whether a place lies inside, and at least about this share of the way from the surface.</summary>
    public bool Holds(in Place p, double within)
    {
        var z = (p.Z - Centre.Z) / Radii.Z;
        return Power((p.X - Centre.X) / Radii.X, (Boxy & Boxy.Sides) != 0)
            + Power((p.Y - Centre.Y) / Radii.Y, (Boxy & Boxy.FrontAndBack) != 0) + Power(z, HasBoxyEnd(z)) < within;
    }

    private bool HasBoxyEnd(double z) => (Boxy & (z > 0 ? Boxy.Top : Boxy.Bottom)) != 0;

    private static double Power(double value, bool boxy)
    {
        var square = value * value;
        return boxy ? square * square : square;
    }
}

/// <summary>An ellipsoid of revolution around an axis of any direction.</summary>
/// <param name="Axis">Of length 1.</param>
internal sealed record Spheroid(Place Centre, Place Axis, double HalfLength, double Radius, double Weakening) : Solid(Weakening)
{
    public override (double From, double To) Reach(ChestView view, double height)
    {
        var middle = view == ChestView.Frontal ? Centre.X : Centre.Y;
        return Math.Abs(height - Centre.Z) < HalfLength ? (middle - HalfLength, middle + HalfLength) : (1, 0);
    }

    public override bool Crosses(ChestView view, double across, double height, out double enters, out double leaves)
    {
        var frontal = view == ChestView.Frontal;
        var ray = frontal ? new Place(0, 1, 0) : new Place(1, 0, 0);
        var start = (frontal ? new Place(across, 0, height) : new Place(0, across, height)) - Centre;
        var (round, stretched) = (1 / (Radius * Radius), (1 / (HalfLength * HalfLength)) - (1 / (Radius * Radius)));
        var (rayAlong, startAlong) = (Place.Dot(ray, Axis), Place.Dot(start, Axis));
        var a = round + (stretched * rayAlong * rayAlong);
        var b = (round * Place.Dot(start, ray)) + (stretched * startAlong * rayAlong);
        var c = (round * Place.Dot(start, start)) + (stretched * startAlong * startAlong) - 1;
        var inside = (b * b) - (a * c);
        if (inside <= 0)
        {
            enters = leaves = 0;
            return false;
        }
        var root = Math.Sqrt(inside);
        (enters, leaves) = ((-b - root) / a, (-b + root) / a);
        return true;
    }
}
