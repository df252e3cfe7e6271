import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Drawing, extend, isTap } from '../../../digitapp/web/static/drawing/strokes.js';
import { stroke } from '../samples.js';

function named(width) {
  return { ...stroke([0, 0]), width };
}

/** The widths of a drawing's strokes, which tell them apart. */
function shown({ strokes }) {
  return strokes.map(({ width }) => width).join('');
}

test('points that only tremble are left out', () => {
  const line = stroke();
  for (const x of [0, 1, 1.4, 2, 9]) extend(line, { x, y: 0, t: 0, pressure: 0.5 });
  assert.deepEqual(line.points.map(({ x }) => x), [0, 2, 9]);
});

test('points are rounded, so that a reload brings back what was drawn', () => {
  const line = stroke();
  extend(line, { x: 1.2345, y: 6.789, t: 8.3, pressure: 0.12345 });
  assert.deepEqual(line.points, [{ x: 1.2, y: 6.8, t: 8, pressure: 0.12 }]);
  assert.deepEqual(Drawing.fromJSON(JSON.parse(JSON.stringify(drawingOf(line)))).strokes, [line]);
});

test('a stroke that stays within four units is a tap', () => {
  assert.equal(isTap(stroke([5, 5])), true);
  assert.equal(isTap(stroke([5, 5], [8, 5])), true);
  assert.equal(isTap(stroke([5, 5], [9, 5])), false);
  assert.equal(isTap(stroke([5, 5], [50, 5], [5, 5])), false);
});

test('history goes back and forth', () => {
  const drawing = drawingOf(named(1), named(2));
  drawing.clear();
  assert.equal(shown(drawing), '');
  assert.equal(drawing.undo(), true);
  assert.equal(shown(drawing), '12');
  drawing.undo();
  assert.equal(shown(drawing), '1');
  assert.equal(drawing.redo(), true);
  assert.equal(shown(drawing), '12');
  assert.deepEqual([drawing.canUndo, drawing.canRedo], [true, true]);
});

test('a new stroke ends the way forth', () => {
  const drawing = drawingOf(named(1), named(2));
  drawing.undo();
  drawing.add(named(3));
  assert.equal(shown(drawing), '13');
  assert.equal(drawing.canRedo, false);
  assert.equal(drawing.redo(), false);
  assert.equal(shown(drawing), '13');
});

test('the first step back empties the sheet, and there is none before it', () => {
  const drawing = drawingOf(named(1));
  assert.equal(drawing.undo(), true);
  assert.deepEqual([drawing.isEmpty, drawing.canUndo, drawing.undo()], [true, false, false]);
});

test('to clear an empty sheet is no step', () => {
  const drawing = new Drawing();
  drawing.clear();
  assert.equal(drawing.canUndo, false);
});

test('500 steps can be undone', () => {
  const drawing = drawingOf(...Array.from({ length: 510 }, () => named(1)));
  let steps = 0;
  while (drawing.undo()) steps += 1;
  assert.deepEqual([steps, drawing.strokes.length], [500, 10]);
});

test('strokes that were handed out do not change', () => {
  const drawing = drawingOf(named(1));
  const before = drawing.strokes;
  drawing.add(named(2));
  assert.equal(before.length, 1);
});

test('a drawing survives as JSON, and its strokes can be undone', () => {
  const text = JSON.stringify(drawingOf(stroke([0, 0], [10, 0])));
  assert.equal(text, '[{"width":10,"points":[[0,0,0,0.5],[10,0,8,0.5]]}]');
  const again = Drawing.fromJSON(JSON.parse(text));
  assert.equal(JSON.stringify(again), text);
  assert.equal(again.canUndo, true);
});

const JUNK = [
  null, 7, {}, 'x', [null], [{}], ['x'],
  [{ width: 1, points: [[1, 2]] }],
  [{ width: '1', points: [[0, 0, 0, 0]] }],
  [{ width: 1, points: [[0, 0, 0, null]] }],
];

for (const junk of JUNK) {
  test(`${JSON.stringify(junk)} is an empty drawing`, () => assert.equal(Drawing.fromJSON(junk).isEmpty, true));
}

test('of a stroke with junk between its points the points are kept', () => {
  const [{ points }] = Drawing.fromJSON([{ width: 1, points: [[1, 2, 3, 0.5], 'x', [4, 5, 6, 0.5]] }]).strokes;
  assert.deepEqual(points.map(({ x }) => x), [1, 4]);
});

function drawingOf(...strokes) {
  const drawing = new Drawing();
  strokes.forEach((one) => drawing.add(one));
  return drawing;
}
