/** Shows how a picture was read, stage by stage. The stages are asked for only while they are open. */

import { append, byData } from '../dom.js';
import { isUncertain, rivalOf } from './answer.js';
import { drawFrames } from './frames.js';
import { inputCanvas } from './pixels.js';
import { EMPTY, Reader } from './reader.js';
import { verdict } from './words.js';

/**
 * @typedef {import('./reader.js').Reading} Reading
 * @typedef {import('../api.js').Answer} Answer
 */

/** The part of the result that opens. */
export class StagesView {
  #root;
  #parts;
  #reader;
  #picture;
  #isOneDigit;
  #onSelect;
  /** @type {Reading} what the result shows */
  #reading = EMPTY;
  /** @type {Answer|null} the result's answer whose stages were asked for */
  #asked = null;
  /** @type {Answer|null} the answer whose stages are shown */
  #answer = null;
  #selected = 0;

  /**
   * @param {HTMLDetailsElement} root its parts are marked with `data-stage`
   * @param {object} options
   * @param {import('./reader.js').Recognize} options.recognize answers with the stages
   * @param {() => Promise<Blob>} options.picture what the shown reading is of
   * @param {() => boolean} options.isOneDigit
   * @param {(index: number) => void} options.onSelect a symbol's frame was clicked
   */
  constructor(root, { recognize, picture, isOneDigit, onSelect }) {
    this.#root = root;
    this.#parts = byData(root, 'stage', {
      note: HTMLElement,
      list: HTMLElement,
      grey: HTMLImageElement,
      ink: HTMLImageElement,
      backdrop: HTMLImageElement,
      frames: SVGSVGElement,
      inputs: HTMLElement,
      none: HTMLElement,
    });
    this.#reader = new Reader(recognize, (reading) => this.#show(reading));
    this.#picture = picture;
    this.#isOneDigit = isOneDigit;
    this.#onSelect = onSelect;
    root.addEventListener('toggle', () => this.#toggled());
  }

  /**
   * Keeps up with what the result shows.
   * @param {Reading} reading
   */
  follow(reading) {
    this.#reading = reading;
    this.#root.hidden = !reading.answer || reading.phase === 'error';
    this.#showAge();
    const { phase, answer, provisional } = reading;
    const isSettled = phase === 'answer' && !provisional;
    if (answer && this.#root.open && isSettled && answer !== this.#asked) this.#ask(answer);
  }

  /**
   * Highlights one symbol, the one whose details the result shows.
   * @param {number} index
   */
  select(index) {
    this.#selected = index;
    const inputs = [...this.#parts.inputs.children];
    inputs.forEach((item, other) => item.classList.toggle('selected', other === index));
    drawFrames(this.#parts.frames, this.#answer, index, this.#onSelect);
  }

  #toggled() {
    if (!this.#root.open) {
      this.#asked = null;
      this.#reader.reset();
    }
    this.follow(this.#reading);
  }

  /** @param {Answer} answer the result's */
  #ask(answer) {
    this.#asked = answer;
    this.#reader.read(this.#picture, { oneDigit: this.#isOneDigit() });
  }

  /** @param {Reading} reading of the stages */
  #show({ phase, answer, error }) {
    const { note, list } = this.#parts;
    const progress = answer ? '' : 'One moment.';
    note.textContent = phase === 'error' && error ? error.message : progress;
    list.hidden = !answer;
    if (this.#answer !== (answer ?? null)) this.#paint(answer ?? null);
    this.#showAge();
  }

  /** @param {Answer|null} answer */
  #paint(answer) {
    const { grey, ink, backdrop, inputs, none } = this.#parts;
    this.#answer = answer;
    const { stages, symbols = [] } = answer ?? {};
    setPicture(grey, stages?.grey);
    setPicture(ink, stages?.ink);
    setPicture(backdrop, stages?.ink);
    inputs.replaceChildren();
    symbols.forEach((symbol, index) => addInput(inputs, symbol, index));
    none.hidden = symbols.length > 0;
    this.select(this.#selected);
  }

  /** The stages of an earlier picture are pale until the new ones are there. */
  #showAge() {
    const isCurrent = this.#reader.reading.phase === 'answer' && this.#reading.answer === this.#asked;
    this.#parts.list.classList.toggle('old', !isCurrent);
    this.#parts.list.setAttribute('aria-busy', String(!isCurrent));
  }
}

/**
 * @param {HTMLImageElement} image
 * @param {string} [base64] a PNG file
 */
function setPicture(image, base64) {
  if (base64) image.src = `data:image/png;base64,${base64}`;
  else image.removeAttribute('src');
}

/**
 * Adds a picture that the network got, with what was read in it.
 * @param {Element} list
 * @param {import('../api.js').ReadSymbol} symbol
 * @param {number} index
 */
function addInput(list, symbol, index) {
  const item = append(list, 'li');
  item.classList.toggle('doubtful', isUncertain(symbol));
  const canvas = inputCanvas(symbol.input);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Input ${index + 1}: ${verdict(symbol)}`);
  const rival = rivalOf(symbol);
  item.append(canvas, rival ? `${symbol.text} or ${rival}?` : symbol.text);
}
