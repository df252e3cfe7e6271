/**
 * Has things read in turn. The newest question wins: an answer that comes late is dropped, and a
 * busy server is asked again when it says so.
 *
 * @typedef {{phase: 'empty'|'waiting'|'reading'|'busy'|'answer'|'error',
 *            answer?: object, error?: Error, provisional?: boolean}} Reading
 *   `answer` may be the last one while the next is being read; `provisional`: the pen is still down.
 */

/** How often a busy server is asked before the person is told. */
const TRIES = 6;

/**
 * Asks, and asks again after the time that a busy server names.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {{onBusy?: (error: Error) => void, signal?: AbortSignal}} [options]
 * @returns {Promise<T>}
 */
export async function patiently(ask, { onBusy, signal } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (error.retryAfter == null || attempt === TRIES) throw error;
      onBusy?.(error);
      await pause(error.retryAfter, signal);
    }
  }
}

/** Reads one thing that keeps changing, as the drawing does. */
export class Reader {
  #recognize;
  #show;
  #turn = 0;
  #controller = null;
  #reading = { phase: 'empty' };

  /**
   * @param {(picture: Blob, options: object) => Promise<object>} recognize
   * @param {(reading: Reading) => void} show
   */
  constructor(recognize, show) {
    this.#recognize = recognize;
    this.#show = show;
  }

  /** @returns {Reading} */
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
    const controller = this.#begin();
    const { signal } = controller;
    const turn = this.#turn;
    const tell = (reading) => turn === this.#turn && this.#become({ ...reading, provisional });
    const { answer } = this.#reading;
    tell({ phase: 'reading', answer });
    try {
      const picture = await render();
      const ask = () => this.#recognize(picture, { oneDigit, signal });
      const onBusy = (error) => tell({ phase: 'busy', answer, error });
      const fresh = await patiently(ask, { onBusy, signal });
      tell({ phase: 'answer', answer: fresh });
    } catch (error) {
      tell({ phase: 'error', error });
    } finally {
      if (turn === this.#turn) this.#controller = null;
    }
  }

  /** Forgets the answer, and whatever is still on its way. */
  reset() {
    this.#begin();
    this.#controller = null;
    this.#become({ phase: 'empty' });
  }

  #begin() {
    this.#turn += 1;
    this.#controller?.abort();
    this.#controller = new AbortController();
    return this.#controller;
  }

  #become(reading) {
    this.#reading = reading;
    this.#show(reading);
  }
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
