/** Draws a frame around each symbol and what was left out, over the sheet or a picture. */

import { isUncertain } from './answer.js';
import { frameAround, labelOver, marginOf } from './boxes.js';
import { reason } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {SVGSVGElement} overlay as large as what is under it
 * @param {import('../api.js').Answer|null} answer
 * @param {number} [selected] index of the symbol whose details are shown
 * @param {(index: number) => void} [onSelect] where a click may choose a symbol
 */
export function drawFrames(overlay, answer, selected = -1, onSelect) {
  overlay.replaceChildren();
  if (!answer) return;
  overlay.setAttribute('viewBox', `0 0 ${answer.width} ${answer.height}`);
  const margin = marginOf(answer);
  const left = answer.left_out.map((each) => leftOutFrame(each));
  const frames = answer.symbols.map((symbol) => frameOf(symbol, margin));
  frames[selected]?.classList.add('selected');
  const labels = answer.symbols.map((symbol) => labelOf(symbol, margin));
  overlay.append(...left, ...frames, ...labels); // labels last, so that no frame covers one
  for (const elements of onSelect ? [frames, labels] : []) {
    elements.forEach((element, index) => element.addEventListener('click', () => onSelect?.(index)));
  }
}

/**
 * @param {import('../api.js').ReadSymbol} symbol
 * @param {number} margin
 */
function frameOf(symbol, margin) {
  return framed(shape('rect', { ...frameAround(symbol.box, margin), rx: margin }), symbol);
}

/**
 * @param {import('../api.js').ReadSymbol} symbol
 * @param {number} margin
 */
function labelOf(symbol, margin) {
  const { x, y, size } = labelOver(symbol.box, margin);
  const label = framed(shape('text', { x, y, 'font-size': size }), symbol);
  label.textContent = symbol.text;
  return label;
}

/**
 * A part that was left out: a pale frame that tells its reason.
 * @param {import('../api.js').Answer['left_out'][number]} leftOut
 */
function leftOutFrame({ box: [x, y, width, height], why }) {
  const frame = shape('rect', { x, y, width, height });
  frame.classList.add('left-out');
  const title = document.createElementNS(SVG, 'title');
  title.textContent = reason(why);
  frame.append(title);
  return frame;
}

/**
 * Marks a symbol's frame or label where the symbol needs a look.
 * @param {SVGElement} element
 * @param {import('../api.js').ReadSymbol} symbol
 */
function framed(element, symbol) {
  element.classList.toggle('doubtful', isUncertain(symbol));
  return element;
}

/**
 * @param {'rect'|'text'} name
 * @param {Record<string, number>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
