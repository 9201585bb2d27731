// Runs one of the two clients through what an app does; prints what it saw as one line of JSON.
import { createRequire } from 'node:module';

const [library, base, id] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const system = 'urn:peer';

const patient = (further) => ({ resourceType: 'Patient', identifier: [{ system, value: id }], ...further });
const observation = (subject, i) => ({
  resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
  subject: { reference: subject }, valueQuantity: { value: i, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
});
const bundle = (type, entry) => ({ resourceType: 'Bundle', type, entry });
const post = (resource) => ({ resource, request: { method: 'POST', url: resource.resourceType } });

async function kit() {
  const { default: Client } = await import('fhir-kit-client');
  const client = new Client({ baseUrl: base });
  const seen = {};
  seen.fhirVersion = (await client.capabilityStatement()).fhirVersion;
  const created = await client.create({ resourceType: 'Patient', body: patient({ name: [{ family: 'Peer' }] }) });
  seen.created = Boolean(created.id);
  seen.read = (await client.read({ resourceType: 'Patient', id: created.id })).name[0].family;
  seen.vread = (await client.vread({ resourceType: 'Patient', id: created.id, version: '1' })).meta.versionId;
  seen.updated = (await client.update({ resourceType: 'Patient', id: created.id, body: { ...created, active: true } })).meta.versionId;
  const patched = await client.patch({ resourceType: 'Patient', id: created.id, JSONPatch: [{ op: 'add', path: '/gender', value: 'other' }] });
  seen.patched = patched.gender;
  const batch = await client.batch({ body: bundle('batch', Array.from({ length: 25 }, (_, i) => post(observation(`Patient/${created.id}`, i)))) });
  seen.batch = new Set(batch.entry.map((entry) => entry.response.status)).size === 1 && batch.entry[0].response.status;
  seen.transaction = (await client.transaction({ body: bundle('transaction', [post(observation(`Patient/${created.id}`, 99))]) })).type;
  let page = await client.search({ resourceType: 'Observation', searchParams: { patient: created.id, _count: 10, _sort: '-_lastUpdated' } });
  seen.pages = [];
  while (page) {
    seen.pages.push(page.entry?.length ?? 0);
    page = await client.nextPage({ bundle: page });
  }
  seen.posted = (await client.resourceSearch({ resourceType: 'Patient', searchParams: { identifier: `${system}|${id}` }, options: { postSearch: true } })).entry.length;
  seen.compartment = (await client.compartmentSearch({ resourceType: 'Observation', compartment: { resourceType: 'Patient', id: created.id }, searchParams: { _count: 3 } })).entry.length;
  seen.history = (await client.history({ resourceType: 'Patient', id: created.id })).entry.length;
  seen.typeHistory = (await client.history({ resourceType: 'Patient' })).type;
  seen.systemHistory = (await client.history()).type;
  const single = await client.create({ resourceType: 'Observation', body: observation(`Patient/${created.id}`, 7) });
  await client.delete({ resourceType: 'Observation', id: single.id });
  seen.deleted = await client.read({ resourceType: 'Observation', id: single.id }).then(() => 200, (failure) => failure.response.status);
  return seen;
}

async function smart() {
  const FHIR = require('fhirclient');
  const store = new Map();
  const storage = { get: async (key) => store.get(key), set: async (key, value) => (store.set(key, value), value), unset: async (key) => store.delete(key) };
  const client = FHIR({ headers: {} }, {}, storage).client(base);
  const seen = {};
  const created = await client.create(patient({ name: [{ family: 'Peer' }] }));
  seen.created = Boolean(created.id);
  seen.read = (await client.request(`Patient/${created.id}`)).name[0].family;
  seen.updated = (await client.update({ ...created, active: true })).meta.versionId;
  seen.patched = (await client.patch(`Patient/${created.id}`, [{ op: 'add', path: '/gender', value: 'other' }])).gender;
  const entries = Array.from({ length: 25 }, (_, i) => post(observation(`Patient/${created.id}`, i)));
  seen.batch = (await client.request({ url: '', method: 'POST', body: JSON.stringify(bundle('batch', entries)), headers: { 'content-type': 'application/fhir+json' } })).entry.length;
  seen.all = (await client.request(`Observation?patient=${created.id}&_count=10`, { pageLimit: 0, flat: true })).length;
  const resolved = await client.request(`Observation?patient=${created.id}&_count=1`, { resolveReferences: 'subject', flat: true, pageLimit: 1 });
  seen.resolved = resolved[0].subject.name?.[0].family;
  seen.history = (await client.request(`Patient/${created.id}/_history`)).entry.length;
  const single = await client.create(observation(`Patient/${created.id}`, 7));
  await client.delete(`Observation/${single.id}`);
  seen.deleted = await client.request(`Observation/${single.id}`).then(() => 200, (failure) => failure.status ?? failure.statusCode ?? String(failure));
  return seen;
}

console.log(JSON.stringify(await (library === 'fhirclient' ? smart() : kit())));
