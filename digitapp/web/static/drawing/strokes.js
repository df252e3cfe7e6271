/**
 * What was drawn, as data: strokes of points, their history, and the smooth curves through them.
 * Nothing here knows a page, a canvas or a clock.
 *
 * @typedef {{x: number, y: number, t: number, pressure: number}} Point
 *   x and y in units of the sheet, t in ms since the stroke began, pressure from 0 to 1.
 * @typedef {{width: number, points: Point[]}} Stroke
 *   width in units of the sheet, at a pressure of one half.
 * @typedef {{x: number, y: number}} Spot
 * @typedef {{from: Spot, control: Spot, to: Spot, width: number}} Curve
 */

/** The sheet's own size; every screen shows it scaled, the recogniser gets it one pixel a unit. */
export const SHEET = Object.freeze({ width: 640, height: 480 });

/** Points closer to the last one than this add nothing but tremble. In units of the sheet. */
const STEP = 1.5;

/** A stroke that goes no further than this, in units of the sheet, is a tap. */
const TAP = 4;

/** Most steps that can be undone. */
const HISTORY = 500;

/** The strokes on the sheet, with everything that was ever there to go back to. */
export class Drawing {
  #past = [];
  #strokes = [];
  #future = [];

  /** @returns {readonly Stroke[]} */
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

  /** Empties the sheet; a step like any other, so it can be undone. */
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
   * The drawing that `toJSON` gave; its strokes can be undone one by one.
   * @param {unknown} data anything; what is no stroke is left out
   */
  static fromJSON(data) {
    const drawing = new Drawing();
    for (const item of Array.isArray(data) ? data : []) {
      const stroke = unpack(item);
      if (stroke) drawing.add(stroke);
    }
    return drawing;
  }

  #become(strokes) {
    this.#past = [...this.#past, this.#strokes].slice(-HISTORY);
    this.#strokes = strokes;
    this.#future = [];
  }

  #step(from, to) {
    if (from.length === 0) return false;
    to.push(this.#strokes);
    this.#strokes = from.pop();
    return true;
  }
}

/**
 * Adds a point unless it only repeats the last one. It is rounded here, so that what is
 * remembered over a reload is what was drawn.
 * @param {Stroke} stroke
 * @param {Point} point
 */
export function extend(stroke, { x, y, t, pressure }) {
  const last = stroke.points.at(-1);
  if (last && Math.hypot(x - last.x, y - last.y) < STEP) return;
  const point = { x: round(x, 10), y: round(y, 10), t: Math.round(t), pressure: round(pressure, 100) };
  stroke.points.push(point);
}

/**
 * Whether the pen only touched the sheet.
 * @param {Stroke} stroke
 */
export function isTap({ points }) {
  return points.every(({ x, y }) => Math.hypot(x - points[0].x, y - points[0].y) < TAP);
}

/**
 * The smooth way through a stroke: quadratic curves from midpoint to midpoint, each bent towards
 * the point between them; its ends are the stroke's own. A tap becomes a dot.
 * @param {Stroke} stroke
 * @returns {Curve[]}
 */
export function curves({ width, points }) {
  if (points.length === 0) return [];
  const bends = points.length > 2 ? points.slice(1, -1) : points.slice(0, 1);
  let from = points[0];
  return bends.map((control, index) => {
    const to = index === bends.length - 1 ? end(points) : middle(control, bends[index + 1]);
    const curve = { from, control, to, width: widthAt(width, control.pressure) };
    from = to;
    return curve;
  });
}

/**
 * How wide the pen draws: from 0.6 times its width, barely touching, to 1.4 times, pressed hard.
 * @param {number} width
 * @param {number} pressure from 0 to 1
 */
export function widthAt(width, pressure) {
  return width * (0.6 + 0.8 * Math.min(1, Math.max(0, pressure)));
}

function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** A line of no length is drawn nowhere, so a tap ends a hair beside where it began. */
function end(points) {
  const { x, y } = points.at(-1);
  return points.length === 1 ? { x: x + 0.01, y } : { x, y };
}

function pack({ x, y, t, pressure }) {
  return [x, y, t, pressure];
}

function round(value, parts) {
  return Math.round(value * parts) / parts;
}

function unpack(item) {
  if (!Number.isFinite(item?.width) || !Array.isArray(item.points)) return null;
  const points = item.points.filter(isPacked).map(([x, y, t, pressure]) => ({ x, y, t, pressure }));
  return points.length > 0 ? { width: item.width, points } : null;
}

function isPacked(point) {
  return Array.isArray(point) && point.length === 4 && point.every(Number.isFinite);
}
