/**
 * What this tab remembers over a reload. Where storage is switched off or full, it forgets, and
 * nothing else changes.
 */

/**
 * @param {string} key
 * @param {unknown} value anything that JSON can hold
 */
export function remember(key, value) {
  try {
    sessionStorage.setItem(`digitapp.${key}`, JSON.stringify(value));
  } catch {
    // Private modes forbid it and long drawings may fill it: then a reload starts afresh.
  }
}

/**
 * @param {string} key
 * @returns {any} what was remembered, or null
 */
export function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(`digitapp.${key}`));
  } catch {
    return null;
  }
}
