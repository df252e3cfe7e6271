/** What an answer is called in plain words. */

/** A runner-up less probable than this is none worth a word. */
const RIVAL = 0.05;

/**
 * @param {number} probability from 0 to 1
 * @returns {string} per cent; never rounded up to certainty
 */
export function percent(probability) {
  if (probability <= 0) return '0 %';
  if (probability < 0.001) return '<0.1 %';
  if (probability > 0.999) return '99.9 %';
  return `${(probability * 100).toFixed(1)} %`;
}

/**
 * What one digit's line says.
 * @param {object} digit of an answer
 */
export function verdict(digit) {
  if (!digit.accepted) return `This mark looks like no digit. Closest is ${digit.digit}.`;
  if (hasRival(digit)) return `${digit.digit}, perhaps ${digit.runner_up}`;
  if (digit.doubtful) return `${digit.digit}, if it is a digit at all`;
  return `${digit.digit}, ${percent(digit.confidence)} sure`;
}

/**
 * Whether the doubt is between two digits, and not whether the mark is one.
 * @param {object} digit of an answer
 */
export function hasRival(digit) {
  return digit.doubtful && digit.probabilities[digit.runner_up] >= RIVAL;
}

/**
 * The whole answer as it is spoken: digit by digit, doubts told.
 * @param {object} answer
 */
export function spoken(answer) {
  if (answer.digits.length === 0) return 'No digit was found.';
  return `Read: ${answer.digits.map(spokenDigit).join(', ')}.`;
}

function spokenDigit(digit) {
  if (!digit.accepted) return 'a mark that is no digit';
  return digit.doubtful ? verdict(digit) : String(digit.digit);
}

/**
 * The answer's digits in the rows that its text has.
 * @param {object} answer
 * @returns {number[][]} indices into `answer.digits`
 */
export function rows(answer) {
  let index = 0;
  const lines = answer.text.split('\n').filter((line) => line !== '');
  return lines.map((line) => [...line].map(() => index++));
}

/**
 * How an answer reads in one line of a list.
 * @param {object} answer
 */
export function line(answer) {
  return answer.digits.length === 0 ? 'No digit found' : answer.text.replaceAll('\n', ' ');
}
