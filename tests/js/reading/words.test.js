import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  doubts,
  line,
  percent,
  reason,
  remarks,
  spoken,
  verdict,
  written,
} from '../../../digitapp/web/static/reading/words.js';
import { answer, digit, unreadMark } from '../samples.js';

const BOTH = [
  { text: '7', probability: 0.6 },
  { text: '1', probability: 0.38 },
];
const RIVAL = digit({ doubtful: true, alternatives: BOTH });
const DOUBTFUL = digit({ doubtful: true });
const UNREAD = unreadMark();
const POINT = digit({ text: '.', alternatives: [{ text: '.', probability: 0.98 }] });

function leavingOut(...reasons) {
  return { ...answer(digit()), left_out: reasons.map((why) => ({ box: [0, 0, 9, 9], why })) };
}

test('no probability but zero is rounded to nothing, and none to certainty', () => {
  const probabilities = [0, 0.0004, 0.001, 0.5, 0.98765, 0.999, 0.9999, 1];
  const said = ['0 %', '<0.1 %', '0.1 %', '50.0 %', '98.8 %', '99.9 %', '99.9 %', '99.9 %'];
  assert.deepEqual(probabilities.map(percent), said);
});

test('a symbol’s line tells its doubt, and names a sign', () => {
  assert.equal(verdict(digit()), '7, 98.0 % sure');
  assert.equal(verdict(POINT), '. (point), 98.0 % sure');
  assert.equal(verdict(RIVAL), '7, perhaps 1');
  assert.equal(verdict(DOUBTFUL), '7, if it is one at all');
  assert.equal(verdict(UNREAD), 'This mark is not read. Closest is 7.');
  assert.equal(verdict(unreadMark({ alternatives: [] })), 'This mark is not read.');
});

test('an answer is spoken symbol by symbol, with what needs a look', () => {
  assert.equal(spoken(answer(digit({ text: '2' }), POINT, digit({ text: '0' }))), 'Read: 2, point, 0.');
  assert.equal(
    spoken(answer(digit(), RIVAL, UNREAD)),
    'Read: 7, 7, perhaps 1, a mark that is not read. Look at it: 1 mark is not read, 1 symbol is doubtful.',
  );
  assert.equal(spoken(answer()), 'No digit was found.');
});

test('what needs a look is counted in words', () => {
  assert.equal(doubts(answer(digit())), '');
  assert.equal(doubts(answer(UNREAD, UNREAD)), 'Look at it: 2 marks are not read.');
  const left = { ...leavingOut('picture', 'ruling'), doubt: true };
  assert.equal(doubts(left), 'Look at it: 1 part is left out that may be writing.');
});

test('what was left out is named by its reason, and how the picture was turned', () => {
  assert.equal(remarks(answer(digit())), '');
  assert.equal(remarks(leavingOut('ruling', 'speck', 'ruling')), 'Left out: 2 ruled lines or boxes, 1 speck.');
  const turned = { ...leavingOut('ruling'), turned: 90 };
  assert.equal(remarks(turned), 'The picture was turned by 90°. Left out: 1 ruled line or box.');
  assert.equal(reason('beyond-limit'), 'Left out: part that is too much to read');
});

test('an answer of several rows is one line of a list, which tells its doubt', () => {
  assert.equal(line({ ...answer(digit(), digit()), text: '12\n7' }), '12 7');
  assert.equal(line(answer(digit(), UNREAD)), '7? (look at it)');
  assert.equal(line(answer()), 'No digit found');
});

test('a copy holds the doubt in words', () => {
  assert.equal(written(answer(digit(), digit())), '77');
  assert.equal(written(answer(RIVAL)), '7\nLook at it: 1 symbol is doubtful.');
  assert.equal(written(answer()), '');
});
