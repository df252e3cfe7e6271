/** Paints what the network got: ink light on dark, 28 x 28 pixels. */

import { contextOf } from '../dom.js';

/** Side of the network's picture in pixels. */
const SIDE = 28;

/**
 * @param {string} base64 one byte of grey a pixel
 * @returns {Uint8ClampedArray<ArrayBuffer>} four bytes a pixel: red, green, blue, and full opacity
 */
export function toRgba(base64) {
  const grey = [...atob(base64)].map((character) => character.charCodeAt(0));
  return Uint8ClampedArray.from(grey.flatMap((value) => [value, value, value, 255]));
}

/**
 * @param {HTMLCanvasElement} canvas of 28 x 28 pixels
 * @param {string} [input] a digit's; without it the canvas is emptied
 */
export function paintInput(canvas, input) {
  const context = contextOf(canvas);
  context.clearRect(0, 0, SIDE, SIDE);
  if (input) context.putImageData(new ImageData(toRgba(input), SIDE, SIDE), 0, 0);
}

/**
 * @param {string} [input] a digit's
 * @returns {HTMLCanvasElement} a new one that shows it
 */
export function inputCanvas(input) {
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  paintInput(canvas, input);
  return canvas;
}
