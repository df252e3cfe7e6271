import assert from 'node:assert/strict';
import { test } from 'node:test';

import { actionOf } from '../../digitapp/web/static/keys.js';

function press(key, held = {}) {
  return { key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held };
}

const CTRL = { ctrlKey: true };

for (const [name, event, expected] of [
  ['Ctrl+Z', press('z', CTRL), 'undo'],
  ['Command+Z', press('z', { metaKey: true }), 'undo'],
  ['Ctrl+Shift+Z', press('Z', { ...CTRL, shiftKey: true }), 'redo'],
  ['Ctrl+Z with Caps Lock', press('Z', CTRL), 'undo'],
  ['Ctrl+Y', press('y', CTRL), 'redo'],
  ['Ctrl+O', press('o', CTRL), 'open'],
  ['Ctrl+S', press('s', CTRL), 'export'],
  ['Ctrl+C, which the browser copies by', press('c', CTRL), null],
  ['Ctrl+Alt+Z', press('z', { ...CTRL, altKey: true }), null],
  ['Z alone', press('z'), null],
  ['Delete', press('Delete'), 'clear'],
  ['Ctrl+Delete', press('Delete', CTRL), null],
  ['Backspace', press('Backspace'), 'clear'],
  ['Escape', press('Escape'), 'draw'],
  ['?', press('?', { shiftKey: true }), 'help'],
  ['Enter', press('Enter'), 'recognize'],
]) {
  test(`${name} is ${expected ?? 'no action'}`, () => assert.equal(actionOf(event, false), expected));
}

test('Enter on a button presses the button', () => {
  assert.equal(actionOf(press('Enter'), true), null);
  assert.equal(actionOf(press('Delete'), true), 'clear');
});
