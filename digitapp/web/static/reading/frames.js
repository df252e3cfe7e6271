/** Frames around the digits that were found, each with its digit, over the sheet or a picture. */

const SVG = 'http://www.w3.org/2000/svg';

/** Size of what stands over a frame, in widths of the air around the ink. */
const LABEL = 3;

/**
 * @param {SVGElement} overlay as large as what lies under it
 * @param {object|null} answer
 * @param {number} [selected] index of the digit whose details are shown
 * @param {(index: number) => void} [onSelect] where a click may choose a digit
 */
export function showBoxes(overlay, answer, selected, onSelect) {
  overlay.replaceChildren();
  if (!answer) return;
  overlay.setAttribute('viewBox', `0 0 ${answer.width} ${answer.height}`);
  const air = airIn(answer);
  const frames = answer.digits.map((digit) => frameOf(digit, air));
  frames[selected]?.classList.add('selected');
  const labels = answer.digits.map((digit) => labelOf(digit, air)); // none lies under a frame
  overlay.append(...frames, ...labels);
  for (const parts of onSelect ? [frames, labels] : []) {
    parts.forEach((part, index) => part.addEventListener('click', () => onSelect(index)));
  }
}

/**
 * @param {object} answer
 * @param {{x: number, y: number}} spot in pixels of the picture
 * @returns {number} index of the digit there, the nearest one where several are; -1 where none is
 */
export function digitAt({ digits }, { x, y }) {
  const away = digits.map(({ box: [left, top, width, height] }) => {
    const isInside = left <= x && x < left + width && top <= y && y < top + height;
    return isInside ? Math.abs(left + width / 2 - x) : Infinity;
  });
  const least = Math.min(...away);
  return least === Infinity ? -1 : away.indexOf(least);
}

/** Air around the ink, in pixels of the picture: less on a page of small digits. */
function airIn({ width, height, digits }) {
  const heights = digits.map(({ box }) => box[3]).sort((one, other) => one - other);
  return Math.min(Math.max(width, height) / 80, heights[heights.length >> 1] / 8);
}

function frameOf(digit, air) {
  const [x, y, width, height] = digit.box;
  const sides = { x: x - air, y: y - air, width: width + 2 * air, height: height + 2 * air };
  return element('rect', digit, { ...sides, rx: air });
}

/** What was read in a frame stands over it, but within the picture. */
function labelOf(digit, air) {
  const size = LABEL * air;
  const [x, y] = [Math.max(digit.box[0] - air, 0), Math.max(digit.box[1] - 1.6 * air, 0.8 * size)];
  const label = element('text', digit, { x, y, 'font-size': size });
  label.textContent = digit.accepted ? digit.digit : '?';
  return label;
}

function element(name, digit, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.classList.toggle('doubtful', digit.doubtful || !digit.accepted);
  return made;
}
