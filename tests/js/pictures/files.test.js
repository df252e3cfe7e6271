import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filesOf } from '../../../digitapp/web/static/pictures/files.js';
import '../samples.js';

const ENDINGS = ['.png', '.jpg'];

function fileEntry(name) {
  return { name, isDirectory: false, file: (resolve) => resolve(new File([], name)) };
}

/** A folder whose reader gives two entries at a time, as browsers give a hundred. */
function folderEntry(name, entries) {
  const createReader = () => {
    const left = [...entries];
    return { readEntries: (resolve) => resolve(left.splice(0, 2)) };
  };
  return { name, isDirectory: true, createReader };
}

function dropped(entry) {
  return { kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => new File([], entry.name) };
}

async function names(...items) {
  return (await filesOf(items, ENDINGS)).map(({ name }) => name);
}

test('dropped files are taken whatever they are, other things are not', async () => {
  const text = { kind: 'string', getAsFile: () => null };
  assert.deepEqual(await names(dropped(fileEntry('b.txt')), text, dropped(fileEntry('a.png'))), ['b.txt', 'a.png']);
});

test('a folder gives its pictures, sorted, with those of its folders', async () => {
  const inner = folderEntry('b', [fileEntry('2.PNG'), fileEntry('notes.txt')]);
  const folder = folderEntry('folder', [fileEntry('c.png'), inner, fileEntry('a.jpg'), fileEntry('png')]);
  assert.deepEqual(await names(dropped(folder)), ['a.jpg', '2.PNG', 'c.png']);
});

test('of a large folder 500 pictures are taken', async () => {
  const pictures = Array.from({ length: 600 }, (_, index) => fileEntry(`${1000 + index}.png`));
  const taken = await names(dropped(folderEntry('folder', pictures)), dropped(fileEntry('z.png')));
  assert.deepEqual([taken.length, taken[0], taken.at(-1)], [500, '1000.png', '1499.png']);
});

test('where a browser knows no folders, files are taken as they are', async () => {
  const item = { kind: 'file', getAsFile: () => new File([], '7.png') };
  assert.deepEqual(await names(item), ['7.png']);
});

test('all items are asked before the first wait', async () => {
  const order = [];
  const watched = (entry) => ({ ...dropped(entry), webkitGetAsEntry: () => order.push(entry.name) && entry });
  const folder = folderEntry('folder', [fileEntry('1.png')]);
  const done = names(watched(folder), watched(fileEntry('2.png')));
  assert.deepEqual(order, ['folder', '2.png']);
  assert.deepEqual(await done, ['1.png', '2.png']);
});
