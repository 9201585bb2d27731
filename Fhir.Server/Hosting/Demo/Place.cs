namespace Fhir.Server.Hosting.Demo;

/// <summary>A place in the patient in mm: towards the left, the back and the head. PS3.3 §C.7.6.2.1.1</summary>
internal readonly record struct Place(double X, double Y, double Z)
{
    public static Place operator +(in Place a, in Place b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z);

    public static Place operator -(in Place a, in Place b) => new(a.X - b.X, a.Y - b.Y, a.Z - b.Z);

    public static Place operator *(in Place a, double factor) => new(a.X * factor, a.Y * factor, a.Z * factor);

    public double Length => Math.Sqrt(Dot(this, this));

    /// <summary>The same place on the left side, where most organs that come in pairs are described.</summary>
    public Place OnTheLeft => new(Math.Abs(X), Y, Z);

    /// <summary>The same place on the other side.</summary>
    public Place Mirrored => new(-X, Y, Z);

    public static double Dot(in Place a, in Place b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);
}
