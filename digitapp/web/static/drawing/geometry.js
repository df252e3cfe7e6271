/**
 * The sheet's geometry: its size, its scale on a screen, and the smooth curves through points.
 *
 * @typedef {{x: number, y: number}} Spot
 * @typedef {{left: number, top: number, width: number, height: number}} Frame
 *   where the sheet is on the screen, in CSS pixels
 * @typedef {Spot & {pressure: number}} Bend
 * @typedef {{from: Spot, control: Spot, to: Spot, width: number}} Curve
 *   a quadratic curve; width in units of the sheet
 */

/** The sheet's own size. Every screen shows it scaled; the recogniser gets one pixel a unit. */
export const SHEET = Object.freeze({ width: 640, height: 480 });

/** How wide the pen draws, in parts of its width, at pressure 0 and at pressure 1. */
const THIN = 0.6;
const THICK = 1.4;

/**
 * @param {{clientX: number, clientY: number}} place in CSS pixels
 * @param {Frame} frame
 * @returns {Spot} the same place in units of the sheet
 */
export function toSheet({ clientX, clientY }, { left, top, width, height }) {
  return { x: ((clientX - left) / width) * SHEET.width, y: ((clientY - top) / height) * SHEET.height };
}

/**
 * As many pixels as the screen has, whatever its density and the page's zoom.
 * @param {{width: number, height: number}} frame
 * @param {number} density pixels of the screen a CSS pixel
 */
export function pixelSize({ width, height }, density) {
  return { width: Math.round(width * density), height: Math.round(height * density) };
}

/**
 * @param {Spot} one
 * @param {Spot} other
 */
export function distance(one, other) {
  return Math.hypot(one.x - other.x, one.y - other.y);
}

/**
 * The smooth way through a stroke: quadratic curves from midpoint to midpoint, each bent towards
 * the point between them. They start and end where the stroke does. A tap becomes a dot.
 * @param {{width: number, points: Bend[]}} stroke
 * @returns {Curve[]}
 */
export function curves({ width, points }) {
  if (points.length === 0) return [];
  const bends = points.length > 2 ? points.slice(1, -1) : points.slice(0, 1);
  /** @type {Spot} */
  let from = points[0];
  return bends.map((control, index) => {
    const to = index === bends.length - 1 ? endOf(points) : middle(control, bends[index + 1]);
    const curve = { from, control, to, width: widthAt(width, control.pressure) };
    from = to;
    return curve;
  });
}

/**
 * @param {number} width the pen's
 * @param {number} pressure from 0 to 1
 * @returns {number} how wide the pen draws
 */
export function widthAt(width, pressure) {
  return width * (THIN + (THICK - THIN) * Math.min(1, Math.max(0, pressure)));
}

/**
 * @param {Spot} one
 * @param {Spot} other
 * @returns {Spot}
 */
function middle(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

/**
 * Canvases draw no line of no length, so a tap ends a hair beside where it began.
 * @param {Spot[]} points
 * @returns {Spot}
 */
function endOf(points) {
  const { x, y } = points[points.length - 1];
  return points.length === 1 ? { x: x + 0.01, y } : { x, y };
}
