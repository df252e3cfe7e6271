/** Copying text, also where the page is served over plain HTTP on a network. */

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether it lies in the clipboard now
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

/** Without a secure context there is no `navigator.clipboard`, only the copying of a selection. */
function copyTheOldWay(text) {
  const area = document.createElement('textarea');
  const focused = document.activeElement;
  area.value = text;
  area.className = 'unseen';
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  focused?.focus();
  return copied;
}
