import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Api, ApiError, redeem, toError } from '../../digitapp/web/static/api.js';
import { answerFetch, json } from './samples.js';

const MIB = 2 ** 20;
const PICTURE = new Blob(['a picture']);

/** A file that was moved or deleted after it was chosen. */
const GONE = { size: 9, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }) };

const api = new Api('secret', 20 * MIB);

test('a picture is sent as it is, with the token', async (context) => {
  const requests = answerFetch(context, () => json({ text: '7' }));
  assert.deepEqual(await api.recognize(PICTURE), { text: '7' });
  const [{ path, method, body, headers, cache }] = requests;
  assert.deepEqual([path, method, cache], ['api/recognize?input=1', 'POST', 'no-store']);
  assert.equal(body, PICTURE);
  assert.deepEqual(headers, { Authorization: 'Bearer secret' });
});

test('options become a query', async (context) => {
  const requests = answerFetch(context, () => json({}));
  await api.recognize(PICTURE, { oneDigit: true });
  await api.recognize(PICTURE, { stages: true, oneDigit: false });
  assert.deepEqual(
    requests.map(({ path }) => path),
    ['api/recognize?input=1&one_digit=1', 'api/recognize?input=1&stages=1'],
  );
});

test('without a token no header names one', async (context) => {
  const requests = answerFetch(context, () => json({}));
  await new Api('', MIB).model();
  assert.equal(requests[0].headers, undefined);
});

test('a picture over the limit is refused before it is sent', async (context) => {
  const requests = answerFetch(context, () => json({}));
  const small = new Api('', MIB);
  await assert.rejects(small.recognize(new Blob([new Uint8Array(MIB + 1)])), {
    code: 'too-large',
    message: 'The picture is too large. Send one of at most 1 MiB.',
  });
  assert.equal(requests.length, 0);
  await small.recognize(new Blob([new Uint8Array(MIB)]));
  assert.equal(requests.length, 1);
});

test('an error of the server keeps its code, its sentence and its time', async (context) => {
  const error = { code: 'busy', message: 'The server is busy.' };
  answerFetch(context, () => json({ error }, { status: 503, headers: { 'Retry-After': '3' } }));
  await assert.rejects(api.recognize(PICTURE), { ...error, name: 'ApiError', retryAfter: 3, isTemporary: true });
});

test('a date is not taken for a time to wait', async (context) => {
  const reply = { status: 503, headers: { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' } };
  answerFetch(context, () => json({ error: { code: 'busy', message: 'Busy.' } }, reply));
  await assert.rejects(api.model(), { retryAfter: null });
});

test('what is no answer of this server is called so', async (context) => {
  const replies = [
    new Response('<html>', { status: 502 }),
    new Response('{"error": {}}', { status: 500 }),
    new Response('{'),
  ];
  answerFetch(context, () => replies.shift());
  for (let left = replies.length; left > 0; left -= 1) {
    await assert.rejects(api.model(), { code: 'bad-answer', retryAfter: null });
  }
});

test('a lost network is told apart from a file that is gone', async (context) => {
  answerFetch(context, () => {
    throw new TypeError('Failed to fetch');
  });
  await assert.rejects(api.recognize(PICTURE), { code: 'offline', isTemporary: true });
  await assert.rejects(api.recognize(GONE), { code: 'file-gone', isTemporary: false });
});

test('a refusal stands, whether the file is still there or not', async (context) => {
  answerFetch(context, () => json({ error: { code: 'busy', message: 'Busy.' } }, { status: 503 }));
  await assert.rejects(api.recognize(GONE), { code: 'busy' });
});

test('an aborted request stays an AbortError', async (context) => {
  const controller = new AbortController();
  answerFetch(context, (_, { signal }) => {
    controller.abort();
    throw signal.reason;
  });
  await assert.rejects(api.recognize(PICTURE, { signal: controller.signal }), { name: 'AbortError' });
});

test('sharing is switched by PUT', async (context) => {
  const requests = answerFetch(context, () => json({ address: null, qr: null }));
  await api.setShare(true);
  assert.deepEqual(await api.setShare(false), { address: null, qr: null });
  assert.deepEqual(
    requests.map(({ path, method }) => [path, method]),
    [['api/share?on=1', 'PUT'], ['api/share?on=0', 'PUT']],
  );
});

test('no message of the desktop window is null, and a file is its bytes', async (context) => {
  const requests = answerFetch(context, (path) =>
    path.endsWith('next') ? new Response(null, { status: 204 }) : new Response('bytes'));
  assert.equal(await api.desktopNext(), null);
  assert.equal(await (await api.desktopFile('a/b')).text(), 'bytes');
  assert.equal(requests[1].path, 'api/desktop/files/a%2Fb');
});

test('a ticket is exchanged for the token', async (context) => {
  const requests = answerFetch(context, () => json({ token: 'secret' }));
  assert.equal(await redeem('once'), 'secret');
  const [{ path, method, headers }] = requests;
  assert.deepEqual([path, method, headers], ['ticket', 'POST', { Authorization: 'Ticket once' }]);
});

test('a spent ticket is refused in the server’s words', async (context) => {
  answerFetch(context, () => json({ error: { code: 'unauthorized', message: 'Spent.' } }, { status: 401 }));
  await assert.rejects(redeem('once'), { code: 'unauthorized', message: 'Spent.', isTemporary: false });
});

test('whatever is thrown becomes an Error', () => {
  const error = new ApiError('offline');
  assert.equal(toError(error), error);
  assert.equal(toError('text').message, 'text');
});
