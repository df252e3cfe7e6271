/**
 * Says in words how the listed pictures were read.
 *
 * @typedef {import('../reading/reader.js').Reading} Reading
 */

import { line } from '../reading/words.js';

/**
 * One picture's reading in its row of the list.
 * @param {Reading} reading
 */
export function summary({ phase, answer, error }) {
  if (phase === 'error' && error) return error.message;
  if (answer) return line(answer);
  return phase === 'waiting' ? 'Waiting' : 'Reading';
}

/**
 * How far the whole list is.
 * @param {readonly {reading: Reading}[]} entries
 * @returns {string} empty where one picture or none is listed
 */
export function progress(entries) {
  if (entries.length < 2) return '';
  /** @param {Reading['phase']} phase */
  const count = (phase) => entries.filter(({ reading }) => reading.phase === phase).length;
  const failed = count('error');
  const read = `${count('answer')} of ${entries.length} read`;
  return failed > 0 ? `${read}, ${failed} could not be read` : read;
}

/**
 * All answers as lines of name and number, split by a tab: a table's two columns.
 * @param {readonly {file: {name: string}, reading: Reading}[]} entries
 */
export function table(entries) {
  return entries
    .flatMap(({ file, reading }) => (reading.answer ? [`${file.name}\t${line(reading.answer)}`] : []))
    .join('\n');
}
