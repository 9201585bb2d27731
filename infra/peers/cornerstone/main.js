// Opens every study it is told of with Cornerstone3D and dicomweb-client as a viewer would: list, series, metadata, frames. What came of
// it goes to the server this page is from, as JSON.
// index.html?base=<DICOMweb base>&study=<UID>&study=<UID>…
import { init as initCore, RenderingEngine, Enums, imageLoader } from '@cornerstonejs/core';
import { init as initLoader, wadors } from '@cornerstonejs/dicom-image-loader';
import { api } from 'dicomweb-client';

const asked = new URLSearchParams(location.search);
const base = asked.get('base');
const client = new api.DICOMwebClient({ url: base });
const value = (dataset, tag) => dataset[tag]?.Value?.[0];

async function digest(bytes) {
  const hash = await crypto.subtle.digest('SHA-256', bytes);
  return [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

function figure(title) {
  const whole = document.body.appendChild(document.createElement('figure'));
  const element = whole.appendChild(document.createElement('div'));
  whole.appendChild(document.createElement('figcaption')).textContent = title;
  return element;
}

/** What a document says of itself in its first bytes, after it was fetched as OHIF does. */
async function openDocument(dataset) {
  const address = dataset['00420011'].BulkDataURI;
  const bulk = await client.retrieveBulkData({
    BulkDataURI: address, multipart: false,
    mediaTypes: [{ mediaType: 'application/pdf' }, { mediaType: 'application/octet-stream' }],
  });
  const bytes = new Uint8Array(bulk.buffer ?? bulk[0] ?? bulk);
  const embed = document.createElement('embed');
  embed.type = 'application/pdf';
  embed.src = URL.createObjectURL(new Blob([bytes], { type: 'application/pdf' }));
  figure('PDF').replaceWith(embed);
  return { length: bytes.length, begin: new TextDecoder('latin1').decode(bytes.subarray(0, 5)), end: new TextDecoder('latin1').decode(bytes.subarray(-8)) };
}

async function openImages(engine, datasets, title) {
  const imageIds = datasets.flatMap(dataset => {
    const frames = value(dataset, '00280008') ?? 1;
    const instance = `${base}/studies/${value(dataset, '0020000D')}/series/${value(dataset, '0020000E')}/instances/${value(dataset, '00080018')}`;
    return Array.from({ length: frames }, (_, i) => {
      const imageId = `wadors:${instance}/frames/${i + 1}`;
      wadors.metaDataManager.add(imageId, dataset);
      return imageId;
    });
  });
  const viewportId = `viewport-${title}`;
  engine.enableElement({ viewportId, type: Enums.ViewportType.STACK, element: figure(title), defaultOptions: { background: [0, 0, 0] } });
  const viewport = engine.getViewport(viewportId);
  const middle = Math.floor(imageIds.length / 2);
  await viewport.setStack(imageIds, middle);
  viewport.render();
  const images = [];
  for (const imageId of [...new Set([imageIds[0], imageIds[middle], imageIds.at(-1)])]) {
    const image = await imageLoader.loadAndCacheImage(imageId);
    const pixels = image.getPixelData();
    let [low, high] = [Infinity, -Infinity];
    for (const pixel of pixels) {
      low = Math.min(low, pixel);
      high = Math.max(high, pixel);
    }
    images.push({
      imageId, rows: image.rows, columns: image.columns, syntax: image.transferSyntaxUID ?? null, low, high, type: pixels.constructor.name, length: pixels.length,
      digest: await digest(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)),
    });
  }
  // The canvas of the viewport has been drawn when an animation frame or two have passed.
  await new Promise(done => setTimeout(done, 500));
  const canvas = viewport.canvas;
  const drawn = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const greys = new Set();
  for (let i = 0; i < drawn.length; i += 4) {
    greys.add(drawn[i] << 16 | drawn[i + 1] << 8 | drawn[i + 2]);
  }
  return { count: imageIds.length, images, shades: greys.size, picture: canvas.toDataURL('image/png') };
}

async function openStudy(engine, studyInstanceUID) {
  const [study] = await client.searchForStudies({ queryParams: { StudyInstanceUID: studyInstanceUID, limit: 101, offset: 0, fuzzymatching: false, includefield: '00081030,00080060,00080090,00100030' } });
  const rows = await client.searchForSeries({ studyInstanceUID, queryParams: { includefield: '00080021,00080031,0008103E,00200011' } });
  const series = [];
  for (const row of rows) {
    const seriesInstanceUID = value(row, '0020000E');
    const datasets = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
    datasets.sort((a, b) => (value(a, '00200013') ?? 0) - (value(b, '00200013') ?? 0));
    const modality = value(row, '00080060');
    series.push({
      seriesInstanceUID, modality, instances: datasets.length,
      ...(datasets[0]['00420011'] ? { document: await openDocument(datasets[0]) } : await openImages(engine, datasets, `${modality} ${value(row, '0008103E') ?? seriesInstanceUID}`)),
    });
  }
  return { studyInstanceUID, description: value(study, '00081030') ?? null, modalities: study['00080061']?.Value ?? [], instances: value(study, '00201208'), series };
}

async function run() {
  initCore({ rendering: { useCPURendering: true } });
  initLoader({ maxWebWorkers: 1 });
  const engine = new RenderingEngine('peer');
  const studies = [];
  for (const uid of asked.getAll('study')) {
    studies.push(await openStudy(engine, uid));
  }
  return { studies };
}

window.begun = true;
const outcome = await run().catch(failure => ({ failure: String(failure?.stack ?? JSON.stringify(failure)) }));
await fetch('/outcome', { method: 'POST', body: JSON.stringify({ ...outcome, failures: window.failures ?? [] }) });
document.title = 'done';
