/** Takes text out of the page: into the clipboard or into a file. */

import { append } from './dom.js';

/** How long a saved text is kept for the browser to fetch, in ms. */
const FETCH_MS = 60_000;

/**
 * Copies text, also where the page is served over plain HTTP on a network.
 * @param {string} text
 * @returns {Promise<boolean>} whether it is in the clipboard now
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
}

/**
 * Without a secure context there is no `navigator.clipboard`, only the copying of a selection.
 * @param {string} text
 */
function copySelection(text) {
  const focused = document.activeElement;
  const area = append(document.body, 'textarea', 'visually-hidden');
  area.value = text;
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

/**
 * Saves text as a file. The browser or the window asks where.
 * @param {string} text
 * @param {string} name of the file
 */
export function saveText(text, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), FETCH_MS);
}
