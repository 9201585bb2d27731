using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Tests.Rest;

/// <summary>Of each type of R4 the least that is valid: its mandatory elements, with some value, as the model of the SDK tells them.</summary>
internal static class MinimalResources
{
    private static readonly ModelInspector Model = ModelInfo.ModelInspector;

    /// <summary>The resource as JSON.</summary>
    public static string Make(string type, string id)
    {
        var resource = (Resource)Fill(Model.FindClassMapping(type)!, depth: 0);
        resource.Id = id;
        return new FhirJsonSerializer().SerializeToString(resource);
    }

    private static Base Fill(ClassMapping mapping, int depth)
    {
        var instance = (Base)Activator.CreateInstance(mapping.NativeType)!;
        var filled = false;
        foreach (var property in mapping.PropertyMappings.Where(property => property.IsMandatoryElement))
        {
            filled |= Set(instance, property, depth);
        }
        if (!filled && instance is not Resource && instance is not PrimitiveType)
        {
            // An element must say something.
            _ = mapping.PropertyMappings.Where(property => property.Name is not ("id" or "extension" or "modifierExtension") && !property.IsCollection)
                .OrderBy(property => property.Name is "display" or "text" or "title" ? 0 : 1)
                .Any(property => Set(instance, property, depth));
        }
        return instance;
    }

    private static bool Set(Base instance, PropertyMapping property, int depth)
    {
        var type = property.FhirType.FirstOrDefault(one => !one.IsAbstract) ?? typeof(FhirBoolean);
        type = property.ImplementingType is { IsAbstract: false, IsGenericType: true } generic && typeof(Base).IsAssignableFrom(generic) ? generic : type;
        if (depth > 6 || ValueOf(type, depth) is not { } value)
        {
            return false;
        }
        if (property.IsCollection)
        {
            var list = (System.Collections.IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(property.ImplementingType))!;
            list.Add(value);
            instance.SetValue(property.Name, list);
        }
        else
        {
            instance.SetValue(property.Name, value);
        }
        return true;
    }

    private static Base? ValueOf(Type type, int depth)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Code<>))
        {
            return (Base)Activator.CreateInstance(type, Enum.GetValues(type.GetGenericArguments()[0]).GetValue(0))!;
        }
        return type.Name switch
        {
            nameof(FhirString) => new FhirString("x"),
            nameof(Markdown) => new Markdown("x"),
            nameof(Code) => new Code("x"),
            nameof(Id) => new Id("x"),
            nameof(FhirUri) => new FhirUri("urn:x"),
            nameof(FhirUrl) => new FhirUrl("https://x.example"),
            nameof(Canonical) => new Canonical("urn:x"),
            nameof(Oid) => new Oid("urn:oid:1.2"),
            nameof(Instant) => new Instant(DateTimeOffset.UnixEpoch),
            nameof(FhirDateTime) => new FhirDateTime("2026-01-01"),
            nameof(Date) => new Date("2026-01-01"),
            nameof(Time) => new Time("10:00:00"),
            nameof(Integer) => new Integer(1),
            nameof(PositiveInt) => new PositiveInt(1),
            nameof(UnsignedInt) => new UnsignedInt(1),
            nameof(FhirDecimal) => new FhirDecimal(1),
            nameof(FhirBoolean) => new FhirBoolean(true),
            nameof(Base64Binary) => new Base64Binary([1]),
            nameof(XHtml) => null,
            _ => typeof(Base).IsAssignableFrom(type) && !typeof(Resource).IsAssignableFrom(type) && Model.FindClassMapping(type) is { } mapping
                ? Fill(mapping, depth + 1)
                : null,
        };
    }
}
