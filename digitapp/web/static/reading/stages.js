/** How the picture was read, stage by stage: asked for only while people look. */

import { showBoxes } from './frames.js';
import { inputCanvas } from './pixels.js';
import { Reader } from './reader.js';
import { hasRival, verdict } from './words.js';

/** The part of the result that opens. */
export class StagesView {
  #root;
  #parts;
  #reader;
  #picture;
  #isOneDigit;
  #onSelect;
  #reading = { phase: 'empty' };
  #asked = null;
  #answer = null;
  #selected = 0;

  /**
   * @param {HTMLDetailsElement} root its parts are marked with `data-stage`
   * @param {{recognize: (picture: Blob, question: object) => Promise<object>,
   *          picture: () => Promise<Blob>, isOneDigit: () => boolean,
   *          onSelect: (index: number) => void}} options
   *   `recognize` answers with the stages; `picture` is what the shown reading is of
   */
  constructor(root, { recognize, picture, isOneDigit, onSelect }) {
    this.#root = root;
    const parts = [...root.querySelectorAll('[data-stage]')];
    this.#parts = Object.fromEntries(parts.map((part) => [part.dataset.stage, part]));
    this.#reader = new Reader(recognize, (stages) => this.#show(stages));
    this.#picture = picture;
    this.#isOneDigit = isOneDigit;
    this.#onSelect = onSelect;
    root.addEventListener('toggle', () => this.#toggled());
  }

  /**
   * Keeps up with what the result shows.
   * @param {import('./reader.js').Reading} reading
   */
  follow(reading) {
    this.#reading = reading;
    this.#root.hidden = !reading.answer || reading.phase === 'error';
    this.#showAge();
    const isSettled = reading.phase === 'answer' && !reading.provisional;
    if (this.#root.open && isSettled && reading.answer !== this.#asked) this.#ask();
  }

  /** Marks one digit, the one whose details the result shows. */
  select(index) {
    this.#selected = index;
    const inputs = this.#parts.inputs.children;
    [...inputs].forEach((item, other) => item.classList.toggle('selected', other === index));
    this.#showFrames();
  }

  #toggled() {
    if (!this.#root.open) this.#forget();
    this.follow(this.#reading);
  }

  #forget() {
    this.#asked = null;
    this.#reader.reset();
  }

  #ask() {
    this.#asked = this.#reading.answer;
    this.#reader.read(this.#picture, { oneDigit: this.#isOneDigit() });
  }

  #show({ phase, answer = null, error }) {
    const { note, list } = this.#parts;
    note.textContent = phase === 'error' ? error.message : answer ? '' : 'One moment.';
    list.hidden = !answer;
    if (answer !== this.#answer) this.#paint(answer);
    this.#showAge();
  }

  #paint(answer) {
    const { grey, ink, ground, inputs, none } = this.#parts;
    this.#answer = answer;
    const { stages, digits = [] } = answer ?? {};
    setPicture(grey, stages?.grey);
    setPicture(ink, stages?.ink);
    setPicture(ground, stages?.ink);
    inputs.replaceChildren(...digits.map((digit, index) => inputOf(digit, index)));
    none.hidden = digits.length > 0;
    this.select(this.#selected);
  }

  #showFrames() {
    const { frames } = this.#parts;
    showBoxes(frames, this.#answer, this.#selected, this.#onSelect);
  }

  /** What is of an earlier picture is shown pale until the new one is there. */
  #showAge() {
    const isNew = this.#reader.reading.phase === 'answer' && this.#reading.answer === this.#asked;
    this.#parts.list.classList.toggle('old', !isNew);
    this.#parts.list.setAttribute('aria-busy', !isNew);
  }
}

function setPicture(image, base64) {
  if (base64) image.src = `data:image/png;base64,${base64}`;
  else image.removeAttribute('src');
}

/** One picture that the network got, with what it read in it. */
function inputOf(digit, index) {
  const item = document.createElement('li');
  item.classList.toggle('doubtful', digit.doubtful || !digit.accepted);
  const canvas = item.appendChild(inputCanvas(digit.input));
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Input ${index + 1}: ${verdict(digit)}`);
  const rival = hasRival(digit) ? ` or ${digit.runner_up}?` : '';
  item.append(digit.accepted ? `${digit.digit}${rival}` : '?');
  return item;
}
