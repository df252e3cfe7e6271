import assert from 'node:assert/strict';
import { test } from 'node:test';

import { digitsOf, isUncertain, leastCertain, rivalOf, rows, unread } from '../../../digitapp/web/static/reading/answer.js';
import { answer, digit, unreadMark } from '../samples.js';

function second(probability) {
  return [
    { text: '7', probability: 0.6 },
    { text: '1', probability },
  ];
}

test('a doubtful symbol and a mark that is not read need a look', () => {
  assert.equal(isUncertain(digit()), false);
  assert.equal(isUncertain(digit({ doubtful: true })), true);
  assert.equal(isUncertain(unreadMark()), true);
});

test('a second best of five per cent is a rival, but only where there is doubt', () => {
  assert.equal(rivalOf(digit({ doubtful: true, alternatives: second(0.05) })), '1');
  assert.equal(rivalOf(digit({ doubtful: true, alternatives: second(0.04) })), '');
  assert.equal(rivalOf(digit({ alternatives: second(0.05) })), '');
  assert.equal(rivalOf(digit({ doubtful: true, alternatives: [] })), '');
});

test('a sign shows the digits that it was taken for', () => {
  const alternatives = [
    { text: '/', probability: 0.7 },
    { text: '1', probability: 0.3 },
  ];
  const shown = digitsOf({ ...digit({ text: '/', alternatives }), probabilities: undefined });
  assert.deepEqual(shown, [0, 0.3, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(digitsOf(digit())[7], 0.98);
});

test('a mark that is not read needs a look most, then the least confidence, the first of equals', () => {
  const confidences = [0.9, 0.4, 0.7, 0.4];
  const digits = confidences.map((confidence) => digit({ confidence }));
  assert.equal(leastCertain(answer(...digits)), 1);
  assert.equal(leastCertain(answer(...digits, unreadMark())), 4);
  assert.equal(leastCertain(answer()), 0);
  assert.equal(leastCertain(null), 0);
});

test('rows hold their numbers, and those each symbol once', () => {
  const places = [
    [0, 0],
    [0, 0],
    [0, 1],
    [1, 2],
  ];
  const symbols = places.map(([row, number]) => digit({ row, number }));
  assert.deepEqual(rows(answer(...symbols)), [[[0, 1], [2]], [[3]]]);
  assert.deepEqual(rows(answer()), []);
});

test('what was left out may be writing, but not a line and a speck', () => {
  const leftOut = ['ruling', 'speck', 'picture', 'beyond-limit'].map((why) => ({ box: [0, 0, 1, 1], why }));
  const found = unread({ ...answer(), left_out: leftOut });
  assert.deepEqual(
    found.map(({ why }) => why),
    ['picture', 'beyond-limit'],
  );
});
