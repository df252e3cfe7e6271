/**
 * The drawing as data: strokes of points, and their history. No page, no canvas, no clock.
 *
 * @typedef {{x: number, y: number, t: number, pressure: number}} Point
 *   x and y in units of the sheet, t in ms since the stroke began, pressure from 0 to 1
 * @typedef {{width: number, points: Point[]}} Stroke
 *   width in units of the sheet, at a pressure of one half
 * @typedef {[x: number, y: number, t: number, pressure: number]} PackedPoint
 */

import { distance } from './geometry.js';

/** A point closer to the last one is left out: it is the hand's tremor. In units of the sheet. */
const MIN_STEP = 1.5;

/** A stroke that goes no further than this is a tap. In units of the sheet. */
const TAP = 4;

/** Most steps that can be undone. */
const MAX_HISTORY = 500;

/** The strokes on the sheet, and what was there before, to go back to. */
export class Drawing {
  /** @type {(readonly Stroke[])[]} */
  #past = [];
  /** @type {readonly Stroke[]} */
  #strokes = [];
  /** @type {(readonly Stroke[])[]} */
  #future = [];

  get strokes() {
    return this.#strokes;
  }

  get isEmpty() {
    return this.#strokes.length === 0;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @param {Stroke} stroke */
  add(stroke) {
    this.#become([...this.#strokes, stroke]);
  }

  /** Empties the sheet. This is a step like any other, so it can be undone. */
  clear() {
    if (!this.isEmpty) this.#become([]);
  }

  /** @returns {boolean} whether there was a step to take back */
  undo() {
    return this.#step(this.#past, this.#future);
  }

  /** @returns {boolean} whether there was a step to take again */
  redo() {
    return this.#step(this.#future, this.#past);
  }

  toJSON() {
    return this.#strokes.map(({ width, points }) => ({ width, points: points.map(pack) }));
  }

  /**
   * The drawing that `toJSON` gave. Its strokes can be undone one by one.
   * @param {unknown} data anything; what is not a stroke is left out
   */
  static fromJSON(data) {
    const drawing = new Drawing();
    for (const item of Array.isArray(data) ? data : []) {
      const stroke = unpack(item);
      if (stroke) drawing.add(stroke);
    }
    return drawing;
  }

  /** @param {readonly Stroke[]} strokes */
  #become(strokes) {
    this.#past = [...this.#past, this.#strokes].slice(-MAX_HISTORY);
    this.#strokes = strokes;
    this.#future = [];
  }

  /**
   * @param {(readonly Stroke[])[]} from
   * @param {(readonly Stroke[])[]} to
   */
  #step(from, to) {
    const strokes = from.pop();
    if (strokes === undefined) return false;
    to.push(this.#strokes);
    this.#strokes = strokes;
    return true;
  }
}

/**
 * Adds a point unless it only repeats the last one. It is rounded here, so that a reload brings
 * back exactly what was drawn.
 * @param {Stroke} stroke
 * @param {Point} point
 */
export function extend({ points }, { x, y, t, pressure }) {
  const last = points.at(-1);
  if (last && distance({ x, y }, last) < MIN_STEP) return;
  points.push({ x: round(x, 10), y: round(y, 10), t: Math.round(t), pressure: round(pressure, 100) });
}

/**
 * Whether the pen only touched the sheet.
 * @param {Stroke} stroke
 */
export function isTap({ points }) {
  return points.every((point) => distance(point, points[0]) < TAP);
}

/**
 * @param {Point} point
 * @returns {PackedPoint}
 */
function pack({ x, y, t, pressure }) {
  return [x, y, t, pressure];
}

/**
 * @param {any} item
 * @returns {Stroke|null}
 */
function unpack(item) {
  if (!Number.isFinite(item?.width) || !Array.isArray(item.points)) return null;
  /** @type {PackedPoint[]} */
  const packed = item.points.filter(isPacked);
  const points = packed.map(([x, y, t, pressure]) => ({ x, y, t, pressure }));
  return points.length > 0 ? { width: item.width, points } : null;
}

/** @param {unknown} point */
function isPacked(point) {
  return Array.isArray(point) && point.length === 4 && point.every(Number.isFinite);
}

/**
 * @param {number} value
 * @param {number} parts of one
 */
function round(value, parts) {
  return Math.round(value * parts) / parts;
}
