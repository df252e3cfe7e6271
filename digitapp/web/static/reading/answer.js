/**
 * What an answer's symbols are, without a page.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').ReadSymbol} ReadSymbol
 */

/** A second best less probable than this is not mentioned. */
const MIN_RIVAL = 0.05;

/** Ink that was left out for these reasons may be writing. */
const MAY_BE_WRITING = ['beyond-limit', 'picture'];

/**
 * Whether it is read as a digit or a sign, and not as `?`.
 * @param {ReadSymbol} symbol
 */
export function isRead({ text }) {
  return text !== '?';
}

/**
 * Whether people should look at it.
 * @param {ReadSymbol} symbol
 */
export function isUncertain(symbol) {
  return symbol.doubtful || !isRead(symbol);
}

/**
 * What else a doubtful symbol may be; empty where the doubt is whether it is one at all.
 * @param {ReadSymbol} symbol
 * @returns {string}
 */
export function rivalOf({ doubtful, alternatives: [, second] }) {
  return doubtful && second && second.probability >= MIN_RIVAL ? second.text : '';
}

/**
 * How probable each of the ten digits is: of a sign, as far as it was taken for one.
 * @param {ReadSymbol} symbol
 * @returns {number[]}
 */
export function digitsOf({ probabilities, alternatives }) {
  if (probabilities) return probabilities;
  const known = new Map(alternatives.map(({ text, probability }) => [text, probability]));
  return Array.from({ length: 10 }, (_, digit) => known.get(String(digit)) ?? 0);
}

/**
 * @param {Answer|null} answer
 * @returns {number} index of the symbol that needs a look most, 0 where there are none
 */
export function leastCertain(answer) {
  const confidences = answer?.symbols.map((symbol) => (isRead(symbol) ? symbol.confidence : 0)) ?? [];
  return Math.max(0, confidences.indexOf(Math.min(...confidences)));
}

/**
 * The answer's symbols in its rows and numbers.
 * @param {Answer} answer
 * @returns {number[][][]} for each row its numbers, for each number indices into `answer.symbols`
 */
export function rows({ symbols }) {
  /** @type {number[][][]} */
  const found = [];
  symbols.forEach(({ row, number }, index) => {
    const before = symbols[index - 1];
    if (before?.row !== row) found.push([]);
    const numbers = found[found.length - 1];
    if (before?.row !== row || before.number !== number) numbers.push([]);
    numbers[numbers.length - 1].push(index);
  });
  return found;
}

/**
 * What was left out and may be writing.
 * @param {Answer} answer
 */
export function unread({ left_out: leftOut }) {
  return leftOut.filter(({ why }) => MAY_BE_WRITING.includes(why));
}
