/**
 * What an answer's digits are, without a page.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').Digit} Digit
 */

/** A runner-up less probable than this is not mentioned. */
const MIN_RIVAL = 0.05;

/**
 * @param {Digit} digit
 * @returns {string} what stands for it in the number
 */
export function symbolOf({ accepted, digit }) {
  return accepted ? String(digit) : '?';
}

/**
 * Whether people should look at it.
 * @param {Digit} digit
 */
export function isUncertain({ accepted, doubtful }) {
  return doubtful || !accepted;
}

/**
 * Whether the doubt is between two digits, and not whether the mark is a digit.
 * @param {Digit} digit
 */
export function hasRival({ doubtful, probabilities, runner_up: rival }) {
  return doubtful && probabilities[rival] >= MIN_RIVAL;
}

/**
 * @param {Answer|null} answer
 * @returns {number} index of the digit with the least confidence, 0 where there are none
 */
export function leastCertain(answer) {
  const confidences = answer?.digits.map(({ confidence }) => confidence) ?? [];
  return Math.max(0, confidences.indexOf(Math.min(...confidences)));
}

/**
 * The answer's digits in the rows that its text has.
 * @param {Answer} answer
 * @returns {number[][]} indices into `answer.digits`
 */
export function rows({ text }) {
  let index = 0;
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => [...line].map(() => index++));
}
