/** Paints strokes on a canvas: the one on the page, or one that is sent to the server. */

import { contextOf } from '../dom.js';
import { SHEET, curves } from './geometry.js';
import { greyPng } from './png.js';

/** @typedef {import('./strokes.js').Stroke} Stroke */

/**
 * @param {CanvasRenderingContext2D} context scaled to units of the sheet
 * @param {readonly Stroke[]} strokes
 * @param {string} colour
 */
export function paint(context, strokes, colour) {
  Object.assign(context, { strokeStyle: colour, lineCap: 'round', lineJoin: 'round' });
  for (const stroke of strokes) paintStroke(context, stroke);
}

/**
 * The strokes as a grey PNG file, black on white, one pixel a unit of the sheet: the same on every
 * screen.
 * @param {readonly Stroke[]} strokes
 * @param {HTMLCanvasElement} [canvas] a new one
 * @returns {Promise<Blob>}
 * @throws {Error} the browser does not draw
 */
export async function toPicture(strokes, canvas = document.createElement('canvas')) {
  Object.assign(canvas, SHEET);
  const context = contextOf(canvas);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SHEET.width, SHEET.height);
  paint(context, strokes, '#000');
  const { data } = context.getImageData(0, 0, SHEET.width, SHEET.height);
  const grey = new Uint8Array(data.length / 4); // red, green and blue are the same
  for (let pixel = 0; pixel < grey.length; pixel += 1) grey[pixel] = data[4 * pixel];
  return greyPng(grey, SHEET.width, SHEET.height);
}

/**
 * One path as long as the width stays the same. A pen's pressure begins new ones.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 */
function paintStroke(context, stroke) {
  /** @type {number|null} */
  let width = null;
  for (const curve of curves(stroke)) {
    if (curve.width !== width) {
      if (width !== null) context.stroke();
      width = curve.width;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(curve.from.x, curve.from.y);
    }
    context.quadraticCurveTo(curve.control.x, curve.control.y, curve.to.x, curve.to.y);
  }
  if (width !== null) context.stroke();
}
