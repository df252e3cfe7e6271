/** The pictures room: files that came in, one of them chosen, all of them read. */

import { showBoxes } from '../reading/frames.js';
import { Gallery } from './gallery.js';
import { PictureQueue } from './queue.js';
import { line } from '../reading/words.js';

const WORDS = {
  empty: 'Open a picture, and its reading appears here.',
  nothing: 'No digit was found. Dark digits on a light ground, or light on dark, read best.',
};

const EMPTY = { phase: 'empty' };

/** Everything of the Pictures room; its `reading` is what the result shows. */
export class PictureRoom {
  words = WORDS;
  #queue;
  #gallery;
  #chosen = null;
  #changed;

  /**
   * @param {HTMLElement} root
   * @param {import('../api.js').Api} api
   * @param {{isOneDigit: () => boolean, changed: () => void}} options
   */
  constructor(root, api, { isOneDigit, changed }) {
    const recognize = (file, signal) => api.recognize(file, { oneDigit: isOneDigit(), signal });
    this.#changed = changed;
    this.#gallery = new Gallery(root, (entry) => this.#choose(entry));
    this.#queue = new PictureQueue(recognize, (entry) => this.#update(entry));
    this.#gallery.list([]);
  }

  get reading() {
    return this.#chosen?.reading ?? EMPTY;
  }

  get isEmpty() {
    return this.count === 0;
  }

  get count() {
    return this.#queue.entries.length;
  }

  /** What the reading is of: the chosen file. */
  async picture() {
    return this.#chosen.file;
  }

  /** All answers as lines of name and number, split by a tab: a table's two columns. */
  get table() {
    const read = this.#queue.entries.filter(({ reading }) => reading.answer);
    return read.map(({ file, reading }) => `${file.name}\t${line(reading.answer)}`).join('\n');
  }

  /**
   * Lists these files, chooses the first and reads them all.
   * @param {File[]} files
   */
  take(files) {
    this.#choose(this.#queue.add(files)[0]);
  }

  /** Lists a file that could not be fetched, with the reason. */
  refuse(name, error) {
    this.#choose(this.#queue.refuse(name, error));
  }

  /** Reads the chosen picture again. */
  recognize() {
    if (this.#chosen) this.#queue.read([this.#chosen]);
  }

  /** Reads all pictures again, as after a change of options. */
  recognizeAll() {
    this.#queue.read([...this.#queue.entries]);
  }

  /** Forgets all pictures. */
  forget() {
    this.#queue.clear();
    this.#choose(null);
  }

  showBoxes(answer, selected, onSelect) {
    showBoxes(this.#gallery.overlay, answer, selected, onSelect);
  }

  #choose(entry) {
    this.#chosen = entry;
    this.#gallery.choose(entry);
    this.#changed();
  }

  #update(entry) {
    if (entry) this.#gallery.update(entry);
    else this.#gallery.list(this.#queue.entries);
    this.#gallery.tell(this.#queue.entries);
    if (!entry || entry === this.#chosen) this.#changed();
  }
}
