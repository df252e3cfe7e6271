/**
 * The server, as this page sees it: requests go out, answers or ApiErrors come back.
 *
 * @typedef {[x: number, y: number, width: number, height: number]} Box
 *   in pixels of the upright picture
 *
 * @typedef {object} ReadSymbol
 * @property {string} text a digit, a sign, or `?` for a mark that is not read
 * @property {number} confidence from 0 to 1
 * @property {boolean} doubtful
 * @property {{text: string, probability: number}[]} alternatives the most probable first
 * @property {number[]} [probabilities] of the ten digits
 * @property {Box} box
 * @property {number} row counted from 0
 * @property {number} number counted from 0 through the picture
 * @property {string} [input] what the network got: 784 bytes of grey in base64, 28 x 28 pixels
 *
 * @typedef {object} Answer
 * @property {string} text rows split by a newline, numbers by a space, `?` for what is not read
 * @property {boolean} doubt whether anything needs a look
 * @property {ReadSymbol[]} symbols in reading order
 * @property {{text: string, box: Box, row: number, doubt: boolean}[]} numbers in reading order
 * @property {{box: Box, why: string}[]} left_out what was seen and not read
 * @property {number} turned by how many degrees, clockwise, the picture was turned to be read
 * @property {number} width of the turned picture in pixels, in which boxes are
 * @property {number} height
 * @property {string} model
 * @property {number} elapsed_ms
 * @property {{grey: string, ink: string}} [stages] PNG files in base64
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {{accuracy: number}} [test]
 *
 * @typedef {{address: string|null, qr: string|null}} Access
 *   how other devices reach this server: an address and its QR code as SVG, null while they may not
 *
 * @typedef {{kind: 'file', id: string, name: string} | {kind: 'command', name: string}} DesktopMessage
 *
 * @typedef {object} Question
 * @property {boolean} [oneDigit] whether all ink is one digit
 * @property {boolean} [stages] whether the pictures of the stages are wanted too
 * @property {AbortSignal} [signal]
 */

const MIB = 2 ** 20;

/** @type {Record<string, string>} */
const SENTENCES = {
  'file-gone': 'This file can no longer be read. Choose it again.',
  offline: 'The server cannot be reached. Check that it is running, then try again.',
  'bad-answer': 'The server’s answer could not be understood. Try again, or reload the page.',
};

/** Errors that may be gone when the same request is sent again. */
const TEMPORARY = ['offline', 'bad-answer', 'busy', 'too-many-requests', 'internal-error'];

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
  get isTemporary() {
    return TEMPORARY.includes(this.code);
  }
}

/** The server's API, asked with this session's token. */
export class Api {
  #token;
  #maxBytes;

  /**
   * @param {string} token
   * @param {number} maxBytes the largest file that the server takes
   */
  constructor(token, maxBytes) {
    this.#token = token;
    this.#maxBytes = maxBytes;
  }

  /**
   * Reads a picture.
   * @param {Blob} picture the bytes of an image file
   * @param {Question} [question]
   * @returns {Promise<Answer>} with the pictures that the network got
   * @throws {ApiError|DOMException} an AbortError when `signal` said so
   */
  async recognize(picture, question = {}) {
    if (picture.size > this.#maxBytes) throw tooLarge(this.#maxBytes);
    try {
      const { signal } = question;
      return await this.#json(recognizePath(question), { method: 'POST', body: picture, signal });
    } catch (error) {
      const isOffline = error instanceof ApiError && error.code === 'offline';
      throw isOffline && !(await canRead(picture)) ? new ApiError('file-gone') : error;
    }
  }

  /**
   * Asks for the model's facts.
   * @returns {Promise<Model>}
   * @throws {ApiError}
   */
  async model() {
    return this.#json('api/model');
  }

  /**
   * Asks how other devices reach this server.
   * @returns {Promise<Access>}
   * @throws {ApiError}
   */
  async share() {
    return this.#json('api/share');
  }

  /**
   * Gives other devices access or takes it away. Only the owner's window may.
   * @param {boolean} on
   * @returns {Promise<Access>}
   * @throws {ApiError}
   */
  async setShare(on) {
    return this.#json(`api/share?on=${on ? 1 : 0}`, { method: 'PUT' });
  }

  /**
   * Waits for the desktop window's next message. The server holds the request until there is one.
   * @returns {Promise<DesktopMessage|null>} null when it is time to ask again
   * @throws {ApiError}
   */
  async desktopNext() {
    const response = await this.#fetch('api/desktop/next');
    return response.status === 204 ? null : parsed(response);
  }

  /**
   * Fetches a file that the desktop window was given.
   * @param {string} id
   * @returns {Promise<Blob>}
   * @throws {ApiError}
   */
  async desktopFile(id) {
    return (await this.#fetch(`api/desktop/files/${encodeURIComponent(id)}`)).blob();
  }

  /**
   * @param {string} path
   * @param {RequestInit} [options]
   */
  async #json(path, options) {
    return parsed(await this.#fetch(path, options));
  }

  /**
   * @param {string} path
   * @param {RequestInit} [options]
   */
  async #fetch(path, options = {}) {
    return request(path, this.#token ? `Bearer ${this.#token}` : null, options);
  }
}

/**
 * Exchanges a ticket for the token.
 * @param {string} ticket
 * @returns {Promise<string>}
 * @throws {ApiError}
 */
export async function redeem(ticket) {
  return (await parsed(await request('ticket', `Ticket ${ticket}`, { method: 'POST' }))).token;
}

/**
 * Makes an Error of whatever was thrown.
 * @param {unknown} thrown
 */
export function toError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** @param {Question} question */
function recognizePath({ oneDigit = false, stages = false }) {
  return `api/recognize?input=1${oneDigit ? '&one_digit=1' : ''}${stages ? '&stages=1' : ''}`;
}

/**
 * @param {string} path
 * @param {string|null} authorization
 * @param {RequestInit} options
 * @returns {Promise<Response>} one of success
 * @throws {ApiError|DOMException}
 */
async function request(path, authorization, options) {
  const headers = authorization === null ? undefined : { Authorization: authorization };
  const response = await fetch(path, { ...options, headers, cache: 'no-store' }).catch(failWith('offline'));
  if (!response.ok) throw await refusal(response);
  return response;
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
async function parsed(response) {
  return response.json().catch(failWith('bad-answer'));
}

/**
 * @param {string} code of the error, unless the request was aborted
 * @returns {(error: Error) => never}
 */
function failWith(code) {
  return (error) => {
    throw error.name === 'AbortError' ? error : new ApiError(code);
  };
}

/** @param {Response} response */
async function refusal(response) {
  const { error } = await response.json().catch(() => ({}));
  if (!error?.message) return new ApiError('bad-answer');
  return new ApiError(error.code, error.message, seconds(response.headers.get('Retry-After')));
}

/** @param {number} maxBytes */
function tooLarge(maxBytes) {
  return new ApiError('too-large', `The picture is too large. Send one of at most ${maxBytes / MIB} MiB.`);
}

/** @param {string|null} header */
function seconds(header) {
  return header !== null && /^\d+$/.test(header) ? Number(header) : null;
}

/**
 * A file that was moved or deleted after it was chosen fails just as a lost network does.
 * @param {Blob} blob
 */
async function canRead(blob) {
  return blob.slice(0, 1).arrayBuffer().then(() => true, () => false);
}
