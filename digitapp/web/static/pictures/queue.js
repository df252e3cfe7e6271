/**
 * Pictures waiting to be read, being read, and read: a few at a time, each for itself.
 *
 * @typedef {{id: number, file: File, url: string, reading: import('../reading/reader.js').Reading}} Entry
 */

import { patiently } from '../reading/reader.js';

/** Pictures that are read at the same time. */
const WIDTH = 2;

/** The list of pictures, newest last. */
export class PictureQueue {
  #recognize;
  #changed;
  #entries = [];
  #waiting = [];
  #running = 0;
  #count = 0;

  /**
   * @param {(picture: Blob, signal: AbortSignal) => Promise<object>} recognize
   * @param {(entry: Entry|null) => void} changed one entry has, or the list has (null)
   */
  constructor(recognize, changed) {
    this.#recognize = recognize;
    this.#changed = changed;
  }

  /** @returns {readonly Entry[]} */
  get entries() {
    return this.#entries;
  }

  /**
   * @param {File[]} files
   * @returns {Entry[]} theirs
   */
  add(files) {
    const fresh = files.map((file) => this.#entry(file));
    this.#entries = [...this.#entries, ...fresh];
    this.#changed(null);
    this.read(fresh);
    return fresh;
  }

  /**
   * Lists a file that could not even be fetched, with the reason.
   * @param {string} name
   * @param {Error} error
   * @returns {Entry}
   */
  refuse(name, error) {
    const entry = { ...this.#entry(new File([], name)), reading: { phase: 'error', error } };
    this.#entries = [...this.#entries, entry];
    this.#changed(null);
    this.#changed(entry);
    return entry;
  }

  /** Reads these again, as after an error or with another option. */
  read(entries) {
    const there = entries.filter((entry) => entry.file.size > 0 || !entry.reading.error);
    for (const entry of there) {
      entry.controller?.abort();
      entry.controller = new AbortController();
      this.#become(entry, { phase: 'waiting', answer: entry.reading.answer });
    }
    this.#waiting = [...this.#waiting.filter((entry) => !there.includes(entry)), ...there];
    this.#fill();
  }

  /** Forgets all pictures, read or not. */
  clear() {
    for (const { controller, url } of this.#entries) {
      controller?.abort();
      URL.revokeObjectURL(url);
    }
    this.#entries = [];
    this.#waiting = [];
    this.#changed(null);
  }

  #entry(file) {
    const url = URL.createObjectURL(file);
    return { id: (this.#count += 1), file, url, reading: { phase: 'waiting' }, controller: null };
  }

  #fill() {
    while (this.#running < WIDTH && this.#waiting.length > 0) this.#run(this.#waiting.shift());
  }

  async #run(entry) {
    const { signal } = entry.controller;
    const tell = (reading) => !signal.aborted && this.#become(entry, reading);
    this.#running += 1;
    try {
      tell({ phase: 'reading', answer: entry.reading.answer });
      const ask = () => this.#recognize(entry.file, signal);
      const onBusy = (error) => tell({ phase: 'busy', error });
      tell({ phase: 'answer', answer: await patiently(ask, { onBusy, signal }) });
    } catch (error) {
      tell({ phase: 'error', error });
    } finally {
      this.#running -= 1;
      this.#fill();
    }
  }

  #become(entry, reading) {
    entry.reading = reading;
    this.#changed(entry);
  }
}
