/** The drawing room: sheet, pen, history, and reading as one draws. */

import { digitAt, showBoxes } from '../reading/frames.js';
import { Pad, toPicture } from './canvas.js';
import { recall, remember } from '../memory.js';
import { Reader } from '../reading/reader.js';
import { Drawing } from './strokes.js';

/** The pen has rested this long, in ms: what is there is read. */
const SETTLED_MS = 250;

/** While the pen moves, what is there is read at most this often, in ms. */
const PASSING_MS = 300;

const WORDS = {
  empty: 'Write a digit, and its reading appears here.',
  nothing: 'No digit was found on the sheet. Write a little larger.',
};

/** Everything of the Draw room; its `reading` is what the result shows. */
export class DrawRoom {
  words = WORDS;
  #drawing = Drawing.fromJSON(recall('drawing'));
  #page;
  #pad;
  #reader;
  #isOneDigit;
  #onSelect = () => {};
  #timer = 0;
  #lastPassing = 0;

  /**
   * @param {Document} page
   * @param {import('../api.js').Api} api
   * @param {{isOneDigit: () => boolean, changed: () => void}} options
   */
  constructor(page, api, { isOneDigit, changed }) {
    this.#page = page;
    this.#isOneDigit = isOneDigit;
    this.#reader = new Reader((...question) => api.recognize(...question), changed);
    this.#pad = new Pad(page.getElementById('paper'), this.#drawing, {
      onStart: () => this.#began(),
      onMove: () => this.#passing(),
      onEnd: () => this.#changed(),
      onTap: (spot) => this.#tapped(spot),
    });
    this.#takePen();
    this.#showTools();
  }

  get reading() {
    return this.#reader.reading;
  }

  get isEmpty() {
    return this.#drawing.isEmpty;
  }

  /** What the reading is of: the sheet as a PNG. */
  picture() {
    return toPicture(this.#pad.strokes);
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

  /** Frames help where there are several digits, and only as long as they lie around the ink. */
  showBoxes(answer, selected, onSelect) {
    this.#onSelect = onSelect;
    const current = answer?.digits.length > 1 && !this.#pad.isDrawing && this.reading.phase === 'answer';
    showBoxes(this.#page.getElementById('paper-frames'), current ? answer : null, selected);
  }

  /** No history is made under a moving pen. */
  #change(step) {
    if (this.#pad.isDrawing) return;
    step();
    this.#pad.redraw();
    this.#changed();
  }

  #began() {
    clearTimeout(this.#timer);
    showBoxes(this.#page.getElementById('paper-frames'), null);
    this.#showTools();
  }

  /** On a framed digit a tap chooses it; elsewhere it is a dot. */
  #tapped(spot) {
    const { phase, answer, provisional } = this.reading;
    const isFramed = phase === 'answer' && !provisional && answer.digits.length > 1;
    const index = isFramed ? digitAt(answer, spot) : -1;
    if (index >= 0) this.#onSelect(index);
    return index >= 0;
  }

  /** One question at a time, so that a slow server is not asked more than it can answer. */
  #passing() {
    const now = performance.now();
    const soon = now - this.#lastPassing < PASSING_MS;
    if (soon || this.#reader.isReading || this.reading.phase === 'error') return;
    this.#lastPassing = now;
    this.#read(true);
  }

  #changed() {
    remember('drawing', this.#drawing);
    this.#showTools();
    clearTimeout(this.#timer);
    if (this.isEmpty) this.#reader.reset();
    else this.#timer = setTimeout(() => this.#read(false), SETTLED_MS);
  }

  #read(provisional) {
    const { strokes } = this.#pad;
    if (strokes.length === 0) return;
    this.#reader.read(() => toPicture(strokes), { oneDigit: this.#isOneDigit(), provisional });
  }

  #takePen() {
    const width = String(recall('pen') ?? this.#pad.penWidth);
    for (const choice of this.#page.querySelectorAll('input[name=pen]')) {
      choice.checked = choice.value === width;
      if (choice.checked) this.#pad.penWidth = Number(width);
      choice.addEventListener('change', () => {
        this.#pad.penWidth = Number(choice.value);
        remember('pen', this.#pad.penWidth);
      });
    }
  }

  #showTools() {
    const state = { undo: this.#drawing.canUndo, redo: this.#drawing.canRedo, clear: !this.isEmpty };
    for (const [id, possible] of Object.entries(state)) {
      this.#page.getElementById(id).setAttribute('aria-disabled', !possible);
    }
    this.#page.getElementById('hint').hidden = !this.isEmpty || this.#pad.isDrawing;
  }
}
