/** The reading, shown: the number, its digits' probabilities, what the network saw, and errors. */

import { paintInput } from './pixels.js';
import { hasRival, percent, rows, spoken, verdict } from './words.js';

const BUSY = 'The server is busy. Trying again in a moment.';

/** The panel beside the sheet or the picture. */
export class ResultView {
  #root;
  #parts;
  #bars;
  #onSelect;
  #reading = null;
  #selected = 0;

  /**
   * @param {HTMLElement} root its parts are marked with `data-part`
   * @param {(index: number) => void} onSelect a digit of the answer was chosen
   */
  constructor(root, onSelect) {
    this.#root = root;
    const parts = [...root.querySelectorAll('[data-part]')];
    this.#parts = Object.fromEntries(parts.map((part) => [part.dataset.part, part]));
    this.#bars = makeBars(this.#parts.bars);
    this.#onSelect = onSelect;
  }

  /** The shown answer, or null. */
  get answer() {
    return this.#reading?.answer ?? null;
  }

  /**
   * @param {import('./reader.js').Reading} reading
   * @param {{empty: string, nothing: string, help?: string}} words for a view with nothing to read,
   *   for a picture with nothing on it, and what helps against the error
   */
  show(reading, words) {
    if (reading.answer !== this.#reading?.answer) this.#selected = this.#mostDoubtful(reading.answer);
    this.#reading = reading;
    const { error, message, help, retry, copy, elapsed } = this.#parts;
    this.#root.dataset.phase = reading.phase;
    this.#root.dataset.provisional = Boolean(reading.provisional);
    error.hidden = reading.phase !== 'error';
    setText(message, reading.phase === 'error' ? reading.error.message : '');
    setText(help, reading.phase === 'error' ? (words.help ?? '') : '');
    retry.hidden = !reading.error?.isPassing;
    copy.hidden = !this.answer?.text;
    setText(elapsed, this.answer ? `${this.answer.model.split(' ')[0]}, ${Math.ceil(this.answer.elapsed_ms)} ms` : '');
    this.#showNumber();
    this.#showDigit(words);
    this.#announce(reading, words);
  }

  /** Shows the details of one digit of the answer. */
  select(index) {
    this.#selected = index;
    this.#showNumber();
    this.#reveal();
    this.#showDigit();
    this.#onSelect(index);
  }

  /** Of a page's many digits not all are in sight: the chosen one is. The page itself stays. */
  #reveal() {
    const { number } = this.#parts;
    const chosen = number.querySelector('[aria-pressed=true]');
    const top = (chosen?.offsetTop ?? 0) - number.offsetTop - number.scrollTop;
    const room = number.clientHeight - (chosen?.offsetHeight ?? 0);
    if (top < 0 || top > room) number.scrollTop += top - room / 2;
  }

  get selected() {
    return this.#selected;
  }

  /** The digit that asks most for a look: the least certain one. */
  #mostDoubtful(answer) {
    const confidences = answer?.digits.map((digit) => digit.confidence) ?? [];
    return Math.max(0, confidences.indexOf(Math.min(...confidences)));
  }

  #showNumber() {
    const { number } = this.#parts;
    const { answer } = this;
    const count = answer?.digits.length ?? 0;
    const had = number.contains(document.activeElement);
    number.dataset.size = count < 3 ? 'l' : count < 6 ? 'm' : count < 15 ? 's' : 'xs';
    number.replaceChildren(...(count > 0 ? rows(answer).map((row) => this.#row(answer, row)) : []));
    if (had) number.querySelector('[aria-pressed=true]')?.focus();
  }

  #row(answer, indices) {
    const row = document.createElement('span');
    row.className = 'row';
    row.append(...indices.map((index) => this.#character(answer, index)));
    return row;
  }

  /** One digit of the number: a button where there are several to choose from. */
  #character(answer, index) {
    const digit = answer.digits[index];
    const several = answer.digits.length > 1;
    const element = document.createElement(several ? 'button' : 'span');
    element.textContent = digit.accepted ? digit.digit : '?';
    element.classList.toggle('doubtful', digit.doubtful);
    element.classList.toggle('refused', !digit.accepted);
    if (several) {
      element.type = 'button';
      element.setAttribute('aria-pressed', index === this.#selected);
      element.setAttribute('aria-label', `Digit ${index + 1}: ${verdict(digit)}`);
      element.addEventListener('click', () => this.select(index));
    }
    return element;
  }

  #showDigit(words) {
    const digit = this.answer?.digits[this.#selected];
    const { line, saw } = this.#parts;
    if (digit) setText(line, this.#lineOf(digit));
    else if (words) setText(line, this.#lineWithout(words));
    line.classList.toggle('doubtful', Boolean(digit?.doubtful));
    fillBars(this.#bars, digit);
    paintInput(saw, digit?.input);
  }

  #lineOf(digit) {
    const count = this.answer.digits.length;
    return count > 1 ? `${this.#selected + 1} of ${count}: ${verdict(digit)}` : verdict(digit);
  }

  #lineWithout(words) {
    const { phase } = this.#reading;
    if (phase === 'answer') return words.nothing;
    return { empty: words.empty, waiting: 'Waiting for its turn.', busy: BUSY, error: '' }[phase] ?? 'Reading.';
  }

  /** Only what will last is spoken, not what the pen passes by. */
  #announce(reading, words) {
    const { announcement, note } = this.#parts;
    setText(note, reading.phase === 'busy' && reading.answer ? BUSY : '');
    if (reading.phase !== 'answer' || reading.provisional) return;
    setText(announcement, reading.answer.text ? spoken(reading.answer) : words.nothing);
  }
}

/** Text that has not changed is left alone, so that no screen reader says it twice. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function makeBars(list) {
  return Array.from({ length: 10 }, (_, digit) => {
    const row = list.appendChild(document.createElement('li'));
    const [name, track, value] = ['name', 'track', 'value'].map((part) => {
      const element = row.appendChild(document.createElement('span'));
      element.className = part;
      return element;
    });
    name.textContent = digit;
    track.append(document.createElement('span'));
    return { row, track: track.firstChild, value };
  });
}

function fillBars(bars, digit) {
  bars.forEach(({ row, track, value }, index) => {
    const probability = digit?.probabilities[index] ?? 0;
    track.style.transform = `scaleX(${probability})`;
    value.textContent = digit ? percent(probability) : '';
    row.classList.toggle('best', Boolean(digit?.accepted) && index === digit.digit);
    row.classList.toggle('second', Boolean(digit) && hasRival(digit) && index === digit.runner_up);
  });
}
