/** Who we are to the server: the token and the kind of window, from the address's fragment. */

import { redeem } from './api.js';
import { recall, remember } from './memory.js';

/**
 * Takes the token out of the address bar, where it could be seen or shared, and keeps it for
 * this tab. A ticket in its place is given for it; `refusal` says why one was not taken.
 * @returns {Promise<{token: string, desktop: boolean, refusal?: ApiError}>}
 */
export async function openSession() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  try {
    return keep(fragment.get('token') ?? (await redeemed(fragment.get('ticket'))), fragment);
  } catch (refusal) {
    return { ...known(), refusal };
  }
}

function keep(token, fragment) {
  if (token === null) return known();
  const session = { token, desktop: fragment.get('desktop') === '1' };
  remember('session', session);
  history.replaceState(null, '', location.pathname + location.search);
  return session;
}

/** What this tab has kept. */
function known() {
  return { token: '', desktop: false, ...recall('session') };
}

async function redeemed(ticket) {
  return ticket === null ? null : redeem(ticket);
}
