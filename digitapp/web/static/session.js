/** Who this page is to the server: its token and its kind of window. */

import { redeem, toError } from './api.js';
import { recall, remember } from './memory.js';

/**
 * @typedef {object} Session
 * @property {string} token empty where there is none
 * @property {boolean} desktop whether this is the desktop window, on the owner's machine
 * @property {Error} [refusal] why the server did not take the ticket in the address
 */

/**
 * Takes the token, or the ticket that is exchanged for one, from the address's fragment. Keeps it
 * for this tab and removes it from the address bar, where it could be seen or shared.
 * @returns {Promise<Session>}
 */
export async function openSession() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  try {
    const token = fragment.get('token') ?? (await redeemed(fragment.get('ticket')));
    return token === null ? remembered() : keep({ token, desktop: fragment.get('desktop') === '1' });
  } catch (error) {
    return { ...remembered(), refusal: toError(error) };
  }
}

/**
 * @param {Session} session
 * @returns {Session}
 */
function keep(session) {
  remember('session', session);
  history.replaceState(null, '', location.pathname + location.search);
  return session;
}

/** @returns {Session} */
function remembered() {
  return { token: '', desktop: false, ...recall('session') };
}

/** @param {string|null} ticket */
async function redeemed(ticket) {
  return ticket === null ? null : redeem(ticket);
}
