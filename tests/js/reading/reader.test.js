import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError } from '../../../digitapp/web/static/api.js';
import { Reader, retryWhileBusy } from '../../../digitapp/web/static/reading/reader.js';
import { answer, deferred, digit, turns } from '../samples.js';

const SEVEN = answer(digit());
const PICTURE = async () => 'a picture';

function busy(seconds = 0) {
  return new ApiError('busy', 'Busy.', seconds);
}

/** A reader whose answers the test gives, and all the readings that it told. */
function staged() {
  const [questions, readings] = [[], []];
  const recognize = (picture, question) => {
    const reply = deferred();
    questions.push({ picture, ...question, ...reply });
    return reply.promise;
  };
  const reader = new Reader(recognize, (reading) => readings.push(reading));
  return { reader, questions, readings, phases: () => readings.map(({ phase }) => phase) };
}

test('an answer is told, and what it was asked with', async () => {
  const { reader, questions, readings } = staged();
  const done = reader.read(PICTURE, { oneDigit: true });
  await turns();
  assert.equal(reader.isReading, true);
  questions[0].resolve(SEVEN);
  await done;
  assert.deepEqual([questions[0].picture, questions[0].oneDigit], ['a picture', true]);
  assert.deepEqual(readings, [
    { phase: 'reading', answer: undefined, provisional: false },
    { phase: 'answer', answer: SEVEN, provisional: false },
  ]);
  assert.equal(reader.isReading, false);
});

test('without options all ink is not one digit', async () => {
  const { reader, questions } = staged();
  reader.read(PICTURE);
  await turns();
  assert.equal(questions[0].oneDigit, false);
});

test('the last answer stays while the next is read', async () => {
  const { reader, questions, readings } = staged();
  const first = reader.read(PICTURE);
  await turns();
  questions[0].resolve(SEVEN);
  await first;
  reader.read(PICTURE, { provisional: true });
  assert.deepEqual(readings.at(-1), { phase: 'reading', answer: SEVEN, provisional: true });
});

test('a late answer is dropped even where nothing aborts it', async () => {
  const { reader, questions, readings } = staged();
  const first = reader.read(PICTURE);
  await turns();
  const second = reader.read(PICTURE);
  await turns();
  assert.equal(questions[0].signal.aborted, true);
  questions[1].resolve('new');
  await second;
  questions[0].resolve('late');
  await first;
  assert.deepEqual(readings.filter(({ phase }) => phase === 'answer').map((reading) => reading.answer), ['new']);
});

test('a reset drops what is on its way', async () => {
  const { reader, questions, phases } = staged();
  const first = reader.read(PICTURE);
  await turns();
  reader.reset();
  questions[0].resolve('late');
  await first;
  assert.deepEqual(phases(), ['reading', 'empty']);
  assert.equal(reader.isReading, false);
});

test('a failure is told, also one of the picture itself', async () => {
  const { reader, readings } = staged();
  const failure = new Error('This browser made no picture.');
  await reader.read(async () => {
    throw failure;
  });
  assert.deepEqual(readings.at(-1), { phase: 'error', error: failure, provisional: false });
});

test('a busy server is asked again, and the wait is told', async () => {
  const replies = [busy(), busy()];
  const told = [];
  const ask = async () => {
    if (replies.length > 0) throw replies.shift();
    return 'answer';
  };
  assert.equal(await retryWhileBusy(ask, { onBusy: (error) => told.push(error.code) }), 'answer');
  assert.deepEqual(told, ['busy', 'busy']);
});

test('the next question waits as long as the server says', async (context) => {
  const waits = [];
  context.mock.method(globalThis, 'setTimeout', (resume, wait) => {
    waits.push(wait);
    queueMicrotask(resume);
  });
  const replies = [busy(3), busy(1)];
  await retryWhileBusy(async () => {
    if (replies.length > 0) throw replies.shift();
  });
  assert.deepEqual(waits, [3000, 1000]);
});

test('a server that stays busy is told of after six tries', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    throw busy();
  };
  await assert.rejects(retryWhileBusy(ask), { message: 'Busy.' });
  assert.equal(asked, 6);
});

test('other errors are not tried again', async () => {
  for (const error of [new ApiError('offline'), new Error('no API’s')]) {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw error;
    };
    await assert.rejects(retryWhileBusy(ask), error);
    assert.equal(asked, 1);
  }
});

test('an abort ends the wait for a busy server', async () => {
  const controller = new AbortController();
  const waiting = retryWhileBusy(() => Promise.reject(busy(3600)), { signal: controller.signal });
  await turns();
  controller.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
});
