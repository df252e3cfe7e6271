/** A picture turned, as it was turned to be read. */

/**
 * @param {string} url of a picture that the browser can show
 * @param {number} degrees clockwise: 90, 180 or 270
 * @returns {Promise<string>} the url of a turned copy, a PNG file
 */
export async function turned(url, degrees) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = degrees === 180 ? [width, height] : [height, width];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot turn a picture.');
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((degrees * Math.PI) / 180);
  context.drawImage(image, -width / 2, -height / 2);
  const file = await new Promise((resolve) => canvas.toBlob(resolve));
  if (!file) throw new Error('This browser cannot turn a picture.');
  return URL.createObjectURL(file);
}
