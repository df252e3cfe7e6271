import assert from 'node:assert/strict';
import { test } from 'node:test';

import { symbolAt, frameAround, labelOver, marginOf } from '../../../digitapp/web/static/reading/boxes.js';
import { answer, digit } from '../samples.js';

function boxed(...boxes) {
  return answer(...boxes.map((box) => digit({ box })));
}

test('the margin is an eightieth of the picture, but less around small digits', () => {
  assert.equal(marginOf(boxed([0, 0, 90, 200])), 8); // 640 / 80
  assert.equal(marginOf(boxed([0, 0, 9, 24], [0, 0, 9, 400], [0, 0, 9, 16])), 3); // 24 / 8, the median
});

test('a frame has the margin on all sides', () => {
  assert.deepEqual(frameAround([10, 20, 30, 40], 5), { x: 5, y: 15, width: 40, height: 50 });
});

test('a label stands over its frame, and never outside the picture', () => {
  assert.deepEqual(labelOver([100, 200, 30, 40], 5), { x: 95, y: 192, size: 15 });
  assert.deepEqual(labelOver([2, 1, 30, 40], 5), { x: 0, y: 12, size: 15 });
});

test('the symbol at a spot is the one whose box holds it', () => {
  const two = boxed([0, 0, 10, 20], [20, 0, 10, 20]);
  assert.equal(symbolAt(two, { x: 25, y: 10 }), 1);
  assert.equal(symbolAt(two, { x: 0, y: 0 }), 0);
  assert.equal(symbolAt(two, { x: 10, y: 10 }), -1); // a box ends before its far edge
  assert.equal(symbolAt(two, { x: 5, y: 20 }), -1);
  assert.equal(symbolAt(answer(), { x: 5, y: 5 }), -1);
});

test('where boxes overlap, the nearest middle counts', () => {
  const two = boxed([0, 0, 40, 20], [20, 0, 40, 20]);
  assert.equal(symbolAt(two, { x: 29, y: 10 }), 0);
  assert.equal(symbolAt(two, { x: 31, y: 10 }), 1);
});
