// A SMART app in one file: launch, token, FHIR search, WADO-RS. https://hl7.org/fhir/smart-app-launch/app-launch.html
const clientId = "demo-app";
const redirectUri = new URL("/app/", location.href).href;
const scopes = "openid fhirUser patient/Patient.r patient/ImagingStudy.rs";
const $ = id => document.getElementById(id);
const say = text => { $("message").textContent = text; };

const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

let session = null;

async function discover(iss) {
  if (new URL(iss, location.href).origin !== location.origin) {
    throw new Error("This app speaks only with the server it came from.");
  }
  const answer = await fetch(iss.replace(/\/$/, "") + "/.well-known/smart-configuration", { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error("The server does not offer SMART sign-in: it runs in open mode.");
  }
  return answer.json();
}

async function signIn(iss, launch) {
  const configuration = await discover(iss);
  const state = random(), verifier = random();
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
  sessionStorage.setItem(state, JSON.stringify({ iss, verifier }));
  location.assign(configuration.authorization_endpoint + "?" + new URLSearchParams({
    response_type: "code", client_id: clientId, redirect_uri: redirectUri, state, aud: iss,
    scope: (launch ? "launch " : "launch/patient ") + scopes, code_challenge: challenge, code_challenge_method: "S256",
    ...(launch ? { launch } : {}),
  }));
}

async function exchange(code, state) {
  const kept = JSON.parse(sessionStorage.getItem(state) ?? "null");
  sessionStorage.removeItem(state);
  if (!kept) {
    throw new Error("This sign-in did not begin here. Please try again.");
  }
  const configuration = await discover(kept.iss);
  const answer = await fetch(configuration.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: redirectUri, client_id: clientId, code_verifier: kept.verifier }),
  });
  const token = await answer.json();
  if (!answer.ok) {
    throw new Error(token.error_description ?? token.error ?? "The sign-in failed.");
  }
  session = { iss: kept.iss, token, revocation: configuration.revocation_endpoint };
}

async function get(address, accept) {
  const answer = await fetch(address, { headers: { Authorization: "Bearer " + session.token.access_token, Accept: accept } });
  if (answer.status === 503) {
    await new Promise(done => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
    return get(address, accept);
  }
  if (answer.status === 401) {
    throw new Error("The access of this app has ended. Please sign in again.");
  }
  if (!answer.ok) {
    throw new Error("The server answered " + answer.status + ".");
  }
  return answer;
}

const nameOf = patient => [...(patient.name?.[0]?.given ?? []), patient.name?.[0]?.family].filter(Boolean).join(" ") || "Patient " + patient.id;
const uidOf = study => study.identifier?.find(one => one.system === "urn:dicom:uid")?.value?.replace("urn:oid:", "");

function endpointOf(study, bundle) {
  const all = new Map(bundle.entry.filter(one => one.resource.resourceType === "Endpoint").map(one => ["Endpoint/" + one.resource.id, one.resource]));
  return study.endpoint?.map(one => all.get(one.reference)).find(one => one?.connectionType?.code === "dicom-wado-rs")?.address;
}

async function showRecord() {
  const id = session.token.patient;
  const patient = await (await get(`${session.iss}/Patient/${id}`, "application/fhir+json")).json();
  $("who").textContent = "Record of " + nameOf(patient);
  $("who").hidden = false;
  $("sign-out").hidden = false;
  const studies = [];
  let next = `${session.iss}/ImagingStudy?patient=${id}&_sort=-started&_include=ImagingStudy:endpoint`;
  while (next) {
    const bundle = await (await get(next, "application/fhir+json")).json();
    for (const { resource, search } of bundle.entry ?? []) {
      if (search?.mode === "match") {
        studies.push({ study: resource, address: endpointOf(resource, bundle) });
      }
    }
    next = bundle.link?.find(one => one.relation === "next")?.url;
  }
  say(studies.length === 0 ? "There are no studies this app may see." : "");
  $("record").hidden = false;
  $("studies").replaceChildren(...studies.map(one => item(one)));
  const wanted = session.token.fhirContext?.find(one => one.reference?.startsWith("ImagingStudy/"))?.reference;
  const launched = studies.find(one => "ImagingStudy/" + one.study.id === wanted);
  if (launched) {
    await showStudy(launched);
  }
}

function item(one) {
  const { study } = one;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.study = study.id;
  button.textContent = [study.started?.slice(0, 10), study.modality?.map(code => code.code).join(", "), study.description, `${study.numberOfInstances ?? 0} pictures`]
    .filter(Boolean).join(" · ");
  button.addEventListener("click", () => showStudy(one).catch(fail));
  const li = document.createElement("li");
  li.append(button);
  return li;
}

async function showStudy({ study, address }) {
  for (const button of $("studies").querySelectorAll("button")) {
    button.setAttribute("aria-current", String(button.dataset.study === study.id));
  }
  const series = (study.series ?? []).filter(one => one.instance?.length);
  $("viewer").hidden = series.length === 0;
  if (series.length === 0 || !address) {
    say("This study has no pictures here.");
    return;
  }
  $("study-title").textContent = study.description ?? "Study of " + (study.started?.slice(0, 10) ?? "unknown date");
  $("series").replaceChildren(...series.map((one, index) => new Option(
    [one.number, one.modality?.code, one.description, `${one.instance.length} pictures`].filter(Boolean).join(" · "), String(index))));
  const open = async () => {
    const chosen = series[Number($("series").value)];
    const instances = [...chosen.instance].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
    const position = $("position");
    position.max = String(instances.length - 1);
    position.value = String(instances.length >> 1);
    $("slider").hidden = instances.length === 1;
    const show = () => showPicture(`${address}/studies/${uidOf(study)}/series/${chosen.uid}/instances/`, instances, Number(position.value));
    position.oninput = () => show().catch(fail);
    await show();
  };
  $("series").onchange = () => open().catch(fail);
  await open();
  $("study-title").focus();
}

let asked = 0;

async function showPicture(folder, instances, at) {
  const mine = ++asked;
  const answer = await get(`${folder}${instances[at].uid}/rendered`, "image/jpeg");
  const url = URL.createObjectURL(await answer.blob());
  if (mine !== asked) {
    URL.revokeObjectURL(url);
    return;
  }
  const picture = $("picture");
  picture.onload = () => URL.revokeObjectURL(url);
  picture.src = url;
  picture.alt = `Picture ${at + 1} of ${instances.length}`;
  $("caption").textContent = picture.alt;
  say("");
}

async function signOut() {
  await fetch(session.revocation, { method: "POST", body: new URLSearchParams({ token: session.token.access_token, client_id: clientId }) });
  location.assign(redirectUri);
}

function fail(error) {
  say(error.message);
  $("sign-in").hidden = session !== null;
}

async function start() {
  const query = new URLSearchParams(location.search);
  const iss = query.get("iss") ?? new URL("/fhir", location.href).href;
  $("sign-in").addEventListener("click", () => signIn(iss, null).catch(fail));
  $("sign-out").addEventListener("click", () => signOut().catch(fail));
  if (location.pathname.endsWith("/launch")) {
    await signIn(iss, query.get("launch"));
    return;
  }
  if (query.has("error")) {
    throw new Error(query.get("error") === "access_denied" ? "You did not allow this app to see anything." : query.get("error_description") ?? query.get("error"));
  }
  if (query.has("code")) {
    history.replaceState(null, "", "/app/");
    await exchange(query.get("code"), query.get("state"));
    await showRecord();
    return;
  }
  say("Sign in to see your studies.");
  $("sign-in").hidden = false;
}

start().catch(fail);
