/** What the network saw, painted. */

/** Side of the network's picture in pixels. */
const SIDE = 28;

/**
 * Paints a digit's `input`: ink light on dark, as the network gets it.
 * @param {HTMLCanvasElement} canvas of 28 x 28 pixels
 * @param {string} [base64] 784 bytes; without them the canvas is emptied
 */
export function paintInput(canvas, base64) {
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, SIDE, SIDE);
  if (!base64) return;
  const image = context.createImageData(SIDE, SIDE);
  [...atob(base64)].forEach((character, index) => {
    const value = character.charCodeAt(0);
    image.data.set([value, value, value, 255], 4 * index);
  });
  context.putImageData(image, 0, 0);
}

/** A new canvas with a digit's `input` on it. */
export function inputCanvas(base64) {
  const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
  paintInput(canvas, base64);
  return canvas;
}
