import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../digitapp/web/static', import.meta.url));

/** Each may import from itself and from those before it. The last one is `app.js` alone. */
const ORDER = [['.'], ['reading'], ['drawing', 'pictures'], ['app.js']];

/** The modules of the page, each with those that it imports. */
function graph() {
  const found = new Map();
  for (const path of modulesIn(PAGE)) {
    const text = readFileSync(join(PAGE, path), 'utf-8');
    const named = [...text.matchAll(/^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'/gm)];
    found.set(path, named.map(([, one, other]) => toPath(join(dirname(path), one ?? other))));
  }
  return found;
}

function modulesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return modulesIn(path);
    return entry.name.endsWith('.js') ? [toPath(relative(PAGE, path))] : [];
  });
}

function toPath(path) {
  return path.split(sep).join('/');
}

function place(path) {
  const name = path === 'app.js' ? path : dirname(path);
  return { name, level: ORDER.findIndex((names) => names.includes(name)) };
}

/** A way from a module back to itself, or nothing. */
function cycle(modules, path, way = []) {
  if (way.includes(path)) return [...way, path];
  for (const next of modules.get(path) ?? []) {
    const found = cycle(modules, next, [...way, path]);
    if (found) return found;
  }
  return null;
}

test('every module that is imported is there, and app.js reaches all but docs.js', () => {
  const modules = graph();
  const reached = new Set();
  const visit = (path) => {
    assert.ok(modules.has(path), path);
    if (reached.has(path)) return;
    reached.add(path);
    modules.get(path).forEach(visit);
  };
  visit('app.js');
  assert.deepEqual([...modules.keys()].filter((path) => !reached.has(path)), ['docs.js']);
});

test('no module imports itself over others', () => {
  const modules = graph();
  assert.ok(modules.size > 20);
  for (const path of modules.keys()) assert.equal(cycle(modules, path), null);
});

test('the search for cycles finds one', () => {
  const modules = new Map([['a', ['b']], ['b', ['c']], ['c', ['a']]]);
  assert.deepEqual(cycle(modules, 'a'), ['a', 'b', 'c', 'a']);
});

test('folders are imported one way', () => {
  for (const [path, imported] of graph()) {
    const from = place(path);
    assert.ok(from.level >= 0, `${path} is in no known folder`);
    for (const other of imported) {
      const to = place(other);
      assert.ok(to.name === from.name || to.level < from.level, `${path} imports ${other}`);
    }
  }
});

test('no folder holds more than 14 modules', () => {
  const folders = [...graph().keys()].map((path) => dirname(path));
  for (const folder of new Set(folders)) {
    assert.ok(folders.filter((name) => name === folder).length <= 14, folder);
  }
});
