/** Keyboard shortcuts: which key is which action. */

/**
 * @param {KeyboardEvent} event
 * @returns {string|null} the action's name
 */
export function actionOf(event) {
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return null;
  if (control) return { z: event.shiftKey ? 'redo' : 'undo', y: 'redo', o: 'open', s: 'export' }[key] ?? null;
  if (key === 'Enter') return isControl(event.target) ? null : 'recognize';
  return { Delete: 'clear', Backspace: 'clear', '?': 'help', Escape: 'draw' }[key] ?? null;
}

/** Enter on a button or a link presses it. */
function isControl(target) {
  return target.closest?.('button, a, input, summary') != null;
}
