import assert from 'node:assert/strict';
import { test } from 'node:test';

import { line, percent, spoken, verdict } from '../../../digitapp/web/static/reading/words.js';
import { answer, digit } from '../samples.js';

const RIVAL = digit({ doubtful: true, probabilities: Object.assign(digit().probabilities, { 1: 0.38 }) });
const DOUBTFUL = digit({ doubtful: true });
const REFUSED = digit({ accepted: false });

test('no probability but zero is rounded to nothing, and none to certainty', () => {
  const probabilities = [0, 0.0004, 0.001, 0.5, 0.98765, 0.999, 0.9999, 1];
  const said = ['0 %', '<0.1 %', '0.1 %', '50.0 %', '98.8 %', '99.9 %', '99.9 %', '99.9 %'];
  assert.deepEqual(probabilities.map(percent), said);
});

test('a digit’s line tells its doubt', () => {
  assert.equal(verdict(digit()), '7, 98.0 % sure');
  assert.equal(verdict(RIVAL), '7, perhaps 1');
  assert.equal(verdict(DOUBTFUL), '7, if it is a digit at all');
  assert.match(verdict(REFUSED), /no digit.* 7\.$/);
});

test('an answer is spoken digit by digit', () => {
  assert.equal(spoken(answer(digit({ digit: 2 }), digit({ digit: 0 }))), 'Read: 2, 0.');
  assert.equal(spoken(answer(digit(), RIVAL, REFUSED)), 'Read: 7, 7, perhaps 1, a mark that is no digit.');
  assert.equal(spoken(answer()), 'No digit was found.');
});

test('an answer of several rows is one line of a list', () => {
  assert.equal(line({ ...answer(digit(), digit()), text: '12\n7' }), '12 7');
  assert.equal(line(answer()), 'No digit found');
});
