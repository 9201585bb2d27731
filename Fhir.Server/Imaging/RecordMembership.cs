using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>
/// In which record a resource lives: that of the one patient it is about. Only what defines a resource tells it (its subject, its patient,
/// its beneficiary), not whoever else takes part: an Observation's performer or focus gives no membership. What is about nobody, or about a
/// group, a device or a place, lives in <see cref="RecordId.Shared"/>.
/// See https://hl7.org/fhir/R4/compartmentdefinition-patient.html, of whose parameters these are the defining ones.
/// </summary>
internal static class RecordMembership
{
    /// <summary>
    /// The record. <c>Unprocessable</c> when the resource names a patient who is not one of this server, or more than one, or none where
    /// one is needed. References to a patient by this server's own address become relative, so that they mean the same when it changes.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="id">Its id.</param>
    /// <param name="fhirBase">The address of this server, as in <c>https://phr.example/fhir</c>.</param>
    public static Outcome<RecordId> Of(Resource resource, string id, string fhirBase)
    {
        if (resource is Patient)
        {
            return new RecordId(id).IsReserved ? Problem.Unprocessable("The server keeps this id for itself.", "Patient.id") : new RecordId(id);
        }
        if (resource is Bundle { Type: Bundle.BundleType.Document or Bundle.BundleType.Message, Entry: [{ Resource: { } first }, ..] })
        {
            // A document is its first entry's; what that names by urn:uuid lies within the document.
            return PatientsOf(first, fhirBase) is [var one] && one is not null ? new RecordId(one) : RecordId.Shared;
        }
        var patients = PatientsOf(resource, fhirBase);
        var expression = resource.TypeName;
        return patients switch
        {
            [null, ..] or [_, null, ..] => Problem.Unprocessable("It is about a patient who is not one of this server; name one as Patient/{id}.", expression),
            [{ } only] when !new RecordId(only).IsReserved => new RecordId(only),
            [] when resource is not (ImagingStudy or Consent) => RecordId.Shared,
            [_, _, ..] => Problem.Unprocessable("It is about more than one patient; a record is of one.", expression),
            _ => Problem.Unprocessable("It must belong to a patient of this server, as a reference Patient/{id}.", expression),
        };
    }

    /// <summary>The patients it is about, each once: an id, or null for one that is not of this server.</summary>
    private static List<string?> PatientsOf(Resource resource, string fhirBase)
    {
        var found = new List<string?>();
        foreach (var reference in SubjectsOf(resource))
        {
            if (reference?.Reference is not { Length: > 0 } text || text[0] == '#')
            {
                continue;
            }
            var own = text.StartsWith(fhirBase + "/", StringComparison.Ordinal);
            var relative = own ? text[(fhirBase.Length + 1)..] : text;
            var id = relative.Split('/') switch
            {
                ["Patient", var only] => only,
                ["Patient", var versioned, "_history", _] => versioned,
                _ => null,
            };
            if (id is not null && RecordId.IsWellFormed(id))
            {
                reference.Reference = relative;
            }
            else if (MayBePatient(reference, relative))
            {
                id = null;
            }
            else
            {
                continue;
            }
            if (!found.Contains(id))
            {
                found.Add(id);
            }
        }
        return found;
    }

    /// <summary>A patient elsewhere, a search for one, or what only its bundle could tell: all that is not plainly something else.</summary>
    private static bool MayBePatient(ResourceReference reference, string text) => reference.Type == "Patient"
        || text.StartsWith("urn:", StringComparison.Ordinal) || text.StartsWith("Patient", StringComparison.Ordinal) || text.Contains("/Patient/", StringComparison.Ordinal);

    private static IEnumerable<ResourceReference?> SubjectsOf(Resource resource) => resource switch
    {
        Account it => it.Subject,
        AdverseEvent it => [it.Subject],
        AllergyIntolerance it => [it.Patient],
        Appointment it => it.Participant.Select(one => one.Actor),
        AppointmentResponse it => [it.Actor],
        AuditEvent it => it.Entity.Select(one => one.What).Concat(it.Agent.Select(one => one.Who)),
        Basic it => [it.Subject],
        Binary it => [it.SecurityContext],
        BodyStructure it => [it.Patient],
        CarePlan it => [it.Subject],
        CareTeam it => [it.Subject],
        ChargeItem it => [it.Subject],
        Claim it => [it.Patient],
        ClaimResponse it => [it.Patient],
        ClinicalImpression it => [it.Subject],
        Communication it => [it.Subject],
        CommunicationRequest it => [it.Subject],
        Composition it => [it.Subject],
        Condition it => [it.Subject],
        Consent it => [it.Patient],
        Contract it => it.Subject,
        Coverage it => [it.Beneficiary],
        CoverageEligibilityRequest it => [it.Patient],
        CoverageEligibilityResponse it => [it.Patient],
        DetectedIssue it => [it.Patient],
        Device it => [it.Patient],
        DeviceRequest it => [it.Subject],
        DeviceUseStatement it => [it.Subject],
        DiagnosticReport it => [it.Subject],
        DocumentManifest it => [it.Subject],
        DocumentReference it => [it.Subject],
        Encounter it => [it.Subject],
        EnrollmentRequest it => [it.Candidate],
        EpisodeOfCare it => [it.Patient],
        ExplanationOfBenefit it => [it.Patient],
        FamilyMemberHistory it => [it.Patient],
        Flag it => [it.Subject],
        Goal it => [it.Subject],
        GuidanceResponse it => [it.Subject],
        ImagingStudy it => [it.Subject],
        Immunization it => [it.Patient],
        ImmunizationEvaluation it => [it.Patient],
        ImmunizationRecommendation it => [it.Patient],
        Invoice it => [it.Subject],
        List it => [it.Subject],
        MeasureReport it => [it.Subject],
        Media it => [it.Subject],
        MedicationAdministration it => [it.Subject],
        MedicationDispense it => [it.Subject],
        MedicationRequest it => [it.Subject],
        MedicationStatement it => [it.Subject],
        MolecularSequence it => [it.Patient],
        NutritionOrder it => [it.Patient],
        Observation it => [it.Subject],
        Procedure it => [it.Subject],
        Provenance it => it.Target,
        QuestionnaireResponse it => [it.Subject],
        RelatedPerson it => [it.Patient],
        RequestGroup it => [it.Subject],
        ResearchSubject it => [it.Individual],
        RiskAssessment it => [it.Subject],
        ServiceRequest it => [it.Subject],
        Specimen it => [it.Subject],
        SupplyDelivery it => [it.Patient],
        SupplyRequest it => [it.DeliverTo],
        Hl7.Fhir.Model.Task it => [it.For],
        VisionPrescription it => [it.Patient],
        _ => [],
    };
}
