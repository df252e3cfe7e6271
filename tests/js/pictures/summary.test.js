import assert from 'node:assert/strict';
import { test } from 'node:test';

import { progress, summary, table } from '../../../digitapp/web/static/pictures/summary.js';
import { answer, digit, unreadMark } from '../samples.js';

const SEVEN = { phase: 'answer', answer: answer(digit()) };
const ERROR = { phase: 'error', error: new Error('The picture is damaged.') };
const WAITING = { phase: 'waiting' };

function listed(...readings) {
  return readings.map((reading, index) => ({ file: { name: `${index}.png` }, reading }));
}

test('a row says what was read, what went wrong, or what is awaited', () => {
  assert.deepEqual([SEVEN, ERROR, WAITING].map(summary), ['7', 'The picture is damaged.', 'Waiting']);
  const underWay = [{ phase: 'reading' }, { ...ERROR, phase: 'busy' }, { ...SEVEN, phase: 'reading' }];
  assert.deepEqual(underWay.map(summary), ['Reading', 'Reading', '7']);
});

test('progress counts what was read and what failed', () => {
  assert.equal(progress(listed(SEVEN, WAITING, SEVEN)), '2 of 3 read');
  assert.equal(progress(listed(SEVEN, ERROR, WAITING)), '1 of 3 read, 1 could not be read');
  assert.equal(progress(listed(WAITING, SEVEN)), '1 of 2 read');
  assert.equal(progress(listed(SEVEN)), '');
});

test('the table has a line for each answer', () => {
  const doubtful = { phase: 'answer', answer: answer(digit(), unreadMark()) };
  const entries = listed(SEVEN, ERROR, { phase: 'answer', answer: answer() }, doubtful);
  assert.equal(table(entries), '0.png\t7\n2.png\tNo digit found\n3.png\t7? (look at it)');
  assert.equal(table([]), '');
});
