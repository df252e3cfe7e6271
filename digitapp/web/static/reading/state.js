/**
 * What the page shows: one of its views, that view's reading, and one digit of its answer. The
 * views report here what they read; whoever shows it listens.
 *
 * @typedef {'draw'|'pictures'} ViewName
 */

import { leastCertain } from './answer.js';
import { EMPTY } from './reader.js';

/** Sends `reading` when another reading may be shown, and `selection` when only the digit is. */
export class PageState extends EventTarget {
  /** @type {ViewName} */
  #view = 'draw';
  /** @type {Record<ViewName, import('./reader.js').Reading>} */
  #readings = { draw: EMPTY, pictures: EMPTY };
  #selected = 0;

  get view() {
    return this.#view;
  }

  /** The shown view's reading. */
  get reading() {
    return this.#readings[this.#view];
  }

  /** The shown answer, or null. */
  get answer() {
    return this.reading.answer ?? null;
  }

  /** Index of the digit whose details are shown. It starts at the one that needs a look most. */
  get selected() {
    return this.#selected;
  }

  /** @param {ViewName} view */
  showView(view) {
    this.#change(() => (this.#view = view));
  }

  /**
   * @param {ViewName} view whose reading has changed
   * @param {import('./reader.js').Reading} reading
   */
  setReading(view, reading) {
    this.#change(() => (this.#readings[view] = reading));
  }

  /** @param {number} index of a digit of the shown answer */
  select(index) {
    this.#selected = index;
    this.dispatchEvent(new Event('selection'));
  }

  /** @param {() => void} step */
  #change(step) {
    const { answer } = this;
    step();
    if (this.answer !== answer) this.#selected = leastCertain(this.answer);
    this.dispatchEvent(new Event('reading'));
  }
}
