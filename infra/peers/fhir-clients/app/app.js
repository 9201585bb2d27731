// What an imaging app does with fhirclient, unchanged: patient, studies with endpoints, one frame over WADO-RS with the same token.
async function run() {
  const client = await FHIR.oauth2.ready();
  const answer = client.state.tokenResponse;
  const patient = await client.patient.read();
  const bundle = await client.request(`ImagingStudy?patient=${client.patient.id}&_include=ImagingStudy:endpoint`);
  const resources = bundle.entry.map(entry => entry.resource);
  const study = resources.find(one => one.resourceType === "ImagingStudy" && one.numberOfInstances > 0);
  const endpoint = resources.find(one => one.resourceType === "Endpoint" && study.endpoint.some(reference => reference.reference === `Endpoint/${one.id}`));
  const uid = study.identifier.find(one => one.system === "urn:dicom:uid").value.replace("urn:oid:", "");
  const [series] = study.series;
  const bearer = { Authorization: `Bearer ${answer.access_token}` };
  const frame = await fetch(`${endpoint.address}/studies/${uid}/series/${series.uid}/instances/${series.instance[0].uid}/frames/1/rendered`,
    { headers: { ...bearer, Accept: "image/png" } });
  const picture = document.getElementById("picture");
  picture.src = URL.createObjectURL(await frame.blob());
  await picture.decode();
  let user = null;
  if (client.user.fhirUser) {
    user = (await client.user.read()).resourceType;
  }
  let refreshed = null;
  if (answer.refresh_token) {
    const before = answer.access_token;
    await client.refresh();
    refreshed = client.state.tokenResponse.access_token !== before && (await client.patient.read()).id === patient.id;
  }
  return {
    patient: patient.id, studies: resources.filter(one => one.resourceType === "ImagingStudy").length, requiresToken: endpoint.extension?.some(one => one.valueBoolean === true) ?? false,
    frame: frame.status, width: picture.naturalWidth, user, refreshed, scope: answer.scope, context: answer.fhirContext ?? null, banner: answer.need_patient_banner ?? null,
  };
}
run().catch(error => ({ error: String(error) })).then(told => fetch("/outcome", { method: "POST", body: JSON.stringify(told) }));
