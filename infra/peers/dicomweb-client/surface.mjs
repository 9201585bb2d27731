// Calls everything dicomweb-client has, with each kind of media type it knows, and prints what came of it as JSON.
// node surface.mjs <DICOMweb base> <study> <series> <native instance of several frames> <JPEG 2000 instance> <PDF instance>
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import './browser.mjs';

const { api } = createRequire(import.meta.url)('dicomweb-client');
const [url, studyInstanceUID, seriesInstanceUID, native, compressed, document] = process.argv.slice(2);
const client = new api.DICOMwebClient({ url, verbose: false });
const single = new api.DICOMwebClient({ url, verbose: false, singlepart: true });
const at = sopInstanceUID => ({ studyInstanceUID, seriesInstanceUID, sopInstanceUID });

const told = {};
/** What a call gave: how many parts, their lengths, digests and beginnings; or its status when it failed. */
async function call(name, ask) {
  try {
    const answer = await ask();
    const parts = Array.isArray(answer) ? answer : [answer];
    told[name] = parts[0] instanceof ArrayBuffer || ArrayBuffer.isView(parts[0])
      ? parts.map(part => {
        const bytes = Buffer.from(part.buffer ?? part, part.byteOffset ?? 0, part.byteLength);
        return { length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), begin: bytes.subarray(0, 12).toString('latin1'), syntax: part.transferSyntaxUID ?? null, type: part.contentType ?? null };
      })
      : { count: parts.length, first: typeof parts[0] === 'string' ? parts[0].slice(0, 200) : parts[0] };
  } catch (failure) {
    told[name] = { status: failure.status ?? null, message: failure.status ? null : String(failure.stack) };
  }
}

await call('searchForStudies', () => client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID } }));
await call('searchForSeries', () => client.searchForSeries({ studyInstanceUID, queryParams: { Modality: 'OT' } }));
await call('searchForAllSeries', () => client.searchForSeries({ queryParams: { SeriesInstanceUID: seriesInstanceUID } }));
await call('searchForInstances', () => client.searchForInstances({ studyInstanceUID, seriesInstanceUID, queryParams: { InstanceNumber: 1 } }));
await call('searchForInstancesOfStudy', () => client.searchForInstances({ studyInstanceUID }));
await call('searchForAllInstances', () => client.searchForInstances({ queryParams: { SOPInstanceUID: native } }));
await call('retrieveStudyMetadata', () => client.retrieveStudyMetadata({ studyInstanceUID }));
await call('retrieveSeriesMetadata', () => client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID }));
await call('retrieveInstanceMetadata', () => client.retrieveInstanceMetadata(at(native)));
await call('retrieveStudy', () => client.retrieveStudy({ studyInstanceUID }));
await call('retrieveSeries', () => client.retrieveSeries({ studyInstanceUID, seriesInstanceUID }));
await call('retrieveInstance', () => client.retrieveInstance(at(native)));
// (Media types of whole instances it refuses by itself: it compares "application/" with "application/dicom".)
await call('frames', () => client.retrieveInstanceFrames({ ...at(native), frameNumbers: [1, 3] }));
await call('framesAnySyntax', () => client.retrieveInstanceFrames({ ...at(compressed), frameNumbers: [1], mediaTypes: [{ mediaType: 'application/octet-stream', transferSyntaxUID: '*' }] }));
await call('framesExplicit', () => client.retrieveInstanceFrames({ ...at(compressed), frameNumbers: [1], mediaTypes: [{ mediaType: 'application/octet-stream', transferSyntaxUID: '1.2.840.10008.1.2.1' }] }));
await call('framesJp2', () => client.retrieveInstanceFrames({ ...at(compressed), frameNumbers: [1], mediaTypes: [{ mediaType: 'image/jp2', transferSyntaxUID: '1.2.840.10008.1.2.4.90' }] }));
await call('framesEither', () => client.retrieveInstanceFrames({ ...at(compressed), frameNumbers: [1], mediaTypes: [
  { mediaType: 'image/jls', transferSyntaxUID: '1.2.840.10008.1.2.4.81' }, { mediaType: 'image/jp2', transferSyntaxUID: '1.2.840.10008.1.2.4.90' },
  { mediaType: 'application/octet-stream', transferSyntaxUID: '1.2.840.10008.1.2.1' }] }));
await call('framesThatAreNotThere', () => client.retrieveInstanceFrames({ ...at(native), frameNumbers: [99] }));
await call('rendered', () => client.retrieveInstanceRendered(at(native)));
await call('renderedPng', () => client.retrieveInstanceRendered({ ...at(compressed), mediaTypes: [{ mediaType: 'image/png' }], queryParams: { viewport: '64,64', window: '2000,4000,linear' } }));
await call('renderedDocument', () => client.retrieveInstanceRendered(at(document)));
await call('framesRendered', () => client.retrieveInstanceFramesRendered({ ...at(native), frameNumbers: [2], mediaTypes: [{ mediaType: 'image/jpeg' }], queryParams: { quality: 50 } }));
await call('thumbnail', () => client.retrieveInstanceThumbnail({ ...at(native), queryParams: { viewport: '32,32' } }));
await call('framesThumbnail', () => client.retrieveInstanceFramesThumbnail({ ...at(native), frameNumbers: [1], mediaTypes: [{ mediaType: 'image/png' }] }));

const [nativeMetadata] = await client.retrieveInstanceMetadata(at(native));
const [documentMetadata] = await client.retrieveInstanceMetadata(at(document));
const BulkDataURI = nativeMetadata['7FE00010'].BulkDataURI;
const pdf = documentMetadata['00420011'].BulkDataURI;
await call('bulkdata', () => client.retrieveBulkData({ BulkDataURI }));
await call('bulkdataSinglePart', () => single.retrieveBulkData({ BulkDataURI }));
await call('bulkdataRange', () => single.retrieveBulkData({ BulkDataURI, headers: { Range: 'bytes=2-5' } }));
await call('pdf', () => client.retrieveBulkData({ BulkDataURI: pdf, mediaTypes: [{ mediaType: 'application/pdf' }, { mediaType: 'application/octet-stream' }] }));
await call('pdfSinglePart', () => single.retrieveBulkData({ BulkDataURI: pdf, headers: { Accept: 'application/pdf' } }));

const get = async address => {
  const answer = await fetch(address);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, type: answer.headers.get('content-type'), length: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
told.wadoUri = await get(client.buildInstanceWadoURIUrl(at(native)));
told.wadoUriPicture = await get(client.buildInstanceWadoURIUrl({ ...at(native), contentType: 'image/jpeg' }));

let progress = 0;
const again = await client.retrieveInstance({ ...at(native), request: { progressCallback: event => { progress = event.loaded; } } });
told.stored = JSON.parse(await client.storeInstances({ datasets: [again.buffer ?? again], studyInstanceUID }));
told.progress = progress > 0;
told.elsewhere = await client.storeInstances({ datasets: [again.buffer ?? again], studyInstanceUID: '1.2.3.4' }).then(text => 200, failure => failure.status);
console.log(JSON.stringify(told));
