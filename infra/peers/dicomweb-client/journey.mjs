// Stores, searches and retrieves with dicomweb-client as it is, and prints what came of it as JSON.
// node journey.mjs <DICOMweb base> <folder of .dcm files of one series>
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import './browser.mjs';

const { api } = createRequire(import.meta.url)('dicomweb-client');
const [url, folder] = process.argv.slice(2);
const client = new api.DICOMwebClient({ url });

const files = fs.readdirSync(folder).filter(name => name.endsWith('.dcm')).sort().map(name => {
  const bytes = fs.readFileSync(path.join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
});
const value = (dataset, tag) => dataset[tag].Value[0];

const stored = JSON.parse(await client.storeInstances({ datasets: files }));
const studyInstanceUID = process.argv[4] ?? stored['00081190'].Value[0].split('/').pop();
const studies = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID, limit: 101, offset: 0, fuzzymatching: false, includefield: '00081030,00080060' } });
const series = await client.searchForSeries({ studyInstanceUID });
const seriesInstanceUID = value(series[0], '0020000E');
const instances = await client.searchForInstances({ studyInstanceUID, seriesInstanceUID });
const sopInstanceUID = value(instances[0], '00080018');
const one = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };

const metadata = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
const instanceMetadata = await client.retrieveInstanceMetadata(one);
const instance = await client.retrieveInstance(one);
const study = await client.retrieveStudy({ studyInstanceUID });
const frames = await client.retrieveInstanceFrames({ ...one, frameNumbers: [1, 2] });
const bulkdata = await client.retrieveBulkData({ BulkDataURI: instanceMetadata[0]['7FE00010'].BulkDataURI });
const unknown = await client.retrieveInstanceMetadata({ ...one, sopInstanceUID: '1.2.3' }).then(() => 200, failure => failure.status);

console.log(JSON.stringify({
  stored: stored['00081199'].Value.length,
  studies: studies.map(row => value(row, '0020000D')),
  series: series.map(row => value(row, '0020000E')),
  instances: instances.map(row => value(row, '00080018')),
  metadata: metadata.length,
  instanceMetadata: value(instanceMetadata[0], '00080018'),
  instanceEqual: files.some(file => Buffer.from(file).equals(Buffer.from(instance))),
  studyParts: study.length,
  frames: frames.map(frame => frame.byteLength),
  frameSyntax: frames[0].transferSyntaxUID ?? null,
  bulkdata: bulkdata[0].byteLength,
  unknown,
}));
