import assert from 'node:assert/strict';
import { test } from 'node:test';

import { followDesktop } from '../../digitapp/web/static/desktop.js';
import './samples.js';

const END = new Error('the test has ended');

/** Follows an API that gives these messages; those that are errors are thrown. */
async function follow(messages, desktopFile = async () => new Blob(['bytes'])) {
  const seen = [];
  const desktopNext = async () => {
    const message = messages.shift();
    if (message instanceof Error) throw message;
    if (message === undefined) await new Promise(() => {});
    return message;
  };
  followDesktop({ desktopNext, desktopFile }, {
    onFiles: ([file]) => seen.push(['file', file.name, file.size]),
    onRefused: (name, error) => seen.push(['refused', name, error]),
    onCommand: (name) => seen.push(['command', name]),
  });
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}

test('files and commands arrive in their order', async () => {
  const seen = await follow([{ kind: 'command', name: 'draw' }, null, { kind: 'file', id: 'x', name: '7.png' }]);
  assert.deepEqual(seen, [['command', 'draw'], ['file', '7.png', 5]]);
});

test('a file that is gone is told of, and the next message follows', async () => {
  const gone = async () => {
    throw END;
  };
  const seen = await follow([{ kind: 'file', id: 'x', name: '7.png' }, { kind: 'command', name: 'undo' }], gone);
  assert.deepEqual(seen, [['refused', '7.png', END], ['command', 'undo']]);
});

test('a lost server is asked again, each time after twice the wait, at most ten seconds', async (context) => {
  const waits = [];
  context.mock.method(globalThis, 'setTimeout', (resume, wait) => {
    waits.push(wait);
    queueMicrotask(resume);
  });
  const lost = Array(7).fill(END);
  const seen = await follow([...lost, { kind: 'command', name: 'draw' }, END]);
  assert.deepEqual(seen, [['command', 'draw']]);
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 500]);
});
