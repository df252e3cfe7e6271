import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../../digitapp/web/static/api.js';
import { PictureQueue } from '../../../digitapp/web/static/pictures/queue.js';
import { answer, deferred, digit, turns } from '../samples.js';

const SEVEN = answer(digit());

/** A queue whose answers the test gives, by the files' names. */
function staged() {
  const [asked, changes] = [[], []];
  const recognize = (file, { signal }) => {
    const reply = deferred();
    asked.push({ name: file.name, signal, ...reply });
    return reply.promise;
  };
  const onChange = (entry) => changes.push(entry && [entry.file.name, entry.reading.phase]);
  const queue = new PictureQueue(recognize, onChange);
  return { queue, asked, changes, names: () => asked.map(({ name }) => name) };
}

function files(...names) {
  return names.map((name) => new File(['a picture'], name));
}

function phases({ entries }) {
  return entries.map(({ reading }) => reading.phase);
}

test('two pictures are read at a time, in their order', async () => {
  const { queue, asked, names } = staged();
  queue.add(files('a', 'b', 'c'));
  assert.deepEqual([names(), phases(queue)], [['a', 'b'], ['reading', 'reading', 'waiting']]);
  asked[1].resolve(SEVEN);
  await turns();
  assert.deepEqual([names(), phases(queue)], [['a', 'b', 'c'], ['reading', 'answer', 'reading']]);
  assert.equal(queue.entries[1].reading.answer, SEVEN);
});

test('one failure stops nothing', async () => {
  const { queue, asked } = staged();
  queue.add(files('a', 'b', 'c'));
  asked[0].reject(new ApiError('unreadable-image', 'Damaged.'));
  await turns();
  assert.deepEqual(phases(queue), ['error', 'reading', 'reading']);
  assert.equal(queue.entries[0].reading.error.message, 'Damaged.');
});

test('changes of the list and of each entry are told', () => {
  const { queue, changes } = staged();
  queue.add(files('a'));
  assert.deepEqual(changes, [null, ['a', 'waiting'], ['a', 'reading']]);
});

test('a busy server is asked again, and the row says so meanwhile', async () => {
  const { queue, asked } = staged();
  queue.add(files('a'));
  asked[0].reject(new ApiError('busy', 'Busy.', 0.01));
  await turns();
  assert.deepEqual(phases(queue), ['busy']);
  while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  asked[1].resolve(SEVEN);
  await turns();
  assert.deepEqual(phases(queue), ['answer']);
});

test('a picture that is read again drops its earlier question and keeps its answer till then', async () => {
  const { queue, asked } = staged();
  const [entry] = queue.add(files('a'));
  asked[0].resolve(SEVEN);
  await turns();
  queue.read([entry]);
  assert.deepEqual(entry.reading, { phase: 'reading', answer: SEVEN });
  queue.read([entry]);
  assert.equal(asked[1].signal.aborted, true);
  asked[1].resolve('late');
  await turns();
  assert.equal(entry.reading.answer, SEVEN);
  asked[2].resolve('new');
  await turns();
  assert.equal(entry.reading.answer, 'new');
});

test('a picture that failed can be read again', async () => {
  const { queue, asked } = staged();
  const [entry] = queue.add(files('a'));
  asked[0].reject(new Error('lost'));
  await turns();
  queue.read([entry]);
  asked[1].resolve(SEVEN);
  await turns();
  assert.deepEqual(phases(queue), ['answer']);
});

test('never more than two are read at a time', async () => {
  const { queue, asked } = staged();
  queue.add(files('a', 'b', 'c', 'd', 'e'));
  for (const index of [0, 1, 2]) {
    asked[index].resolve(SEVEN);
    await turns();
    assert.equal(phases(queue).filter((phase) => phase === 'reading').length, 2);
  }
});

test('a file that could not be fetched is listed with the reason and never asked for', () => {
  const { queue, names } = staged();
  const entry = queue.addRefused('gone.png', new Error('Gone.'));
  assert.deepEqual([entry.file.name, entry.reading.error.message], ['gone.png', 'Gone.']);
  queue.read(queue.entries);
  assert.deepEqual([names(), phases(queue)], [[], ['error']]);
});

test('a cleared list asks for nothing more, and late answers change nothing', async () => {
  const { queue, asked, changes, names } = staged();
  queue.add(files('a', 'b', 'c'));
  queue.clear();
  const before = changes.length;
  assert.deepEqual([queue.entries, asked.map(({ signal }) => signal.aborted)], [[], [true, true]]);
  asked.forEach(({ resolve }) => resolve(SEVEN));
  await turns();
  assert.deepEqual([names(), changes.length], [['a', 'b'], before]);
});

test('each entry has a number and an address of its own', () => {
  const { queue } = staged();
  const entries = queue.add(files('a', 'a'));
  assert.equal(new Set(entries.map(({ id }) => id)).size, 2);
  assert.equal(new Set(entries.map(({ url }) => url)).size, 2);
});
