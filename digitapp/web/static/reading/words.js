/**
 * Says an answer in plain words.
 *
 * @typedef {import('../api.js').Answer} Answer
 * @typedef {import('../api.js').ReadSymbol} ReadSymbol
 */

import { isRead, rivalOf, unread } from './answer.js';

/** @type {Record<string, string>} how signs are spoken */
const SPOKEN = {
  '.': 'point',
  ',': 'comma',
  '-': 'minus',
  '/': 'slash',
  ':': 'colon',
  '+': 'plus',
  '=': 'equals',
  '%': 'per cent',
};

/** @type {Record<string, [one: string, many: string]>} what is left out, by its reason */
const LEFT_OUT = {
  ruling: ['ruled line or box', 'ruled lines or boxes'],
  speck: ['speck', 'specks'],
  'beyond-limit': ['part that is too much to read', 'parts that are too much to read'],
  picture: ['part that looks like a picture', 'parts that look like pictures'],
};

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
 * What the line of one symbol says.
 * @param {ReadSymbol} symbol
 */
export function verdict(symbol) {
  const { text, confidence, doubtful, alternatives } = symbol;
  if (!isRead(symbol)) {
    const closest = alternatives[0]?.text;
    return `This mark is not read.${closest ? ` Closest is ${named(closest)}.` : ''}`;
  }
  const rival = rivalOf(symbol);
  if (rival) return `${named(text)}, perhaps ${named(rival)}`;
  if (doubtful) return `${named(text)}, if it is one at all`;
  return `${named(text)}, ${percent(confidence)} sure`;
}

/**
 * What needs a look, in a sentence; empty where nothing does.
 * @param {Answer} answer
 */
export function doubts(answer) {
  if (!answer.doubt) return '';
  const { symbols } = answer;
  const refused = symbols.filter((symbol) => !isRead(symbol)).length;
  const doubtful = symbols.filter((symbol) => symbol.doubtful).length;
  const left = unread(answer).length;
  const looks = [
    refused > 0 && `${counted(refused, 'mark is', 'marks are')} not read`,
    doubtful > 0 && `${counted(doubtful, 'symbol is', 'symbols are')} doubtful`,
    left > 0 && `${counted(left, 'part is', 'parts are')} left out that may be writing`,
  ].filter(Boolean);
  return `Look at it: ${looks.join(', ')}.`;
}

/**
 * What was done to the picture and left out of the reading, in sentences; empty where nothing was.
 * @param {Answer} answer
 */
export function remarks({ left_out: leftOut, turned }) {
  const reasons = [...new Set(leftOut.map(({ why }) => why))];
  const parts = reasons.map((why) => {
    const count = leftOut.filter((each) => each.why === why).length;
    return counted(count, ...LEFT_OUT[why]);
  });
  const left = parts.length > 0 ? [`Left out: ${parts.join(', ')}.`] : [];
  const said = turned === 0 ? left : [`The picture was turned by ${turned}°.`, ...left];
  return said.join(' ');
}

/**
 * Why a part was left out, for its frame.
 * @param {string} why
 */
export function reason(why) {
  return `Left out: ${LEFT_OUT[why][0]}`;
}

/**
 * The whole answer for a screen reader: symbol by symbol, with its doubts.
 * @param {Answer} answer
 */
export function spoken(answer) {
  const { symbols } = answer;
  const read = symbols.length === 0 ? 'No digit was found.' : `Read: ${symbols.map(spokenSymbol).join(', ')}.`;
  return [read, doubts(answer)].filter(Boolean).join(' ');
}

/**
 * An answer in one line of a list; doubt is a part of it.
 * @param {Answer} answer
 */
export function line({ symbols, text, doubt }) {
  const read = symbols.length === 0 ? 'No digit found' : text.replaceAll('\n', ' ');
  return doubt ? `${read} (look at it)` : read;
}

/**
 * An answer as it is copied and exported; doubt is a part of it.
 * @param {Answer} answer
 */
export function written(answer) {
  return [answer.text, doubts(answer)].filter(Boolean).join('\n');
}

/** @param {ReadSymbol} symbol */
function spokenSymbol(symbol) {
  if (!isRead(symbol)) return 'a mark that is not read';
  return symbol.doubtful ? verdict(symbol) : (SPOKEN[symbol.text] ?? symbol.text);
}

/** @param {string} text a digit, or a sign with its name */
function named(text) {
  return SPOKEN[text] ? `${text} (${SPOKEN[text]})` : text;
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
function counted(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}
