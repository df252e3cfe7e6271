/** The doors that pictures come in by: dropped on the page, chosen in a dialog, or pasted. */

/** Most files that one drop may bring, with all that its folders hold. */
const MOST = 500;

const PICTURES = /\.(png|jpe?g|gif|bmp|webp|heic|heif)$/i;

/** How long after the last sign of a drag it is taken to have left, in ms. */
const GONE_MS = 1000;

/**
 * Takes files dropped anywhere, and keeps the page from ever leaving for what was dropped.
 * @param {HTMLElement} overlay shown while files hang over the page
 * @param {(files: File[]) => void} take
 */
export function takeDrops(overlay, take) {
  let timer = 0;
  const show = (visible) => {
    clearTimeout(timer);
    overlay.hidden = !visible;
    // Some windows never say that a drag has left; while it is here, it says so all the time.
    if (visible) timer = setTimeout(() => show(false), GONE_MS);
  };
  const over = (event) => {
    event.preventDefault();
    event.dataTransfer.dropEffect = hasFiles(event.dataTransfer) ? 'copy' : 'none';
    show(hasFiles(event.dataTransfer));
  };
  addEventListener('dragenter', over);
  addEventListener('dragover', over);
  addEventListener('dragleave', (event) => event.relatedTarget === null && show(false));
  addEventListener('drop', async (event) => {
    event.preventDefault();
    show(false);
    if (hasFiles(event.dataTransfer)) take(await filesOf(event.dataTransfer));
  });
}

/**
 * Takes pictures pasted anywhere.
 * @param {(files: File[]) => void} take
 * @param {() => void} nothing called when what was pasted is no picture
 */
export function takePastes(take, nothing) {
  addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    event.preventDefault();
    if (files.length > 0) take(files.map(named));
    else nothing();
  });
}

/**
 * Takes files chosen in the dialog of an <input type=file>.
 * @param {HTMLInputElement} input
 * @param {(files: File[]) => void} take
 */
export function takeChoices(input, take) {
  input.addEventListener('change', () => {
    if (input.files.length > 0) take([...input.files]);
    input.value = ''; // so that the same file can be chosen again
  });
}

/**
 * The clipboard's pictures, asked for by a menu rather than by a paste. Empty where browsers
 * give no leave.
 * @returns {Promise<File[]>}
 */
export async function clipboardFiles() {
  const items = await navigator.clipboard?.read().catch(() => []) ?? [];
  const files = items.map(async (item) => {
    const type = item.types.find((name) => name.startsWith('image/'));
    return type && named(new File([await item.getType(type)], 'image.png', { type }));
  });
  return (await Promise.all(files)).filter(Boolean);
}

function hasFiles(transfer) {
  return transfer?.types.includes('Files') ?? false;
}

/** Clipboards call every picture image.png. */
function named(file) {
  return file.name === 'image.png' ? new File([file], 'Pasted picture', { type: file.type }) : file;
}

/** The dropped files, and the pictures in dropped folders. */
async function filesOf(transfer) {
  // All items must be asked before the first wait: the browser forgets them after the event.
  const found = [...transfer.items].filter((item) => item.kind === 'file').map((item) => {
    const entry = item.webkitGetAsEntry?.();
    return entry?.isDirectory ? picturesIn(entry) : [item.getAsFile()];
  });
  return (await Promise.all(found)).flat().filter(Boolean).slice(0, MOST);
}

async function picturesIn(folder) {
  const found = [];
  for (const entry of await entriesOf(folder)) {
    if (found.length >= MOST) break;
    if (entry.isDirectory) found.push(...(await picturesIn(entry)));
    else if (PICTURES.test(entry.name)) found.push(await new Promise((...ends) => entry.file(...ends)));
  }
  return found;
}

/** A reader gives a folder's entries in parts, and none when there are no more. */
async function entriesOf(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const part = await new Promise((...ends) => reader.readEntries(...ends));
    if (part.length === 0) return entries.sort((a, b) => a.name.localeCompare(b.name));
    entries.push(...part);
  }
}

/** Lets people keep a text as a file; the browser or the window asks where. */
export function saveText(text, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
