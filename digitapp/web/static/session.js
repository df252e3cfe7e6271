/** Who we are to the server: the token and the kind of window, from the address's fragment. */

import { recall, remember } from './memory.js';

/**
 * Takes the token out of the address bar, where it could be seen or shared, and keeps it for
 * this tab. A ticket in its place is given for it; one that is no longer good counts as none.
 * @returns {Promise<{token: string, desktop: boolean}>}
 */
export async function openSession() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get('token') ?? (await redeemed(fragment.get('ticket')));
  if (token === null) return { token: '', desktop: false, ...recall('session') };
  const session = { token, desktop: fragment.get('desktop') === '1' };
  remember('session', session);
  history.replaceState(null, '', location.pathname + location.search);
  return session;
}

async function redeemed(ticket) {
  if (ticket === null) return null;
  const headers = { Authorization: `Ticket ${ticket}` };
  const response = await fetch('ticket', { method: 'POST', headers, cache: 'no-store' }).catch(() => null);
  return response?.ok ? (await response.json()).token : null;
}
