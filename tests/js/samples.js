/** What tests are made of: answers, strokes, files, and a fetch that answers as it is told. */

import { File as NodeFile } from 'node:buffer';
import { inflateSync } from 'node:zlib';

globalThis.File ??= NodeFile; // Node 18 has it, but not as a global

/** A digit that is read without doubt, 20 x 40 pixels at the picture's top left. */
export function digit(changes = {}) {
  const probabilities = Array.from({ length: 10 }, (_, index) => (index === 7 ? 0.98 : 0.001));
  const alternatives = [
    { text: '7', probability: 0.98 },
    { text: '1', probability: 0.001 },
  ];
  const sure = { text: '7', confidence: 0.98, doubtful: false, alternatives, row: 0, number: 0 };
  return { ...sure, probabilities, box: [0, 0, 20, 40], ...changes };
}

/** A mark that is not read. */
export function unreadMark(changes = {}) {
  return digit({ text: '?', confidence: 0.9, ...changes });
}

/** An answer of these symbols. */
export function answer(...symbols) {
  const text = symbols.map((one) => one.text).join('');
  const doubt = symbols.some((one) => one.doubtful || one.text === '?');
  const all = { text, doubt, symbols, numbers: [], left_out: [], turned: 0 };
  return { ...all, width: 640, height: 480, model: 'digits-2', elapsed_ms: 2 };
}

/** A stroke through these places, with even pressure. */
export function stroke(...places) {
  return { width: 10, points: places.map(([x, y], index) => ({ x, y, t: 8 * index, pressure: 0.5 })) };
}

/** A promise with its ends outside. */
export function deferred() {
  const ends = {};
  const promise = new Promise((resolve, reject) => Object.assign(ends, { resolve, reject }));
  return { promise, ...ends };
}

/** Lets everything run that waits for nothing but its turn. */
export function turns() {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Replaces `fetch` until the test has ended.
 * @returns the requests, as they were sent
 */
export function answerFetch(context, reply) {
  const requests = [];
  context.mock.method(globalThis, 'fetch', async (path, options) => {
    requests.push({ path, ...options });
    return reply(path, options);
  });
  return requests;
}

export function json(body, init) {
  return new Response(JSON.stringify(body), init);
}

/**
 * A grey PNG's size and pixels. Node's own zlib holds its checksum and form to the standard.
 * @param {ArrayBuffer} file
 */
export function unpacked(file) {
  const view = new DataView(file);
  const [width, height, length] = [16, 20, 33].map((place) => view.getUint32(place));
  const rows = inflateSync(new Uint8Array(file, 41, length));
  const grey = rows.filter((_, place) => place % (width + 1) > 0);
  return { width, height, grey, filters: rows.filter((_, place) => place % (width + 1) === 0) };
}
