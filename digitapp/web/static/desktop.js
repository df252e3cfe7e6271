/** Follows the desktop window: its menu, its dialogs, and the files it was opened with. */

import { toError } from './api.js';

/** Waits after a failed request, in ms. Each wait is twice the one before, up to the longest. */
const SHORTEST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * @typedef {object} Handlers
 * @property {(files: File[]) => void} onFiles
 * @property {(name: string, error: Error) => void} onRefused a file could not be fetched
 * @property {(name: string) => void} onCommand an action was chosen in the window's menu
 */

/**
 * Asks for as long as the page lives.
 * @param {import('./api.js').Api} api
 * @param {Handlers} handlers
 */
export async function followDesktop(api, handlers) {
  let wait = SHORTEST_MS;
  for (;;) {
    try {
      const message = await api.desktopNext();
      if (message?.kind === 'file') await fetchFile(api, message, handlers);
      if (message?.kind === 'command') handlers.onCommand(message.name);
      wait = SHORTEST_MS;
    } catch {
      // The views say that the server is lost as soon as there is something to read.
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(2 * wait, LONGEST_MS);
    }
  }
}

/**
 * @param {import('./api.js').Api} api
 * @param {{id: string, name: string}} file
 * @param {Handlers} handlers
 */
async function fetchFile(api, { id, name }, { onFiles, onRefused }) {
  try {
    onFiles([new File([await api.desktopFile(id)], name)]);
  } catch (error) {
    onRefused(name, toError(error));
  }
}
