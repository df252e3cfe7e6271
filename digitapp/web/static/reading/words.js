/**
 * Says an answer in plain words.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').Digit} Digit
 */

import { hasRival } from './answer.js';

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
 * What the line of one digit says.
 * @param {Digit} digit
 */
export function verdict(digit) {
  if (!digit.accepted) return `This mark looks like no digit. Closest is ${digit.digit}.`;
  if (hasRival(digit)) return `${digit.digit}, perhaps ${digit.runner_up}`;
  if (digit.doubtful) return `${digit.digit}, if it is a digit at all`;
  return `${digit.digit}, ${percent(digit.confidence)} sure`;
}

/**
 * The whole answer for a screen reader: digit by digit, with its doubts.
 * @param {Answer} answer
 */
export function spoken({ digits }) {
  if (digits.length === 0) return 'No digit was found.';
  return `Read: ${digits.map(spokenDigit).join(', ')}.`;
}

/**
 * An answer in one line of a list.
 * @param {Answer} answer
 */
export function line({ digits, text }) {
  return digits.length === 0 ? 'No digit found' : text.replaceAll('\n', ' ');
}

/** @param {Digit} digit */
function spokenDigit(digit) {
  if (!digit.accepted) return 'a mark that is no digit';
  return digit.doubtful ? verdict(digit) : String(digit.digit);
}
