/** What tests are made of: answers, strokes, files, and a fetch that answers as it is told. */

import { File as NodeFile } from 'node:buffer';

globalThis.File ??= NodeFile; // Node 18 has it, but not as a global

/** A digit that is read without doubt, 20 x 40 pixels at the picture's top left. */
export function digit(changes = {}) {
  const probabilities = Array.from({ length: 10 }, (_, index) => (index === 7 ? 0.98 : 0.001));
  const sure = { digit: 7, runner_up: 1, confidence: 0.98, accepted: true, doubtful: false };
  return { ...sure, probabilities, box: [0, 0, 20, 40], ...changes };
}

/** An answer of these digits, in one row. */
export function answer(...digits) {
  const text = digits.map((one) => (one.accepted ? one.digit : '?')).join('');
  return { text, digits, width: 640, height: 480, model: 'digits-1', elapsed_ms: 2 };
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
