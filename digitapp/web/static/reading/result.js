/** Shows a reading: the number, its symbols' probabilities, what the network got, and errors. */

import { ApiError } from '../api.js';
import { append, byData, setText } from '../dom.js';
import { digitsOf, isRead, rivalOf, rows } from './answer.js';
import { paintInput } from './pixels.js';
import { EMPTY } from './reader.js';
import { doubts, percent, remarks, spoken, verdict } from './words.js';

const BUSY = 'The server is busy. Trying again in a moment.';

/**
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').ReadSymbol} ReadSymbol
 *
 * @typedef {object} Texts
 * @property {string} empty where there is nothing to read
 * @property {string} nothing where a picture has no symbol
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
   * @param {(index: number) => void} onSelect a symbol of the number was chosen
   */
  constructor(root, onSelect) {
    this.#root = root;
    this.#parts = byData(root, 'part', {
      error: HTMLElement,
      message: HTMLElement,
      help: HTMLElement,
      retry: HTMLElement,
      number: HTMLElement,
      doubts: HTMLElement,
      remarks: HTMLElement,
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
   * @param {number} selected index of the symbol whose details are shown
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
    this.#showSymbol();
    this.#showDoubts();
    this.#announce();
  }

  /**
   * Shows the details of one symbol of the answer.
   * @param {number} index
   */
  select(index) {
    this.#selected = index;
    this.#showNumber();
    this.#reveal();
    this.#showSymbol();
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
    number.dataset.size = sizeOf(answer?.symbols.length ?? 0);
    number.replaceChildren();
    if (answer && answer.symbols.length > 0) this.#fillNumber(answer);
    if (hadFocus) this.#chosen?.focus();
  }

  /** @param {Answer} answer */
  #fillNumber(answer) {
    for (const numbers of rows(answer)) {
      const row = append(this.#parts.number, 'span', 'row');
      for (const indices of numbers) {
        const together = append(row, 'span', 'together');
        for (const index of indices) this.#addCharacter(together, answer, index);
      }
    }
  }

  /**
   * One symbol of the number: a button where there are several to choose from.
   * @param {Element} row
   * @param {Answer} answer
   * @param {number} index
   */
  #addCharacter(row, { symbols }, index) {
    const symbol = symbols[index];
    const character = append(row, symbols.length > 1 ? 'button' : 'span');
    character.textContent = symbol.text;
    character.classList.toggle('doubtful', symbol.doubtful);
    character.classList.toggle('refused', !isRead(symbol));
    if (!(character instanceof HTMLButtonElement)) return;
    character.type = 'button';
    character.setAttribute('aria-pressed', String(index === this.#selected));
    character.setAttribute('aria-label', `Symbol ${index + 1}: ${verdict(symbol)}`);
    character.addEventListener('click', () => this.#onSelect(index));
  }

  /** The button of the selected symbol, where there are several. */
  get #chosen() {
    return /** @type {HTMLElement|null} */ (this.#parts.number.querySelector('[aria-pressed=true]'));
  }

  /** Scrolls a long number to the selected symbol. The page itself does not move. */
  #reveal() {
    const { number } = this.#parts;
    const chosen = this.#chosen;
    const top = (chosen?.offsetTop ?? 0) - number.offsetTop - number.scrollTop;
    const space = number.clientHeight - (chosen?.offsetHeight ?? 0);
    if (top < 0 || top > space) number.scrollTop += top - space / 2;
  }

  #showSymbol() {
    const symbol = this.#reading.answer?.symbols[this.#selected];
    const { line, input } = this.#parts;
    setText(line, symbol ? this.#lineOf(symbol) : this.#lineWithout());
    line.classList.toggle('doubtful', Boolean(symbol?.doubtful));
    fillBars(this.#bars, symbol);
    paintInput(input, symbol?.input);
  }

  /** @param {ReadSymbol} symbol the selected one */
  #lineOf(symbol) {
    const count = this.#reading.answer?.symbols.length ?? 0;
    return count > 1 ? `${this.#selected + 1} of ${count}: ${verdict(symbol)}` : verdict(symbol);
  }

  /** What needs a look in several symbols, and what was left out of them; in words. */
  #showDoubts() {
    const { answer } = this.#reading;
    const isLone = answer?.symbols.length === 1 && answer.left_out.length === 0;
    setText(this.#parts.doubts, answer && !isLone ? doubts(answer) : '');
    setText(this.#parts.remarks, answer ? remarks(answer) : '');
  }

  /** What the line says while there is no symbol. */
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
 * @param {number} count of symbols
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
 * @param {ReadSymbol} [symbol]
 */
function fillBars(bars, symbol) {
  const probabilities = symbol ? digitsOf(symbol) : [];
  bars.forEach(({ row, fill, value }, digit) => {
    const probability = probabilities[digit] ?? 0;
    fill.style.transform = `scaleX(${probability})`;
    value.textContent = symbol ? percent(probability) : '';
    row.classList.toggle('best', symbol?.text === String(digit));
    row.classList.toggle('second', symbol !== undefined && rivalOf(symbol) === String(digit));
  });
}
