/** Draws a frame around each digit that was found, over the sheet or a picture. */

import { isUncertain, symbolOf } from './answer.js';
import { frameAround, labelOver, marginOf } from './boxes.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {SVGSVGElement} overlay as large as what is under it
 * @param {import('../api.js').Answer|null} answer
 * @param {number} [selected] index of the digit whose details are shown
 * @param {(index: number) => void} [onSelect] where a click may choose a digit
 */
export function drawFrames(overlay, answer, selected = -1, onSelect) {
  overlay.replaceChildren();
  if (!answer) return;
  overlay.setAttribute('viewBox', `0 0 ${answer.width} ${answer.height}`);
  const margin = marginOf(answer);
  const frames = answer.digits.map((digit) => frameOf(digit, margin));
  frames[selected]?.classList.add('selected');
  const labels = answer.digits.map((digit) => labelOf(digit, margin));
  overlay.append(...frames, ...labels); // labels last, so that no frame covers one
  for (const elements of onSelect ? [frames, labels] : []) {
    elements.forEach((element, index) => element.addEventListener('click', () => onSelect?.(index)));
  }
}

/**
 * @param {import('../api.js').Digit} digit
 * @param {number} margin
 */
function frameOf(digit, margin) {
  return shape('rect', digit, { ...frameAround(digit.box, margin), rx: margin });
}

/**
 * @param {import('../api.js').Digit} digit
 * @param {number} margin
 */
function labelOf(digit, margin) {
  const { x, y, size } = labelOver(digit.box, margin);
  const label = shape('text', digit, { x, y, 'font-size': size });
  label.textContent = symbolOf(digit);
  return label;
}

/**
 * @param {'rect'|'text'} name
 * @param {import('../api.js').Digit} digit
 * @param {Record<string, number>} attributes
 */
function shape(name, digit, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.classList.toggle('doubtful', isUncertain(digit));
  return made;
}
