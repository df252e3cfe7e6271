/**
 * Pictures that wait to be read, are being read, and were read. Each has its own reading.
 *
 * @typedef {import('../reading/reader.js').Reading} Reading
 * @typedef {import('../reading/reader.js').Recognize} Recognize
 *
 * @typedef {object} Entry
 * @property {number} id
 * @property {File} file
 * @property {string} url of the file, for the page to show
 * @property {Reading} reading
 * @property {AbortController} controller stops the reading
 */

import { toError } from '../api.js';
import { retryWhileBusy } from '../reading/reader.js';

/** Pictures that are read at the same time. */
const WIDTH = 2;

/** The list of pictures, newest last. */
export class PictureQueue {
  #recognize;
  #onChange;
  /** @type {readonly Entry[]} */
  #entries = [];
  /** @type {Entry[]} */
  #waiting = [];
  #running = 0;
  #count = 0;

  /**
   * @param {Recognize} recognize
   * @param {(entry: Entry|null) => void} onChange of one entry's reading, or of the list (null)
   */
  constructor(recognize, onChange) {
    this.#recognize = recognize;
    this.#onChange = onChange;
  }

  get entries() {
    return this.#entries;
  }

  /**
   * Lists files and reads them.
   * @param {File[]} files
   * @returns {Entry[]} their entries
   */
  add(files) {
    const added = files.map((file) => this.#entryOf(file, { phase: 'waiting' }));
    this.#list(added);
    this.read(added);
    return added;
  }

  /**
   * Lists a file that could not even be fetched, with the reason.
   * @param {string} name
   * @param {Error} error
   * @returns {Entry}
   */
  addRefused(name, error) {
    const entry = this.#entryOf(new File([], name), { phase: 'error', error });
    this.#list([entry]);
    this.#onChange(entry);
    return entry;
  }

  /**
   * Reads entries, or reads them again, as after an error or with another option.
   * @param {readonly Entry[]} entries
   */
  read(entries) {
    const readable = entries.filter(({ file, reading }) => file.size > 0 || !reading.error);
    for (const entry of readable) {
      entry.controller.abort();
      entry.controller = new AbortController();
      this.#become(entry, { phase: 'waiting', answer: entry.reading.answer });
    }
    this.#waiting = [...this.#waiting.filter((entry) => !readable.includes(entry)), ...readable];
    this.#fill();
  }

  /** Forgets all pictures, read or not. */
  clear() {
    for (const { controller, url } of this.#entries) {
      controller.abort();
      URL.revokeObjectURL(url);
    }
    this.#entries = [];
    this.#waiting = [];
    this.#onChange(null);
  }

  /**
   * @param {File} file
   * @param {Reading} reading
   * @returns {Entry}
   */
  #entryOf(file, reading) {
    this.#count += 1;
    const controller = new AbortController();
    return { id: this.#count, file, url: URL.createObjectURL(file), reading, controller };
  }

  /** @param {Entry[]} added */
  #list(added) {
    this.#entries = [...this.#entries, ...added];
    this.#onChange(null);
  }

  #fill() {
    while (this.#running < WIDTH) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#run(entry);
    }
  }

  /** @param {Entry} entry */
  async #run(entry) {
    const { signal } = entry.controller;
    /** @param {Reading} reading */
    const tell = (reading) => {
      if (!signal.aborted) this.#become(entry, reading);
    };
    this.#running += 1;
    try {
      tell({ phase: 'reading', answer: entry.reading.answer });
      const ask = () => this.#recognize(entry.file, { signal });
      /** @param {Error} error */
      const onBusy = (error) => tell({ phase: 'busy', error });
      tell({ phase: 'answer', answer: await retryWhileBusy(ask, { onBusy, signal }) });
    } catch (error) {
      tell({ phase: 'error', error: toError(error) });
    } finally {
      this.#running -= 1;
      this.#fill();
    }
  }

  /**
   * @param {Entry} entry
   * @param {Reading} reading
   */
  #become(entry, reading) {
    entry.reading = reading;
    this.#onChange(entry);
  }
}
