/**
 * A grey picture as a PNG file that is decoded quickly.
 *
 * A browser's own PNG file has four channels and costs the server five times as much. What
 * CompressionStream makes repeats single pixels, which zlib copies slowly. Here, what equals the row
 * above is one reference to it, and all else stands for itself: a sheet takes 0.13 ms to decode, not
 * 0.31 ms. The form is that of RFC 1951 (deflate) with its fixed codes, RFC 1950 (zlib) and PNG.
 */

/** The references' shortest and longest, in bytes. */
const SHORTEST = 3;
const LONGEST = 258;

/** Deflate's symbol for the end, the one from which on symbols are lengths, and that of LONGEST. */
const END = 256;
const LENGTHS = 257;
const LONGEST_SYMBOL = 285;

/** The largest prime below 2 ** 16: the checksum of RFC 1950 is counted in rests of it. */
const BASE = 65521;

/** Both of its sums stay whole numbers for so many bytes: their rests are taken after each of them. */
const SUMMED = 4096;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param {Uint8Array} grey row by row
 * @param {number} width
 * @param {number} height
 * @returns {Blob}
 */
export function greyPng(grey, width, height) {
  const header = [...bytes(width), ...bytes(height), 8, 0, 0, 0, 0]; // 8 bits of grey a pixel
  const rows = new Uint8Array(height * (width + 1)); // each begins with 0: it has no filter
  for (let y = 0; y < height; y += 1) {
    rows.set(grey.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  const data = [0x78, 0x01, ...deflated(rows, width + 1), ...bytes(adler(rows))];
  const file = [...SIGNATURE, ...chunk('IHDR', header), ...chunk('IDAT', data), ...chunk('IEND', [])];
  return new Blob([new Uint8Array(file)], { type: 'image/png' });
}

/** Bits one after the other, the lowest bit of each byte first. */
class Bits {
  /** @type {number[]} */
  bytes = [];
  #waiting = 0;
  #count = 0;

  /**
   * @param {number} value
   * @param {number} count of its bits, at most 16
   */
  put(value, count) {
    this.#waiting |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.bytes.push(this.#waiting & 0xff);
      this.#waiting >>>= 8;
      this.#count -= 8;
    }
  }

  /**
   * A code of a tree, whose highest bit comes first.
   * @param {number} code
   * @param {number} count
   */
  putCode(code, count) {
    for (let bit = count - 1; bit >= 0; bit -= 1) this.put((code >> bit) & 1, 1);
  }

  /** A byte, END or a length, in deflate's fixed codes. @param {number} symbol */
  putSymbol(symbol) {
    if (symbol < 144) this.putCode(0x30 + symbol, 8);
    else if (symbol < END) this.putCode(0x190 + symbol - 144, 9);
    else if (symbol < 280) this.putCode(symbol - END, 7);
    else this.putCode(0xc0 + symbol - 280, 8);
  }
}

/**
 * @param {Uint8Array} rows
 * @param {number} back how far back the row above is, in bytes
 * @returns {number[]}
 */
function deflated(rows, back) {
  const bits = new Bits();
  bits.put(0b011, 3); // one block, with the fixed codes
  for (let place = 0; place < rows.length; ) {
    const length = place < back ? 0 : alike(rows, place, back);
    if (length < SHORTEST) bits.putSymbol(rows[place]);
    else putReference(bits, length, back);
    place += length < SHORTEST ? 1 : length;
  }
  bits.putSymbol(END);
  bits.put(0, 7); // fills the last byte
  return bits.bytes;
}

/**
 * How many bytes from a place on are those of the row above.
 * @param {Uint8Array} rows
 * @param {number} place
 * @param {number} back
 */
function alike(rows, place, back) {
  const end = Math.min(place + LONGEST, rows.length);
  let next = place;
  while (next < end && rows[next] === rows[next - back]) next += 1;
  return next - place;
}

/**
 * @param {Bits} bits
 * @param {number} length
 * @param {number} distance
 */
function putReference(bits, length, distance) {
  if (length === LONGEST) {
    bits.putSymbol(LONGEST_SYMBOL);
  } else {
    const { code, rest, count } = coded(length - SHORTEST, 2);
    bits.putSymbol(LENGTHS + code);
    bits.put(rest, count);
  }
  const { code, rest, count } = coded(distance - 1, 1);
  bits.putCode(code, 5);
  bits.put(rest, count);
}

/**
 * A number in deflate's way: its highest bits are in the code, the others follow as they are.
 * @param {number} number
 * @param {number} kept so many bits after the highest one are in the code
 */
function coded(number, kept) {
  const count = Math.max(31 - Math.clz32(number) - kept, 0);
  return { code: (count << kept) + (number >> count), rest: number & ((1 << count) - 1), count };
}

/**
 * @param {string} type
 * @param {number[]} data
 */
function chunk(type, data) {
  const body = [...[...type].map((letter) => letter.charCodeAt(0)), ...data];
  return [...bytes(data.length), ...body, ...bytes(crc(body))];
}

/**
 * A number in four bytes, the highest first.
 * @param {number} number
 */
function bytes(number) {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff);
}

/**
 * The checksum of a PNG's chunk.
 * @param {number[]} data
 */
function crc(data) {
  let sum = ~0;
  for (const byte of data) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

/**
 * The checksum of what zlib packs.
 * @param {Uint8Array} data
 */
function adler(data) {
  let low = 1;
  let high = 0;
  for (let place = 0; place < data.length; ) {
    const end = Math.min(place + SUMMED, data.length);
    for (; place < end; place += 1) {
      low += data[place];
      high += low;
    }
    low %= BASE;
    high %= BASE;
  }
  return high * 0x10000 + low;
}
