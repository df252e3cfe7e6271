import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { recall, remember } from '../../digitapp/web/static/memory.js';
import { openSession } from '../../digitapp/web/static/session.js';
import { answerFetch, json } from './samples.js';

/** What the tab's address bar shows. */
let location;

/** A new tab: its storage and its address bar. */
function openTab() {
  const stored = new Map();
  location = { hash: '', pathname: '/', search: '' };
  globalThis.sessionStorage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
  };
  globalThis.location = location;
  globalThis.history = { replaceState: (_state, _title, address) => Object.assign(location, { hash: '', address }) };
}

beforeEach(openTab);

test('the token is taken out of the address and kept for the tab', async () => {
  location.hash = '#token=secret&desktop=1';
  const session = { token: 'secret', desktop: true };
  assert.deepEqual(await openSession(), session);
  assert.deepEqual([location.hash, location.address], ['', '/']);
  assert.deepEqual(await openSession(), session); // as after a reload
});

test('without a token in the address there is none', async () => {
  assert.deepEqual(await openSession(), { token: '', desktop: false });
});

test('a ticket is exchanged for the token', async (context) => {
  answerFetch(context, () => json({ token: 'secret' }));
  location.hash = '#ticket=once';
  assert.deepEqual(await openSession(), { token: 'secret', desktop: false });
  assert.equal(location.hash, '');
});

test('a refused ticket says why, and the tab keeps what it had', async (context) => {
  answerFetch(context, () => json({ error: { code: 'unauthorized', message: 'Spent.' } }, { status: 401 }));
  remember('session', { token: 'older', desktop: false });
  location.hash = '#ticket=spent';
  const { token, refusal } = await openSession();
  assert.deepEqual([token, refusal.message], ['older', 'Spent.']);
});

test('what is remembered comes back, and what never was is null', () => {
  remember('pen', 28);
  assert.deepEqual([recall('pen'), recall('drawing')], [28, null]);
});

test('where storage throws or holds junk, nothing is remembered', () => {
  sessionStorage.getItem = () => '{';
  assert.equal(recall('pen'), null);
  delete globalThis.sessionStorage;
  remember('pen', 28);
  assert.equal(recall('pen'), null);
});
