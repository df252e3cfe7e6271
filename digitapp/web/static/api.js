/** The server, as this page sees it: requests go out, answers or ApiErrors come back. */

/** Largest file that the server takes, in bytes. */
export const MAX_BYTES = 20 * 1024 * 1024;

const SENTENCES = {
  'too-large': 'The picture is too large. Send one of at most 20 MiB.',
  'file-gone': 'This file can no longer be read. Choose it again.',
  offline: 'The server cannot be reached. Check that it is running, then try again.',
  'bad-answer': 'The server’s answer could not be understood. Try again, or reload the page.',
};

/** What may go better the next time; all else is the picture's or the person's to change. */
const PASSING = ['offline', 'bad-answer', 'busy', 'too-many-requests', 'internal-error'];

/** Anything that went wrong: a stable code for programs, a sentence for people. */
export class ApiError extends Error {
  /**
   * @param {string} code
   * @param {string} [message]
   * @param {number|null} [retryAfter] seconds, where the server asks to wait
   */
  constructor(code, message = SENTENCES[code], retryAfter = null) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether it may help to try again. */
  get isPassing() {
    return PASSING.includes(this.code);
  }
}

/** The server's API, asked with this session's token. */
export class Api {
  #token;

  /** @param {string} token */
  constructor(token) {
    this.#token = token;
  }

  /**
   * Has a picture read.
   * @param {Blob} picture the bytes of an image file
   * @param {{oneDigit?: boolean, stages?: boolean, signal?: AbortSignal}} [options]
   * @returns {Promise<object>} the answer, with the pictures that the network saw, and with those
   *   of the stages before where they are asked for
   * @throws {ApiError|DOMException} an AbortError when `signal` said so
   */
  async recognize(picture, { oneDigit = false, stages = false, signal } = {}) {
    if (picture.size > MAX_BYTES) throw new ApiError('too-large');
    const path = `api/recognize?input=1${oneDigit ? '&one_digit=1' : ''}${stages ? '&stages=1' : ''}`;
    try {
      return await this.#json(path, { method: 'POST', body: picture, signal });
    } catch (error) {
      throw error.code === 'offline' && !(await canRead(picture)) ? new ApiError('file-gone') : error;
    }
  }

  /** What the server says of its model. */
  async model() {
    return this.#json('api/model');
  }

  /**
   * How other devices get in.
   * @returns {Promise<{address: string|null, qr: string|null}>} both null while none may
   */
  async share() {
    return this.#json('api/share');
  }

  /**
   * Lets other devices in or not; the machine's owner alone can.
   * @param {boolean} on
   */
  async setShare(on) {
    return this.#json(`api/share?on=${on ? 1 : 0}`, { method: 'PUT' });
  }

  /**
   * What the desktop window wants next; the server holds the question until there is something.
   * @returns {Promise<object|null>} null when it is time to ask again
   */
  async desktopNext() {
    const response = await this.#fetch('api/desktop/next');
    return response.status === 204 ? null : parsed(response);
  }

  /**
   * A file that the desktop window was given.
   * @param {string} id
   * @returns {Promise<Blob>}
   */
  async desktopFile(id) {
    return (await this.#fetch(`api/desktop/files/${encodeURIComponent(id)}`)).blob();
  }

  async #json(path, options) {
    return parsed(await this.#fetch(path, options));
  }

  async #fetch(path, options = {}) {
    const headers = this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
    const response = await fetch(path, { ...options, headers, cache: 'no-store' }).catch(unreachable);
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

/**
 * The token for a ticket.
 * @param {string} ticket
 * @returns {Promise<string>}
 * @throws {ApiError}
 */
export async function redeem(ticket) {
  const headers = { Authorization: `Ticket ${ticket}` };
  const response = await fetch('ticket', { method: 'POST', headers, cache: 'no-store' }).catch(unreachable);
  if (!response.ok) throw await refusal(response);
  return (await parsed(response)).token;
}

function unreachable(error) {
  throw error.name === 'AbortError' ? error : new ApiError('offline');
}

async function parsed(response) {
  try {
    return await response.json();
  } catch (error) {
    throw error.name === 'AbortError' ? error : new ApiError('bad-answer');
  }
}

async function refusal(response) {
  const { error } = await response.json().catch(() => ({}));
  if (!error?.message) return new ApiError('bad-answer');
  return new ApiError(error.code, error.message, seconds(response.headers.get('Retry-After')));
}

function seconds(header) {
  return /^\d+$/.test(header ?? '') ? Number(header) : null;
}

/** A file that was moved or deleted after it was chosen fails just as a lost network does. */
async function canRead(blob) {
  return blob.slice(0, 1).arrayBuffer().then(() => true, () => false);
}
