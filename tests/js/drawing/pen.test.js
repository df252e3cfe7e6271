import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Pen } from '../../../digitapp/web/static/drawing/pen.js';

/** The sheet at half its size. */
const FRAME = { left: 10, top: 20, width: 320, height: 240 };

/** An event of a pointer at a place of the window, the left button down. */
function at(clientX, clientY, changes = {}) {
  const pointer = { pointerId: 1, pointerType: 'mouse', button: 0, buttons: 1, pressure: 0.5, timeStamp: 5000 };
  return { ...pointer, clientX, clientY, ...changes };
}

const FINGER = { pointerType: 'touch', pointerId: 7 };
const STYLUS = { pointerType: 'pen', pointerId: 9 };

test('a stroke has the sheet’s units, and its time starts at zero', () => {
  const pen = new Pen();
  assert.equal(pen.begin(at(10, 20), FRAME), true);
  pen.move(at(170, 140, { timeStamp: 5016 }), FRAME);
  assert.deepEqual(pen.end(), {
    width: 18,
    points: [{ x: 0, y: 0, t: 0, pressure: 0.5 }, { x: 320, y: 240, t: 16, pressure: 0.5 }],
  });
  assert.equal(pen.stroke, null);
  assert.equal(pen.end(), null);
});

test('a stroke keeps the width that its pen had at the start', () => {
  const pen = new Pen();
  pen.width = 28;
  pen.begin(at(10, 20), FRAME);
  pen.width = 10;
  assert.equal(pen.end().width, 28);
});

test('only the first button draws', () => {
  const pen = new Pen();
  assert.equal(pen.begin(at(30, 30, { button: 2, buttons: 2 }), FRAME), false);
  assert.equal(pen.stroke, null);
});

test('a second finger neither begins nor moves a stroke', () => {
  const pen = new Pen();
  const other = { ...FINGER, pointerId: 8 };
  pen.begin(at(30, 30, FINGER), FRAME);
  assert.equal(pen.begin(at(200, 30, other), FRAME), false);
  pen.move(at(200, 90, other), FRAME);
  assert.deepEqual([pen.isDrawing(at(0, 0, other)), pen.isDrawing(at(0, 0, FINGER))], [false, true]);
  assert.equal(pen.stroke.points.length, 1);
});

test('samples that the browser kept back are drawn too', () => {
  const pen = new Pen();
  pen.begin(at(10, 20), FRAME);
  const samples = [at(20, 20), at(30, 20), at(40, 20)];
  pen.move(at(40, 20, { getCoalescedEvents: () => samples }), FRAME);
  assert.deepEqual(pen.stroke.points.map(({ x }) => x), [0, 20, 40, 60]);
  pen.move(at(90, 20, { getCoalescedEvents: () => [at(50, 20)] }), FRAME);
  assert.equal(pen.stroke.points.at(-1).x, 80);
  pen.move(at(60, 20, { getCoalescedEvents: () => [] }), FRAME);
  assert.equal(pen.stroke.points.at(-1).x, 100);
});

test('a move with no button down draws nothing', () => {
  const pen = new Pen();
  pen.begin(at(10, 20), FRAME);
  pen.move(at(90, 90, { buttons: 0 }), FRAME);
  assert.equal(pen.stroke.points.length, 1);
});

test('a stylus tells its pressure; a mouse and a finger are even', () => {
  const stylus = [{ ...STYLUS, pressure: 0.8 }, { ...STYLUS, pressure: 0 }];
  const others = [{ pressure: 0.9 }, { ...FINGER, pressure: 1 }];
  const drawn = [...stylus, ...others].map((pointer) => {
    const pen = new Pen();
    pen.begin(at(30, 30, pointer), FRAME);
    return pen.end().points[0].pressure;
  });
  assert.deepEqual(drawn, [0.8, 0.5, 0.5, 0.5]);
});

test('the stylus comes before the hand that holds it', () => {
  const pen = new Pen();
  pen.begin(at(300, 200, FINGER), FRAME);
  assert.equal(pen.begin(at(10, 20, STYLUS), FRAME), true);
  assert.deepEqual(pen.stroke.points.map(({ x }) => x), [0]);
  assert.equal(pen.isDrawing(at(0, 0, FINGER)), false);
});

test('a hand is no finger within a second after the stylus was near', () => {
  const pen = new Pen();
  pen.move(at(10, 20, { ...STYLUS, buttons: 0, timeStamp: 5000 }), FRAME); // it hovers
  assert.equal(pen.begin(at(30, 30, { ...FINGER, timeStamp: 5999 }), FRAME), false);
  assert.equal(pen.begin(at(30, 30, { timeStamp: 5999 }), FRAME), true); // a mouse is no hand
  pen.end();
  assert.equal(pen.begin(at(30, 30, { ...FINGER, timeStamp: 6000 }), FRAME), true);
});
