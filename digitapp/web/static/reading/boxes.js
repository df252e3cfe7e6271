/**
 * Where frames and their labels stand around the symbols of an answer, in pixels of the picture.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').Box} Box
 */

/** Size of a frame's label, in margins between the ink and its frame. */
const LABEL_SIZE = 3;

/**
 * The margin between the ink and its frame: smaller on a page of small digits.
 * @param {Answer} answer
 * @returns {number}
 */
export function marginOf({ width, height, symbols }) {
  if (symbols.length === 0) return Math.max(width, height) / 80;
  const heights = symbols.map(({ box }) => box[3]).sort((one, other) => one - other);
  return Math.min(Math.max(width, height) / 80, heights[heights.length >> 1] / 8);
}

/**
 * @param {Box} box
 * @param {number} margin
 */
export function frameAround([x, y, width, height], margin) {
  return { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
}

/**
 * A label stands over its frame, but within the picture.
 * @param {Box} box
 * @param {number} margin
 * @returns {{x: number, y: number, size: number}} the text's baseline and the font's size
 */
export function labelOver([x, y], margin) {
  const size = LABEL_SIZE * margin;
  return { x: Math.max(x - margin, 0), y: Math.max(y - 1.6 * margin, 0.8 * size), size };
}

/**
 * @param {Answer} answer
 * @param {{x: number, y: number}} spot
 * @returns {number} index of the symbol there, the nearest one where boxes overlap; -1 where none is
 */
export function symbolAt({ symbols }, { x, y }) {
  const distances = symbols.map(({ box: [left, top, width, height] }) => {
    const isInside = left <= x && x < left + width && top <= y && y < top + height;
    return isInside ? Math.abs(left + width / 2 - x) : Infinity;
  });
  const least = Math.min(...distances);
  return least === Infinity ? -1 : distances.indexOf(least);
}
