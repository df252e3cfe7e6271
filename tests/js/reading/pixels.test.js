import assert from 'node:assert/strict';
import { test } from 'node:test';

import { paintInput, toRgba } from '../../../digitapp/web/static/reading/pixels.js';

test('grey becomes opaque pixels of the same grey', () => {
  const rgba = toRgba(Buffer.from([0, 200, 255]).toString('base64'));
  assert.deepEqual([...rgba], [0, 0, 0, 255, 200, 200, 200, 255, 255, 255, 255, 255]);
});

test('28 x 28 pixels are painted; without an input the canvas is emptied', () => {
  const calls = [];
  globalThis.ImageData = class {
    constructor(data, width, height) {
      Object.assign(this, { data, width, height });
    }
  };
  const context = { clearRect: (...box) => calls.push(box), putImageData: (image) => calls.push(image) };
  const canvas = { getContext: () => context };
  paintInput(canvas, Buffer.alloc(784, 9).toString('base64'));
  const [cleared, { data, width, height }] = calls.splice(0);
  assert.deepEqual([cleared, data.length, width, height], [[0, 0, 28, 28], 4 * 784, 28, 28]);
  paintInput(canvas);
  assert.deepEqual(calls, [[0, 0, 28, 28]]);
});
