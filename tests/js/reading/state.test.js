import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PageState } from '../../../digitapp/web/static/reading/state.js';
import { answer, digit } from '../samples.js';

const SURE_THEN_NOT = answer(digit({ confidence: 0.9 }), digit({ confidence: 0.5 }));

function watched() {
  const state = new PageState();
  const events = [];
  for (const type of ['reading', 'selection']) state.addEventListener(type, () => events.push(type));
  return { state, events };
}

test('it starts with an empty sheet', () => {
  const { state } = watched();
  assert.deepEqual([state.view, state.reading.phase, state.answer, state.selected], ['draw', 'empty', null, 0]);
});

test('the shown reading is that of the shown view', () => {
  const { state, events } = watched();
  state.setReading('pictures', { phase: 'answer', answer: SURE_THEN_NOT });
  assert.equal(state.answer, null);
  state.showView('pictures');
  assert.equal(state.answer, SURE_THEN_NOT);
  assert.deepEqual(events, ['reading', 'reading']);
});

test('with a new answer the digit that needs a look most is selected', () => {
  const { state } = watched();
  state.setReading('draw', { phase: 'answer', answer: SURE_THEN_NOT });
  assert.equal(state.selected, 1);
});

test('a selection lasts while its answer is shown', () => {
  const { state, events } = watched();
  state.setReading('draw', { phase: 'answer', answer: SURE_THEN_NOT });
  state.select(0);
  state.setReading('draw', { phase: 'reading', answer: SURE_THEN_NOT });
  assert.equal(state.selected, 0);
  state.setReading('draw', { phase: 'answer', answer: { ...SURE_THEN_NOT } });
  assert.equal(state.selected, 1);
  assert.deepEqual(events, ['reading', 'selection', 'reading', 'reading']);
});

test('to select the same digit again is told again: its frames may be gone', () => {
  const { state, events } = watched();
  state.select(0);
  state.select(0);
  assert.deepEqual(events, ['selection', 'selection']);
});
