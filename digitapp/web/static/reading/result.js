/** Shows a reading: the number, its digits' probabilities, what the network got, and errors. */

import { ApiError } from '../api.js';
import { append, byData, setText } from '../dom.js';
import { hasRival, rows, symbolOf } from './answer.js';
import { paintInput } from './pixels.js';
import { EMPTY } from './reader.js';
import { percent, spoken, verdict } from './words.js';

const BUSY = 'The server is busy. Trying again in a moment.';

/**
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').Digit} Digit
 *
 * @typedef {object} Texts
 * @property {string} empty where there is nothing to read
 * @property {string} nothing where a picture has no digit
 * @property {string} [help] what helps against the error
 */

/** The panel beside the sheet or the picture. */
export class ResultView {
  #root;
  #parts;
  #bars;
  #onSelect;
  /** @type {import('./reader.js').Reading} */
  #reading = EMPTY;
  /** @type {Texts} */
  #texts = { empty: '', nothing: '' };
  #selected = 0;

  /**
   * @param {HTMLElement} root its parts are marked with `data-part`
   * @param {(index: number) => void} onSelect a digit of the number was chosen
   */
  constructor(root, onSelect) {
    this.#root = root;
    this.#parts = byData(root, 'part', {
      error: HTMLElement,
      message: HTMLElement,
      help: HTMLElement,
      retry: HTMLElement,
      number: HTMLElement,
      line: HTMLElement,
      note: HTMLElement,
      bars: HTMLElement,
      input: HTMLCanvasElement,
      elapsed: HTMLElement,
      copy: HTMLElement,
      announcement: HTMLElement,
    });
    this.#bars = makeBars(this.#parts.bars);
    this.#onSelect = onSelect;
  }

  /**
   * @param {import('./reader.js').Reading} reading
   * @param {number} selected index of the digit whose details are shown
   * @param {Texts} texts
   */
  show(reading, selected, texts) {
    this.#reading = reading;
    this.#selected = selected;
    this.#texts = texts;
    this.#root.dataset.phase = reading.phase;
    this.#root.dataset.provisional = String(Boolean(reading.provisional));
    this.#showError();
    this.#showFoot();
    this.#showNumber();
    this.#showDigit();
    this.#announce();
  }

  /**
   * Shows the details of one digit of the answer.
   * @param {number} index
   */
  select(index) {
    this.#selected = index;
    this.#showNumber();
    this.#reveal();
    this.#showDigit();
  }

  #showError() {
    const { error, message, help, retry } = this.#parts;
    const shown = this.#reading.phase === 'error' ? this.#reading.error : undefined;
    error.hidden = !shown;
    setText(message, shown?.message ?? '');
    setText(help, (shown && this.#texts.help) ?? '');
    retry.hidden = !(this.#reading.error instanceof ApiError && this.#reading.error.isTemporary);
  }

  #showFoot() {
    const { copy, elapsed } = this.#parts;
    const { answer } = this.#reading;
    copy.hidden = !answer?.text;
    setText(elapsed, answer ? `${answer.model.split(' ')[0]}, ${Math.ceil(answer.elapsed_ms)} ms` : '');
  }

  #showNumber() {
    const { number } = this.#parts;
    const { answer } = this.#reading;
    const hadFocus = number.contains(document.activeElement);
    number.dataset.size = sizeOf(answer?.digits.length ?? 0);
    number.replaceChildren();
    if (answer && answer.digits.length > 0) this.#fillNumber(answer);
    if (hadFocus) this.#chosen?.focus();
  }

  /** @param {Answer} answer */
  #fillNumber(answer) {
    for (const indices of rows(answer)) {
      const row = append(this.#parts.number, 'span', 'row');
      for (const index of indices) this.#addCharacter(row, answer, index);
    }
  }

  /**
   * One digit of the number: a button where there are several to choose from.
   * @param {Element} row
   * @param {Answer} answer
   * @param {number} index
   */
  #addCharacter(row, { digits }, index) {
    const digit = digits[index];
    const character = append(row, digits.length > 1 ? 'button' : 'span');
    character.textContent = symbolOf(digit);
    character.classList.toggle('doubtful', digit.doubtful);
    character.classList.toggle('refused', !digit.accepted);
    if (!(character instanceof HTMLButtonElement)) return;
    character.type = 'button';
    character.setAttribute('aria-pressed', String(index === this.#selected));
    character.setAttribute('aria-label', `Digit ${index + 1}: ${verdict(digit)}`);
    character.addEventListener('click', () => this.#onSelect(index));
  }

  /** The button of the selected digit, where there are several. */
  get #chosen() {
    return /** @type {HTMLElement|null} */ (this.#parts.number.querySelector('[aria-pressed=true]'));
  }

  /** Scrolls a long number to the selected digit. The page itself does not move. */
  #reveal() {
    const { number } = this.#parts;
    const chosen = this.#chosen;
    const top = (chosen?.offsetTop ?? 0) - number.offsetTop - number.scrollTop;
    const space = number.clientHeight - (chosen?.offsetHeight ?? 0);
    if (top < 0 || top > space) number.scrollTop += top - space / 2;
  }

  #showDigit() {
    const digit = this.#reading.answer?.digits[this.#selected];
    const { line, input } = this.#parts;
    setText(line, digit ? this.#lineOf(digit) : this.#lineWithout());
    line.classList.toggle('doubtful', Boolean(digit?.doubtful));
    fillBars(this.#bars, digit);
    paintInput(input, digit?.input);
  }

  /** @param {Digit} digit the selected one */
  #lineOf(digit) {
    const count = this.#reading.answer?.digits.length ?? 0;
    return count > 1 ? `${this.#selected + 1} of ${count}: ${verdict(digit)}` : verdict(digit);
  }

  /** What the line says while there is no digit. */
  #lineWithout() {
    const { empty, nothing } = this.#texts;
    const waiting = 'Waiting for its turn.';
    const lines = { empty, waiting, reading: 'Reading.', busy: BUSY, answer: nothing, error: '' };
    return lines[this.#reading.phase];
  }

  /** A screen reader says only what stays, not what the moving pen passes. */
  #announce() {
    const { announcement, note } = this.#parts;
    const { phase, answer, provisional } = this.#reading;
    setText(note, phase === 'busy' && answer ? BUSY : '');
    if (phase !== 'answer' || !answer || provisional) return;
    setText(announcement, answer.text ? spoken(answer) : this.#texts.nothing);
  }
}

/**
 * @param {number} count of digits
 * @returns {string} the number's size on the page
 */
function sizeOf(count) {
  if (count < 3) return 'l';
  if (count < 6) return 'm';
  return count < 15 ? 's' : 'xs';
}

/**
 * @typedef {{row: HTMLElement, fill: HTMLElement, value: HTMLElement}} Bar
 * @param {Element} list
 * @returns {Bar[]} one for each of the ten digits
 */
function makeBars(list) {
  return Array.from({ length: 10 }, (_, digit) => {
    const row = append(list, 'li');
    append(row, 'span', 'name').textContent = String(digit);
    const fill = append(append(row, 'span', 'track'), 'span');
    return { row, fill, value: append(row, 'span', 'value') };
  });
}

/**
 * @param {Bar[]} bars
 * @param {Digit} [digit]
 */
function fillBars(bars, digit) {
  bars.forEach(({ row, fill, value }, index) => {
    const probability = digit?.probabilities[index] ?? 0;
    fill.style.transform = `scaleX(${probability})`;
    value.textContent = digit ? percent(probability) : '';
    row.classList.toggle('best', digit?.accepted === true && index === digit.digit);
    row.classList.toggle('second', digit !== undefined && hasRival(digit) && index === digit.runner_up);
  });
}
