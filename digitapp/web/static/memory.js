/** What this tab remembers over a reload. Where storage is switched off or full, it forgets. */

/**
 * @param {string} key
 * @param {unknown} value anything that JSON can hold
 */
export function remember(key, value) {
  try {
    sessionStorage.setItem(`digitapp.${key}`, JSON.stringify(value));
  } catch {
    // Private modes forbid it, and a long drawing may fill it. A reload then starts empty.
  }
}

/**
 * @param {string} key
 * @returns {any} what was remembered, or null
 */
export function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(`digitapp.${key}`) ?? 'null');
  } catch {
    return null;
  }
}
