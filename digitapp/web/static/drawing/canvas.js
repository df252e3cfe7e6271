/** The drawing surface: pointers become strokes, strokes become pixels. */

import { SHEET, curves, extend, isTap } from './strokes.js';

/** A hand that rests on the screen is no finger while a pen was near within this time, in ms. */
const PALM_MS = 1000;

/** Pressure of everything that cannot tell its own. */
const EVEN = 0.5;

/** Draws strokes with mouse, finger or pen on a <canvas>. */
export class Pad {
  #canvas;
  #drawing;
  #events;
  #stroke = null;
  #pointer = null;
  #penSeen = -Infinity;
  #frame = 0;

  /** Width of the pen in units of the sheet. */
  penWidth = 18;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./strokes.js').Drawing} drawing
   * @param {{onStart: () => void, onMove: () => void, onEnd: () => void,
   *          onTap: (spot: import('./strokes.js').Spot) => boolean}} events
   *   `onTap` is asked first whether a tap means something; if not, it is a dot
   */
  constructor(canvas, drawing, events) {
    this.#canvas = canvas;
    this.#drawing = drawing;
    this.#events = events;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      canvas.addEventListener(type, (event) => this.#up(event));
    }
    watchPixels(canvas, () => this.#paint());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  get isDrawing() {
    return this.#stroke !== null;
  }

  /** @returns {import('./strokes.js').Stroke[]} all strokes, the one under the pen too */
  get strokes() {
    return this.#stroke ? [...this.#drawing.strokes, this.#stroke] : [...this.#drawing.strokes];
  }

  /** Shows another drawing. */
  show(drawing) {
    this.#drawing = drawing;
    this.redraw();
  }

  /** Paints everything anew with the next frame. */
  redraw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #down(event) {
    if (event.pointerType === 'pen') this.#takePen(event);
    if (this.#stroke || event.button !== 0 || this.#isPalm(event)) return;
    event.preventDefault();
    this.#pointer = { id: event.pointerId, type: event.pointerType, start: event.timeStamp };
    this.#stroke = { width: this.penWidth, points: [] };
    capture(this.#canvas, event.pointerId);
    this.#add(event);
    this.#events.onStart();
  }

  #move(event) {
    if (event.pointerType === 'pen') this.#penSeen = event.timeStamp;
    if (event.pointerId !== this.#pointer?.id) return;
    if (event.buttons === 0) {
      this.#up(event);
      return;
    }
    for (const sample of samples(event)) this.#add(sample);
    if (!isTap(this.#stroke)) this.#events.onMove();
  }

  /** Ends the stroke. A cancelled one is kept as far as it came: Undo is there to take it away. */
  #up(event) {
    if (event.pointerId !== this.#pointer?.id) return;
    const stroke = this.#stroke;
    this.#drop();
    this.redraw();
    if (isTap(stroke) && this.#events.onTap(stroke.points[0])) return;
    this.#drawing.add(stroke);
    this.#events.onEnd();
  }

  /** The pen comes first: what the hand beside it began is no stroke. */
  #takePen(event) {
    this.#penSeen = event.timeStamp;
    if (this.#pointer?.type === 'touch') this.#drop();
  }

  #drop() {
    this.#stroke = null;
    this.#pointer = null;
  }

  #isPalm(event) {
    return event.pointerType === 'touch' && event.timeStamp - this.#penSeen < PALM_MS;
  }

  #add(event) {
    const frame = this.#canvas.getBoundingClientRect();
    extend(this.#stroke, {
      x: ((event.clientX - frame.left) / frame.width) * SHEET.width,
      y: ((event.clientY - frame.top) / frame.height) * SHEET.height,
      t: event.timeStamp - this.#pointer.start,
      pressure: event.pointerType === 'pen' ? event.pressure || EVEN : EVEN,
    });
    this.redraw();
  }

  /** As many pixels as the screen has, whatever its density and the page's zoom. */
  #fit() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const size = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (size[0] === this.#canvas.width && size[1] === this.#canvas.height) return;
    [this.#canvas.width, this.#canvas.height] = size;
  }

  #paint() {
    this.#fit();
    const context = this.#canvas.getContext('2d');
    const { width, height } = this.#canvas;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(width / SHEET.width, 0, 0, height / SHEET.height, 0, 0);
    paint(context, this.strokes, getComputedStyle(this.#canvas).color);
  }
}

/**
 * The strokes as a PNG, dark on white, one pixel a unit of the sheet, the same on every screen.
 * @param {readonly import('./strokes.js').Stroke[]} strokes
 * @returns {Promise<Blob>}
 */
export function toPicture(strokes) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, SHEET);
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  paint(context, strokes, '#000');
  return new Promise((resolve, reject) => {
    const done = (blob) => (blob ? resolve(blob) : reject(new Error('This browser made no picture.')));
    canvas.toBlob(done, 'image/png');
  });
}

function paint(context, strokes, colour) {
  Object.assign(context, { strokeStyle: colour, lineCap: 'round', lineJoin: 'round' });
  for (const stroke of strokes) paintStroke(context, stroke);
}

/** One path as long as the width stays the same; a pen's pressure begins new ones. */
function paintStroke(context, stroke) {
  let width = null;
  for (const curve of curves(stroke)) {
    if (curve.width !== width) {
      if (width !== null) context.stroke();
      width = curve.width;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(curve.from.x, curve.from.y);
    }
    context.quadraticCurveTo(curve.control.x, curve.control.y, curve.to.x, curve.to.y);
  }
  if (width !== null) context.stroke();
}

/** Calls back when the canvas has more or fewer pixels: another size, zoom, or another screen. */
function watchPixels(canvas, changed) {
  new ResizeObserver(changed).observe(canvas);
  addEventListener('resize', changed);
  watchDensity(changed);
}

/** With the next frame, since `devicePixelRatio` may still be the old one when this is told. */
function watchDensity(changed) {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const next = () => {
    changed();
    watchDensity(changed);
  };
  query.addEventListener('change', () => requestAnimationFrame(next), { once: true });
}

/** Every sample since the last event; browsers keep them back over plain HTTP on a network. */
function samples(event) {
  const coalesced = event.getCoalescedEvents?.() ?? [];
  return coalesced.length > 0 ? coalesced : [event];
}

/** A pointer that is gone already, or made by a script, cannot be captured; it draws all the same. */
function capture(canvas, id) {
  try {
    canvas.setPointerCapture(id);
  } catch {
    // Without capture a stroke ends at the canvas's edge.
  }
}
