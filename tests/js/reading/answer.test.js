import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasRival, isUncertain, leastCertain, rows, symbolOf } from '../../../digitapp/web/static/reading/answer.js';
import { answer, digit } from '../samples.js';

test('a digit stands for itself, what is none for a question mark', () => {
  assert.equal(symbolOf(digit({ digit: 0 })), '0');
  assert.equal(symbolOf(digit({ accepted: false })), '?');
});

test('a doubtful digit and a refused mark need a look', () => {
  assert.equal(isUncertain(digit()), false);
  assert.equal(isUncertain(digit({ doubtful: true })), true);
  assert.equal(isUncertain(digit({ accepted: false })), true);
});

test('a runner-up of five per cent is a rival, but only where there is doubt', () => {
  const probabilities = Object.assign(digit().probabilities, { 1: 0.05 });
  assert.equal(hasRival(digit({ doubtful: true, probabilities })), true);
  assert.equal(hasRival(digit({ doubtful: true })), false);
  assert.equal(hasRival(digit({ probabilities })), false);
});

test('the digit with the least confidence needs a look most, the first of equals', () => {
  const confidences = [0.9, 0.4, 0.7, 0.4];
  assert.equal(leastCertain(answer(...confidences.map((confidence) => digit({ confidence })))), 1);
  assert.equal(leastCertain(answer()), 0);
  assert.equal(leastCertain(null), 0);
});

test('rows are those of the text, and hold each digit once', () => {
  assert.deepEqual(rows({ text: '12\n3' }), [[0, 1], [2]]);
  assert.deepEqual(rows({ text: '?7' }), [[0, 1]]);
  assert.deepEqual(rows({ text: '' }), []);
});
