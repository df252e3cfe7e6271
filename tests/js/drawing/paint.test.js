import assert from 'node:assert/strict';
import { test } from 'node:test';

import { paint, toPicture } from '../../../digitapp/web/static/drawing/paint.js';
import { stroke } from '../samples.js';

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

/** A canvas whose PNG file names its size. */
function fakeCanvas(context, toBlob) {
  return { width: 300, height: 150, getContext: () => context, toBlob };
}

test('the picture is black on white, one pixel a unit of the sheet', async () => {
  const context = recorder();
  const canvas = fakeCanvas(context, (done, type) => {
    done(new Blob([`${canvas.width} x ${canvas.height}`], { type }));
  });
  const picture = await toPicture([stroke([0, 0], [9, 0])], canvas);
  assert.equal(await picture.text(), '640 x 480');
  assert.equal(picture.type, 'image/png');
  assert.deepEqual(context.calls[0], ['fillRect', '#fff', 0, 0, 640, 480]);
  assert.deepEqual(context.calls.at(-1), ['stroke', '#000', 10]);
});

test('a browser that makes no picture is told of', async () => {
  await assert.rejects(toPicture([], fakeCanvas(recorder(), (done) => done(null))), /made no picture/);
  await assert.rejects(toPicture([], fakeCanvas(null)), /does not draw/);
});
