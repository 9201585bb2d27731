namespace Fhir.Server.Search;

/// <summary>Every search parameter of R4 that can be answered. See https://hl7.org/fhir/R4/searchparameter-registry.html</summary>
public static class SearchParameters
{
    /// <summary>The parameter of a type by its code; null when there is none or its kind is not answered.</summary>
    public static SearchParameterInfo? Find(string resourceType, string code) => throw new NotImplementedException();

    /// <summary>All parameters of a type; none for an unknown type.</summary>
    public static IReadOnlyList<SearchParameterInfo> Of(string resourceType) => throw new NotImplementedException();

    /// <summary>True when R4 knows the parameter and this room does not answer it.</summary>
    public static bool IsKnownButUnsupported(string resourceType, string code) => throw new NotImplementedException();
}
