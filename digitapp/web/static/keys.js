/** Keyboard shortcuts: which key asks for which action. */

/** With Ctrl, or with Command on a Mac. */
const WITH_CONTROL = new Map([['y', 'redo'], ['o', 'open'], ['s', 'export']]);

const ALONE = new Map([['Delete', 'clear'], ['Backspace', 'clear'], ['?', 'help'], ['Escape', 'draw']]);

/**
 * @param {Pick<KeyboardEvent, 'key'|'ctrlKey'|'metaKey'|'shiftKey'|'altKey'>} event
 * @param {boolean} isOnControl whether a button or the like has the focus: Enter presses that one
 * @returns {string|null} the action's name
 */
export function actionOf({ key, ctrlKey, metaKey, shiftKey, altKey }, isOnControl) {
  if (altKey) return null;
  if (ctrlKey || metaKey) return actionWithControl(key.toLowerCase(), shiftKey);
  if (key === 'Enter') return isOnControl ? null : 'recognize';
  return ALONE.get(key) ?? null;
}

/**
 * Runs the actions that keys ask for. An open dialog has the keys to itself.
 * @param {(action: string) => void} run
 */
export function followKeys(run) {
  document.addEventListener('keydown', (event) => {
    if (document.querySelector('dialog[open]')) return;
    const action = actionOf(event, isControl(event.target));
    if (action === null) return;
    event.preventDefault();
    run(action);
  });
}

/**
 * @param {string} key
 * @param {boolean} shift
 */
function actionWithControl(key, shift) {
  if (key === 'z') return shift ? 'redo' : 'undo';
  return WITH_CONTROL.get(key) ?? null;
}

/** @param {EventTarget|null} target */
function isControl(target) {
  return target instanceof Element && target.closest('button, a, input, summary') !== null;
}
