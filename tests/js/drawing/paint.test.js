import assert from 'node:assert/strict';
import { test } from 'node:test';

import { paint, toPicture } from '../../../digitapp/web/static/drawing/paint.js';
import { stroke, unpacked } from '../samples.js';

/** A context that records what is drawn, each stroke with its style at that time. */
function recorder() {
  const calls = [];
  const record = (name) => (...values) => calls.push([name, ...values]);
  const context = {
    calls,
    fillRect: (...box) => calls.push(['fillRect', context.fillStyle, ...box]),
    stroke: () => calls.push(['stroke', context.strokeStyle, context.lineWidth]),
  };
  for (const name of ['beginPath', 'moveTo', 'quadraticCurveTo']) context[name] = record(name);
  return context;
}

function names({ calls }) {
  return calls.map(([name]) => name);
}

test('a stroke of even pressure is one path', () => {
  const context = recorder();
  paint(context, [stroke([0, 0], [10, 0], [20, 0], [30, 0])], '#123456');
  assert.deepEqual(context.calls, [
    ['beginPath'],
    ['moveTo', 0, 0],
    ['quadraticCurveTo', 10, 0, 15, 0],
    ['quadraticCurveTo', 20, 0, 30, 0],
    ['stroke', '#123456', 10],
  ]);
  assert.deepEqual([context.lineCap, context.lineJoin], ['round', 'round']);
});

test('another pressure begins another path where the last one ended', () => {
  const context = recorder();
  const line = stroke([0, 0], [10, 0], [20, 0], [30, 0]);
  line.points[2].pressure = 1;
  paint(context, [line], '#000');
  const strokes = context.calls.filter(([name]) => name === 'stroke').map(([, , width]) => width);
  const starts = context.calls.filter(([name]) => name === 'moveTo').map(([, x]) => x);
  assert.deepEqual([strokes, starts], [[10, 14], [0, 15]]);
});

test('a stroke without points paints nothing, and each other one has its path', () => {
  const context = recorder();
  paint(context, [stroke(), stroke([0, 0]), stroke([5, 5])], '#000');
  assert.equal(names(context).filter((name) => name === 'stroke').length, 2);
});

/** A canvas of which every pixel has the same red, and other colours. */
function fakeCanvas(context, red = 0) {
  const canvas = { width: 300, height: 150, getContext: () => context };
  if (context) {
    context.getImageData = (x, y, width, height) => {
      assert.deepEqual([x, y, width, height], [0, 0, canvas.width, canvas.height]);
      const data = new Uint8ClampedArray(4 * width * height).fill(9);
      for (let pixel = 0; pixel < data.length; pixel += 4) data[pixel] = red;
      return { data };
    };
  }
  return canvas;
}

test('the picture is black on white, one pixel a unit of the sheet', async () => {
  const context = recorder();
  const picture = await toPicture([stroke([0, 0], [9, 0])], fakeCanvas(context, 200));
  const { width, height, grey } = unpacked(await picture.arrayBuffer());
  assert.deepEqual([width, height], [640, 480]);
  assert.ok(grey.every((value) => value === 200));
  assert.equal(picture.type, 'image/png');
  assert.deepEqual(context.calls[0], ['fillRect', '#fff', 0, 0, 640, 480]);
  assert.deepEqual(context.calls.at(-1), ['stroke', '#000', 10]);
});

test('a browser that does not draw is told of', async () => {
  await assert.rejects(toPicture([], fakeCanvas(null)), /does not draw/);
});
