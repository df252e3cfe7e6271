/** The Draw view: sheet, pen, history, and reading while one draws. */

import { byId } from '../dom.js';
import { recall, remember } from '../memory.js';
import { symbolAt } from '../reading/boxes.js';
import { drawFrames } from '../reading/frames.js';
import { Reader } from '../reading/reader.js';
import { DrawingCanvas } from './canvas.js';
import { toPicture } from './paint.js';
import { Pen } from './pen.js';
import { Drawing } from './strokes.js';

/** The sheet is read when the pen has rested this long, in ms. */
const SETTLED_MS = 250;

/** While the pen moves, the sheet is read at most this often, in ms. */
const PROVISIONAL_MS = 300;

/** The Draw view. It tells `onReading` what it reads. */
export class DrawView {
  /** @type {import('../reading/result.js').Texts} */
  texts = {
    empty: 'Write a digit, and its reading appears here.',
    nothing: 'No digit was found on the sheet. Write a little larger.',
  };

  #drawing = Drawing.fromJSON(recall('drawing'));
  #pen = new Pen();
  #canvas;
  #reader;
  #isOneDigit;
  #onSelect;
  #frames = byId('paper-frames', SVGSVGElement);
  #hint = byId('hint', HTMLElement);
  #timer = 0;
  #lastProvisional = 0;

  /**
   * @param {object} options
   * @param {import('../reading/reader.js').Recognize} options.recognize
   * @param {() => boolean} options.isOneDigit
   * @param {(reading: import('../reading/reader.js').Reading) => void} options.onReading
   * @param {(index: number) => void} options.onSelect a framed symbol was tapped
   */
  constructor({ recognize, isOneDigit, onReading, onSelect }) {
    this.#isOneDigit = isOneDigit;
    this.#onSelect = onSelect;
    this.#reader = new Reader(recognize, onReading);
    this.#canvas = new DrawingCanvas(byId('paper', HTMLCanvasElement), this.#drawing, this.#pen, {
      onStart: () => this.#started(),
      onMove: () => this.#moved(),
      onEnd: () => this.#changed(),
      onTap: (spot) => this.#tapped(spot),
    });
    this.#choosePen();
    this.#showTools();
  }

  get isEmpty() {
    return this.#drawing.isEmpty;
  }

  /** The sheet as a PNG file. */
  picture() {
    return toPicture(this.#canvas.strokes);
  }

  /** Reads the sheet now. */
  recognize() {
    clearTimeout(this.#timer);
    this.#read(false);
  }

  undo() {
    this.#change(() => this.#drawing.undo());
  }

  redo() {
    this.#change(() => this.#drawing.redo());
  }

  clear() {
    this.#change(() => this.#drawing.clear());
  }

  /**
   * Frames the symbols where there are several, and only as long as the frames fit the ink.
   * @param {import('../reading/reader.js').Reading} reading
   * @param {number} selected index of the symbol whose details are shown
   */
  showFrames({ phase, answer }, selected) {
    const isCurrent = phase === 'answer' && !this.#canvas.isDrawing;
    drawFrames(this.#frames, isCurrent && isFramed(answer) ? answer : null, selected);
  }

  /**
   * Takes a step of history, but not under a moving pen.
   * @param {() => unknown} step
   */
  #change(step) {
    if (this.#canvas.isDrawing) return;
    step();
    this.#canvas.redraw();
    this.#changed();
  }

  #started() {
    clearTimeout(this.#timer);
    drawFrames(this.#frames, null);
    this.#showTools();
  }

  /**
   * A tap on a framed symbol chooses it.
   * @param {import('../drawing/geometry.js').Spot} spot
   * @returns {boolean} false elsewhere: there it is a dot
   */
  #tapped(spot) {
    const { phase, answer, provisional } = this.#reader.reading;
    const isShown = phase === 'answer' && !provisional && isFramed(answer);
    const index = isShown ? symbolAt(answer, spot) : -1;
    if (index >= 0) this.#onSelect(index);
    return index >= 0;
  }

  /** One question at a time, so that a slow server is not asked more than it can answer. */
  #moved() {
    const now = performance.now();
    const isSoon = now - this.#lastProvisional < PROVISIONAL_MS;
    if (isSoon || this.#reader.isReading || this.#reader.reading.phase === 'error') return;
    this.#lastProvisional = now;
    this.#read(true);
  }

  #changed() {
    remember('drawing', this.#drawing);
    this.#showTools();
    clearTimeout(this.#timer);
    if (this.isEmpty) this.#reader.reset();
    else this.#timer = setTimeout(() => this.#read(false), SETTLED_MS);
  }

  /** @param {boolean} provisional */
  #read(provisional) {
    const { strokes } = this.#canvas;
    if (strokes.length === 0) return;
    this.#reader.read(() => toPicture(strokes), { oneDigit: this.#isOneDigit(), provisional });
  }

  /** Takes the pen that was chosen last, and each that is chosen. */
  #choosePen() {
    const remembered = String(recall('pen') ?? this.#pen.width);
    /** @type {NodeListOf<HTMLInputElement>} */
    const choices = document.querySelectorAll('input[name=pen]');
    for (const choice of choices) {
      choice.checked = choice.value === remembered;
      if (choice.checked) this.#pen.width = Number(choice.value);
      choice.addEventListener('change', () => {
        this.#pen.width = Number(choice.value);
        remember('pen', this.#pen.width);
      });
    }
  }

  #showTools() {
    const isPossible = { undo: this.#drawing.canUndo, redo: this.#drawing.canRedo, clear: !this.isEmpty };
    for (const [id, possible] of Object.entries(isPossible)) {
      byId(id, HTMLElement).setAttribute('aria-disabled', String(!possible));
    }
    this.#hint.hidden = !this.isEmpty || this.#canvas.isDrawing;
  }
}

/**
 * Whether a drawing's answer has frames: where it has several symbols, or something was left out.
 * A drawing that was turned to be read has none: they would stand elsewhere.
 * @param {import('../api.js').Answer|null|undefined} answer
 * @returns {answer is import('../api.js').Answer}
 */
function isFramed(answer) {
  return Boolean(answer && answer.turned === 0 && answer.symbols.length + answer.left_out.length > 1);
}
