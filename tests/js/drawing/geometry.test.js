import assert from 'node:assert/strict';
import { test } from 'node:test';

import { curves, distance, pixelSize, toSheet, widthAt } from '../../../digitapp/web/static/drawing/geometry.js';
import { stroke } from '../samples.js';

test('a place on the screen is the same place on the sheet, whatever its size', () => {
  const small = { left: 100, top: 50, width: 320, height: 240 };
  assert.deepEqual(toSheet({ clientX: 100, clientY: 50 }, small), { x: 0, y: 0 });
  assert.deepEqual(toSheet({ clientX: 420, clientY: 290 }, small), { x: 640, y: 480 });
  const large = { left: 0, top: -20, width: 1280, height: 960 };
  assert.deepEqual(toSheet({ clientX: 640, clientY: 460 }, large), { x: 320, y: 240 });
});

test('the canvas has the pixels of the screen, in whole numbers', () => {
  assert.deepEqual(pixelSize({ width: 333.4, height: 250.1 }, 1), { width: 333, height: 250 });
  assert.deepEqual(pixelSize({ width: 333.4, height: 250.1 }, 2.5), { width: 834, height: 625 });
});

test('distances are straight', () => {
  assert.equal(distance({ x: 1, y: 1 }, { x: 4, y: 5 }), 5);
});

test('curves start and end where the stroke does and hang together', () => {
  const line = stroke([0, 0], [10, 0], [10, 10], [0, 10]);
  const found = curves(line);
  assert.deepEqual(found[0].from, line.points[0]);
  assert.deepEqual(found.at(-1).to, { x: 0, y: 10 });
  found.slice(1).forEach(({ from }, index) => assert.equal(from, found[index].to));
  assert.deepEqual(found[0].to, { x: 10, y: 5 }); // the middle of its two bends
});

test('a curve bends towards each point between the ends', () => {
  const controls = curves(stroke([0, 0], [10, 0], [10, 10], [0, 10])).map(({ control: { x, y } }) => [x, y]);
  assert.deepEqual(controls, [[10, 0], [10, 10]]);
});

test('a tap is a dot, which a canvas draws only if it has a length', () => {
  const [{ to, width }] = curves(stroke([3, 4]));
  assert.ok(to.x > 3 && to.x < 3.1);
  assert.deepEqual([to.y, width], [4, 10]);
});

test('two points make one line, and none make nothing', () => {
  assert.equal(curves(stroke([0, 0], [9, 0])).length, 1);
  assert.deepEqual(curves(stroke()), []);
});

test('pressure widens, within bounds', () => {
  const widths = [-1, 0, 0.5, 1, 7].map((pressure) => Math.round(widthAt(100, pressure)));
  assert.deepEqual(widths, [60, 60, 100, 140, 140]);
});

test('each curve is as wide as its point was pressed', () => {
  const line = stroke([0, 0], [10, 0], [20, 0], [30, 0]);
  line.points[1].pressure = 0;
  line.points[2].pressure = 1;
  assert.deepEqual(curves(line).map(({ width }) => width), [6, 14]);
});
