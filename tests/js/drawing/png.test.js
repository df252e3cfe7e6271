import assert from 'node:assert/strict';
import { test } from 'node:test';

import { greyPng } from '../../../digitapp/web/static/drawing/png.js';
import { unpacked } from '../samples.js';

/** Numbers that look random, the same each time. */
function* dice(seed) {
  for (let state = seed; ; ) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

/** A picture of some tones, in which some pixels are those above them. */
function picture(width, height, tones, share, seed = 1) {
  const roll = dice(seed);
  const grey = new Uint8Array(width * height);
  for (let place = 0; place < grey.length; place += 1) {
    const isAsAbove = place >= width && roll.next().value < share;
    grey[place] = isAsAbove ? grey[place - width] : Math.floor(roll.next().value * tones);
  }
  return grey;
}

async function check(grey, width, height) {
  const found = unpacked(await greyPng(grey, width, height).arrayBuffer());
  assert.deepEqual([found.width, found.height], [width, height]);
  assert.deepEqual(Uint8Array.from(found.grey), Uint8Array.from(grey));
  assert.ok(found.filters.every((filter) => filter === 0));
}

test('every pixel comes back, whatever is alike', async () => {
  for (const [tones, share] of [[256, 0], [256, 0.9], [2, 0.5], [1, 1]]) {
    await check(picture(70, 50, tones, share), 70, 50);
  }
});

test('runs of every length come back', async () => {
  for (let width = 1; width <= 600; width += 13) {
    await check(picture(width, 5, 256, 0.997, width), width, 5);
  }
});

test('pictures of a single row, column or pixel come back', async () => {
  for (const [width, height] of [[1, 1], [1, 40], [40, 1], [2000, 2]]) {
    await check(picture(width, height, 256, 0.7), width, height);
  }
});

test('the file has the parts of a PNG, each with its checksum', async () => {
  const file = Buffer.from(await greyPng(Uint8Array.of(255, 0), 2, 1).arrayBuffer());
  assert.equal(file.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
  // of a PNG file that another program wrote
  assert.equal(file.subarray(8, 33).toString('hex'), '0000000d4948445200000002000000010800000000d1492056');
  assert.equal(file.subarray(-12).toString('hex'), '0000000049454e44ae426082');
});

test('an empty sheet is small', async () => {
  assert.ok(greyPng(new Uint8Array(640 * 480).fill(255), 640, 480).size < 4000);
});
