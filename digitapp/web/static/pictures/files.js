/** Takes pictures in: dropped on the page, chosen in a dialog, or pasted. */

/** Most files that one drop may bring, with all that its folders hold. */
const MAX_FILES = 500;

/** A drag is over when it has not shown for this long, in ms. Some windows never tell its end. */
const DRAG_MS = 1000;

/** @typedef {(files: File[]) => void} OnFiles */

/**
 * Takes files dropped anywhere, and keeps the browser from leaving the page for them.
 * @param {HTMLElement} overlay shown while files are dragged over the page
 * @param {string[]} endings of the files that are taken out of a dropped folder
 * @param {OnFiles} onFiles
 */
export function takeDrops(overlay, endings, onFiles) {
  let timer = 0;
  /** @param {boolean} isVisible */
  const show = (isVisible) => {
    clearTimeout(timer);
    overlay.hidden = !isVisible;
    if (isVisible) timer = setTimeout(() => show(false), DRAG_MS);
  };
  /** @param {DragEvent} event */
  const over = (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = hasFiles(event.dataTransfer) ? 'copy' : 'none';
    show(hasFiles(event.dataTransfer));
  };
  addEventListener('dragenter', over);
  addEventListener('dragover', over);
  addEventListener('dragleave', (event) => event.relatedTarget === null && show(false));
  addEventListener('drop', async (event) => {
    event.preventDefault();
    show(false);
    if (hasFiles(event.dataTransfer)) onFiles(await filesOf(event.dataTransfer.items, endings));
  });
}

/**
 * Takes pictures pasted anywhere.
 * @param {OnFiles} onFiles called without files when what was pasted is no picture
 */
export function takePastes(onFiles) {
  addEventListener('paste', (event) => {
    event.preventDefault();
    onFiles([...(event.clipboardData?.files ?? [])].map(named));
  });
}

/**
 * Takes files chosen in the dialog of an <input type=file>.
 * @param {HTMLInputElement} input
 * @param {OnFiles} onFiles
 */
export function takeChoices(input, onFiles) {
  input.addEventListener('change', () => {
    if (input.files && input.files.length > 0) onFiles([...input.files]);
    input.value = ''; // so that the same file can be chosen again
  });
}

/**
 * The clipboard's pictures, for a menu that asks for them rather than a paste.
 * @returns {Promise<File[]>} empty where the browser does not allow it
 */
export async function clipboardFiles() {
  const items = (await navigator.clipboard?.read().catch(() => [])) ?? [];
  const files = items.map(async (item) => {
    const type = item.types.find((name) => name.startsWith('image/'));
    return type ? named(new File([await item.getType(type)], 'image.png', { type })) : null;
  });
  return (await Promise.all(files)).filter((file) => file !== null);
}

/**
 * The dropped files, and the pictures in dropped folders.
 * @param {Iterable<DataTransferItem>} items
 * @param {string[]} endings
 * @returns {Promise<File[]>}
 */
export async function filesOf(items, endings) {
  // All items must be asked before the first wait: the browser forgets them after the event.
  const found = [...items].filter(({ kind }) => kind === 'file').map((item) => {
    const entry = item.webkitGetAsEntry?.();
    return isFolder(entry) ? picturesIn(entry, endings) : [item.getAsFile()];
  });
  return (await Promise.all(found)).flat().filter((file) => file !== null).slice(0, MAX_FILES);
}

/**
 * @param {DataTransfer|null} transfer
 * @returns {transfer is DataTransfer}
 */
function hasFiles(transfer) {
  return transfer?.types.includes('Files') ?? false;
}

/**
 * Clipboards call every picture image.png.
 * @param {File} file
 */
function named(file) {
  return file.name === 'image.png' ? new File([file], 'Pasted picture', { type: file.type }) : file;
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @param {string[]} endings
 * @returns {Promise<File[]>}
 */
async function picturesIn(folder, endings) {
  const found = [];
  for (const entry of await entriesOf(folder)) {
    if (found.length >= MAX_FILES) break;
    if (isFolder(entry)) found.push(...(await picturesIn(entry, endings)));
    else if (hasEnding(entry, endings)) found.push(await fileOf(entry));
  }
  return found;
}

/**
 * A folder's reader gives its entries in parts, and an empty part at the end.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>} sorted by name
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return entries.sort((one, other) => one.name.localeCompare(other.name));
    entries.push(...part);
  }
}

/**
 * @param {FileSystemEntry|null|undefined} entry
 * @returns {entry is FileSystemDirectoryEntry}
 */
function isFolder(entry) {
  return entry?.isDirectory ?? false;
}

/**
 * @param {FileSystemEntry} entry
 * @param {string[]} endings
 */
function hasEnding({ name }, endings) {
  return endings.some((ending) => name.toLowerCase().endsWith(ending));
}

/**
 * @param {FileSystemEntry} entry of a file
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  const file = /** @type {FileSystemFileEntry} */ (entry);
  return new Promise((resolve, reject) => file.file(resolve, reject));
}
