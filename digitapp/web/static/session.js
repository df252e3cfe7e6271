/** Who we are to the server: the token and the kind of window, from the address's fragment. */

import { recall, remember } from './memory.js';

/**
 * Takes the token out of the address bar, where it could be seen or shared, and keeps it for
 * this tab.
 * @returns {{token: string, desktop: boolean}}
 */
export function openSession() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (!fragment.has('token')) return { token: '', desktop: false, ...recall('session') };
  const session = { token: fragment.get('token'), desktop: fragment.get('desktop') === '1' };
  remember('session', session);
  history.replaceState(null, '', location.pathname + location.search);
  return session;
}
