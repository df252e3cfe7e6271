/** The drawing surface: a pointer's events become strokes, and strokes become pixels. */

import { contextOf } from '../dom.js';
import { SHEET, pixelSize } from './geometry.js';
import { paint } from './paint.js';
import { isTap } from './strokes.js';

/**
 * @typedef {object} CanvasEvents
 * @property {() => void} onStart
 * @property {() => void} onMove the stroke is longer than a tap
 * @property {() => void} onEnd a stroke was added to the drawing
 * @property {(spot: import('./geometry.js').Spot) => boolean} onTap whether the tap was used for
 *   something; if not, it is a dot
 */

/** Draws strokes with mouse, finger or pen on a <canvas>. */
export class DrawingCanvas {
  #canvas;
  #drawing;
  #pen;
  #events;
  #frame = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {import('./strokes.js').Drawing} drawing
   * @param {import('./pen.js').Pen} pen
   * @param {CanvasEvents} events
   */
  constructor(canvas, drawing, pen, events) {
    this.#canvas = canvas;
    this.#drawing = drawing;
    this.#pen = pen;
    this.#events = events;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => this.#up(event));
    canvas.addEventListener('lostpointercapture', (event) => this.#up(event));
    watchPixels(canvas, () => this.#paint());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.redraw());
  }

  get isDrawing() {
    return this.#pen.stroke !== null;
  }

  /** All strokes, the one under the pen too. */
  get strokes() {
    const { stroke } = this.#pen;
    return stroke ? [...this.#drawing.strokes, stroke] : this.#drawing.strokes;
  }

  /** Paints everything anew with the next frame. */
  redraw() {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (!this.#pen.begin(event, this.#canvas.getBoundingClientRect())) return;
    event.preventDefault();
    capture(this.#canvas, event.pointerId);
    this.redraw();
    this.#events.onStart();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.#pen.move(event, this.#canvas.getBoundingClientRect());
    if (!this.#pen.isDrawing(event)) return;
    if (event.buttons === 0) {
      this.#up(event);
      return;
    }
    this.redraw();
    if (this.#pen.stroke && !isTap(this.#pen.stroke)) this.#events.onMove();
  }

  /**
   * Ends the stroke. A cancelled one is kept as far as it came; Undo takes it away.
   * @param {PointerEvent} event
   */
  #up(event) {
    if (!this.#pen.isDrawing(event)) return;
    const stroke = this.#pen.end();
    this.redraw();
    if (!stroke || (isTap(stroke) && this.#events.onTap(stroke.points[0]))) return;
    this.#drawing.add(stroke);
    this.#events.onEnd();
  }

  #paint() {
    const canvas = this.#canvas;
    const size = pixelSize(canvas.getBoundingClientRect(), devicePixelRatio);
    // To set the size empties the canvas, even if it stays the same.
    if (size.width !== canvas.width || size.height !== canvas.height) Object.assign(canvas, size);
    const context = contextOf(canvas);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    context.setTransform(size.width / SHEET.width, 0, 0, size.height / SHEET.height, 0, 0);
    paint(context, this.strokes, getComputedStyle(canvas).color);
  }
}

/**
 * Calls back when the canvas has more or fewer pixels: another size, zoom, or another screen.
 * @param {HTMLCanvasElement} canvas
 * @param {() => void} onChange
 */
function watchPixels(canvas, onChange) {
  new ResizeObserver(onChange).observe(canvas);
  addEventListener('resize', onChange);
  watchDensity(onChange);
}

/**
 * Calls back a frame later, since `devicePixelRatio` may still be the old one at the event.
 * @param {() => void} onChange
 */
function watchDensity(onChange) {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const next = () => {
    onChange();
    watchDensity(onChange);
  };
  query.addEventListener('change', () => requestAnimationFrame(next), { once: true });
}

/**
 * A pointer that is gone already, or that a script made, cannot be captured. It draws all the same.
 * @param {HTMLCanvasElement} canvas
 * @param {number} id
 */
function capture(canvas, id) {
  try {
    canvas.setPointerCapture(id);
  } catch {
    // Without capture a stroke ends at the canvas's edge.
  }
}
