/** The Pictures view: files that came in, one of them chosen, all of them read. */

import { drawFrames } from '../reading/frames.js';
import { EMPTY } from '../reading/reader.js';
import { Gallery } from './gallery.js';
import { PictureQueue } from './queue.js';
import { table } from './summary.js';

/** @typedef {import('./queue.js').Entry} Entry */

/** The Pictures view. It tells `onReading` how far the chosen picture is. */
export class PicturesView {
  /** @type {import('../reading/result.js').Texts} */
  texts = {
    empty: 'Open a picture, and its reading appears here.',
    nothing: 'No digit was found. Dark digits on a light background, or light on dark, read best.',
  };

  #queue;
  #gallery;
  #onReading;
  #onSelect;
  /** @type {Entry|null} */
  #chosen = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {import('../reading/reader.js').Recognize} options.recognize
   * @param {() => boolean} options.isOneDigit
   * @param {(reading: import('../reading/reader.js').Reading) => void} options.onReading
   * @param {(index: number) => void} options.onSelect a framed symbol was clicked
   */
  constructor(root, { recognize, isOneDigit, onReading, onSelect }) {
    this.#onReading = onReading;
    this.#onSelect = onSelect;
    this.#gallery = new Gallery(root, (entry) => this.#choose(entry));
    this.#queue = new PictureQueue(
      (picture, question) => recognize(picture, { ...question, oneDigit: isOneDigit() }),
      (entry) => this.#update(entry),
    );
    this.#gallery.list([]);
  }

  get isEmpty() {
    return this.count === 0;
  }

  get count() {
    return this.#queue.entries.length;
  }

  /** All answers as a table's two columns: name and number. */
  get table() {
    return table(this.#queue.entries);
  }

  /**
   * The chosen file.
   * @throws {Error} none is chosen
   */
  async picture() {
    if (!this.#chosen) throw new Error('No picture is chosen.');
    return this.#chosen.file;
  }

  /**
   * Lists files, chooses the first and reads them all.
   * @param {File[]} files
   */
  add(files) {
    this.#choose(this.#queue.add(files)[0]);
  }

  /**
   * Lists a file that could not be fetched, with the reason.
   * @param {string} name
   * @param {Error} error
   */
  addRefused(name, error) {
    this.#choose(this.#queue.addRefused(name, error));
  }

  /** Reads the chosen picture again. */
  recognize() {
    if (this.#chosen) this.#queue.read([this.#chosen]);
  }

  /** Reads all pictures again, as after a change of options. */
  recognizeAll() {
    this.#queue.read(this.#queue.entries);
  }

  /** Forgets all pictures. */
  clear() {
    this.#queue.clear();
    this.#choose(null);
  }

  /**
   * Frames the symbols of the chosen picture.
   * @param {import('../reading/reader.js').Reading} reading
   * @param {number} selected index of the symbol whose details are shown
   */
  showFrames({ answer }, selected) {
    void this.#gallery.turn(answer?.turned ?? 0);
    drawFrames(this.#gallery.overlay, answer ?? null, selected, this.#onSelect);
  }

  /** @param {Entry|null} entry */
  #choose(entry) {
    this.#chosen = entry;
    this.#gallery.choose(entry);
    this.#tell();
  }

  /** @param {Entry|null} entry the one that has changed, or null when the list has */
  #update(entry) {
    if (entry) this.#gallery.update(entry);
    else this.#gallery.list(this.#queue.entries);
    this.#gallery.showProgress(this.#queue.entries);
    if (!entry || entry === this.#chosen) this.#tell();
  }

  #tell() {
    this.#onReading(this.#chosen?.reading ?? EMPTY);
  }
}
