/** Frames around the digits that were found, laid over the sheet or a picture. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {SVGElement} overlay as large as what lies under it
 * @param {object|null} answer
 * @param {number} selected index of the digit whose details are shown
 * @param {(index: number) => void} [onSelect] where a click may choose a digit
 */
export function showBoxes(overlay, answer, selected, onSelect) {
  overlay.replaceChildren();
  if (!answer) return;
  overlay.setAttribute('viewBox', `0 0 ${answer.width} ${answer.height}`);
  answer.digits.forEach((digit, index) => {
    const frame = overlay.appendChild(frameOf(digit.box, margin(answer)));
    frame.classList.toggle('selected', index === selected);
    frame.classList.toggle('doubtful', digit.doubtful || !digit.accepted);
    if (onSelect) frame.addEventListener('click', () => onSelect(index));
  });
}

/**
 * Writes over each frame what was read in it.
 * @param {SVGElement} overlay with the answer's frames
 * @param {object} answer
 */
export function labelBoxes(overlay, answer) {
  const size = 4 * margin(answer);
  for (const digit of answer.digits) {
    const label = overlay.appendChild(document.createElementNS(SVG, 'text'));
    const [x, y] = [digit.box[0] - margin(answer), digit.box[1] - 1.6 * margin(answer)];
    const place = { x, y, 'font-size': size };
    for (const [name, value] of Object.entries(place)) label.setAttribute(name, value);
    label.classList.toggle('doubtful', digit.doubtful || !digit.accepted);
    label.textContent = digit.accepted ? digit.digit : '?';
  }
}

/** Air around the ink, in pixels of the picture. */
function margin({ width, height }) {
  return Math.max(width, height) / 80;
}

/** A little air around the ink: `margin` in pixels of the picture. */
function frameOf([x, y, width, height], margin) {
  const frame = document.createElementNS(SVG, 'rect');
  const sides = { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
  for (const [name, value] of Object.entries({ ...sides, rx: margin })) frame.setAttribute(name, value);
  return frame;
}
