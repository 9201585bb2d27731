// Begins a launch as the query says: client, scope, iss, and launch for an EHR launch.
const query = new URLSearchParams(location.search);
FHIR.oauth2.authorize({
  clientId: query.get("client"), scope: query.get("scope"), redirectUri: "index.html", pkceMode: "required",
  ...(query.has("launch") ? { iss: query.get("iss"), launch: query.get("launch") } : { iss: query.get("iss") }),
}).catch(error => fetch("/outcome", { method: "POST", body: JSON.stringify({ error: String(error) }) }));
