/**
 * Reads pictures in turn. The newest question wins: an answer that comes late is dropped, and a
 * busy server is asked again when it says so.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').Question} Question
 * @typedef {(picture: Blob, question: Question) => Promise<Answer>} Recognize
 *
 * @typedef {object} Reading how far the reading of one picture is
 * @property {'empty'|'waiting'|'reading'|'busy'|'answer'|'error'} phase
 * @property {Answer} [answer] the last one, while the next is being read
 * @property {Error} [error]
 * @property {boolean} [provisional] whether the pen is still down
 */

import { ApiError, toError } from '../api.js';

/** @type {Readonly<Reading>} nothing to read */
export const EMPTY = Object.freeze({ phase: 'empty' });

/** How often a busy server is asked before the person is told. */
const TRIES = 6;

/**
 * Asks, and asks again after the time that a busy server names.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {{onBusy?: (error: ApiError) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<T>}
 * @throws {unknown} what `ask` threw last, or why `signal` aborted
 */
export async function retryWhileBusy(ask, { onBusy, signal } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.retryAfter === null || attempt === TRIES) throw error;
      onBusy?.(error);
      await pause(error.retryAfter, signal);
    }
  }
}

/** Reads one thing that keeps changing, as the drawing does. */
export class Reader {
  #recognize;
  #onReading;
  #turn = 0;
  /** @type {AbortController|null} */
  #controller = null;
  /** @type {Reading} */
  #reading = EMPTY;

  /**
   * @param {Recognize} recognize
   * @param {(reading: Reading) => void} onReading
   */
  constructor(recognize, onReading) {
    this.#recognize = recognize;
    this.#onReading = onReading;
  }

  get reading() {
    return this.#reading;
  }

  get isReading() {
    return this.#controller !== null;
  }

  /**
   * Reads what `render` gives, and forgets every question before this one.
   * @param {() => Promise<Blob>} render
   * @param {{oneDigit?: boolean, provisional?: boolean}} [options]
   */
  async read(render, { oneDigit = false, provisional = false } = {}) {
    const { signal } = this.#begin();
    const turn = this.#turn;
    /** @param {Reading} reading */
    const tell = (reading) => {
      if (turn === this.#turn) this.#become({ ...reading, provisional });
    };
    const { answer } = this.#reading;
    tell({ phase: 'reading', answer });
    try {
      const picture = await render();
      const ask = () => this.#recognize(picture, { oneDigit, signal });
      /** @param {ApiError} error */
      const onBusy = (error) => tell({ phase: 'busy', answer, error });
      tell({ phase: 'answer', answer: await retryWhileBusy(ask, { onBusy, signal }) });
    } catch (error) {
      tell({ phase: 'error', error: toError(error) });
    } finally {
      if (turn === this.#turn) this.#controller = null;
    }
  }

  /** Forgets the answer, and every question that is still on its way. */
  reset() {
    this.#begin();
    this.#controller = null;
    this.#become(EMPTY);
  }

  #begin() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = new AbortController();
    return this.#controller;
  }

  /** @param {Reading} reading */
  #become(reading) {
    this.#reading = reading;
    this.#onReading(reading);
  }
}

/**
 * @param {number} seconds
 * @param {AbortSignal} [signal]
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
