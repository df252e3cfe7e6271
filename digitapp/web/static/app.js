/**
 * Puts the page together. Data flows one way: the views report what they read to the page's state;
 * the state's events show it in the result, the stages and the frames.
 */

import { Api, ApiError, toError } from './api.js';
import { followDesktop } from './desktop.js';
import { byId, find } from './dom.js';
import { DrawView } from './drawing/view.js';
import { copyText, saveText } from './export.js';
import { followKeys } from './keys.js';
import { recall, remember } from './memory.js';
import { clipboardFiles, takeChoices, takeDrops, takePastes } from './pictures/files.js';
import { PicturesView } from './pictures/view.js';
import { ResultView } from './reading/result.js';
import { StagesView } from './reading/stages.js';
import { PageState } from './reading/state.js';
import { written } from './reading/words.js';
import { openSession } from './session.js';
import { ShareView } from './share.js';

/** @typedef {import('./reading/state.js').ViewName} ViewName */

/** How long a notice stays, in ms. */
const NOTICE_MS = 4000;

const main = find(document, 'main', HTMLElement);
const tabs = find(document, '.tabs', HTMLElement);
const notice = byId('notice', HTMLElement);
const badge = byId('badge', HTMLElement);
const oneDigit = byId('one-digit', HTMLInputElement);
const fileDialog = byId('files', HTMLInputElement);
const helpDialog = byId('help', HTMLDialogElement);
const { maxBytes, endings = '' } = document.documentElement.dataset;

const session = await openSession();
const api = new Api(session.token, Number(maxBytes));
const state = new PageState();

const isOneDigit = () => oneDigit.checked;
oneDigit.checked = recall('one-digit') === true;

/** @type {import('./reading/reader.js').Recognize} */
const recognize = (picture, question) => api.recognize(picture, question);
/** @param {number} index */
const onSelect = (index) => state.select(index);

const draw = new DrawView({
  recognize,
  isOneDigit,
  onSelect,
  onReading: (reading) => state.setReading('draw', reading),
});
const pictures = new PicturesView(main, {
  recognize,
  isOneDigit,
  onSelect,
  onReading: (reading) => state.setReading('pictures', reading),
});
const views = { draw, pictures };
const result = new ResultView(byId('result', HTMLElement), onSelect);
const stages = new StagesView(byId('stages', HTMLDetailsElement), {
  recognize: (picture, question) => recognize(picture, { ...question, stages: true }),
  picture: () => views[state.view].picture(),
  isOneDigit,
  onSelect,
});
const share = new ShareView(byId('share', HTMLDialogElement), byId('share-button', HTMLButtonElement), {
  api,
  isOwner: session.desktop,
  onCopy: copy,
});

/**
 * What buttons (`data-action`), keys and the desktop window's menu can ask for.
 * @type {Record<string, () => unknown>}
 */
const actions = {
  draw: () => showView('draw'),
  pictures: () => showView('pictures'),
  undo: () => state.view === 'draw' && draw.undo(),
  redo: () => state.view === 'draw' && draw.redo(),
  clear: () => state.view === 'draw' && draw.clear(),
  recognize: recognizeShown,
  open: () => fileDialog.click(),
  paste: async () => addFiles(await clipboardFiles(), 'Press Ctrl+V to read the picture in the clipboard.'),
  copy: () => copy(state.answer && written(state.answer)),
  export: () => save(state.view === 'pictures' ? pictures.table : state.answer && written(state.answer)),
  copyList: () => copy(pictures.table),
  forget: () => pictures.clear(),
  share: () => share.open(),
  help: () => helpDialog.showModal(),
};

function recognizeShown() {
  const view = views[state.view];
  if (view.isEmpty) notify('There is nothing to read yet.');
  else view.recognize();
}

/** Shows the state's reading wherever it is shown. */
function showReading() {
  const { reading } = state;
  showResult(reading);
  stages.follow(reading);
  badge.textContent = pictures.count > 0 ? String(pictures.count) : '';
  showFrames();
}

/** Shows the details of the state's selected symbol wherever they are shown. */
function showSelection() {
  result.select(state.selected);
  showFrames();
}

function showFrames() {
  views[state.view].showFrames(state.reading, state.selected);
  stages.select(state.selected);
}

/** @param {import('./reading/reader.js').Reading} reading */
function showResult(reading) {
  const { error } = reading;
  const isLockedOut = error instanceof ApiError && error.code === 'unauthorized' && error !== session.refusal;
  const help = isLockedOut ? `It looks like ${location.origin}/#token=…` : '';
  result.show(reading, state.selected, { ...views[state.view].texts, help });
}

/** @param {ViewName} name */
function showView(name) {
  main.dataset.view = name;
  for (const view of Object.keys(views)) {
    const tab = byId(`tab-${view}`, HTMLButtonElement);
    byId(view, HTMLElement).hidden = view !== name;
    tab.setAttribute('aria-selected', String(view === name));
    tab.tabIndex = view === name ? 0 : -1;
  }
  state.showView(name);
}

/**
 * @param {File[]} files
 * @param {string} otherwise what to say where there are none
 */
function addFiles(files, otherwise = '') {
  if (files.length === 0) {
    notify(otherwise);
    return;
  }
  showView('pictures');
  pictures.add(files);
}

/**
 * @param {string} name
 * @param {Error} error
 */
function addRefused(name, error) {
  showView('pictures');
  pictures.addRefused(name, error);
}

/** @param {string|null} text */
async function copy(text) {
  if (!text) notify('There is nothing to copy yet.');
  else notify((await copyText(text)) ? 'Copied.' : 'This browser did not allow copying.');
}

/** @param {string|null} text */
function save(text) {
  if (!text) notify('There is nothing to export yet.');
  else saveText(text, 'digits.txt');
}

let noticeTimer = 0;

/** @param {string} text */
function notify(text) {
  notice.textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => (notice.textContent = ''), NOTICE_MS);
}

/**
 * With nothing selected, copying copies the number.
 * @param {ClipboardEvent} event
 */
function onCopy(event) {
  const text = state.answer?.text ? written(state.answer) : '';
  const isSelected = !getSelection()?.isCollapsed || document.activeElement?.matches('textarea');
  if (!text || isSelected) return;
  event.clipboardData?.setData('text/plain', text);
  event.preventDefault();
  notify('Copied.');
}

/** @param {KeyboardEvent} event */
function onTabKey({ key }) {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
  showView(state.view === 'draw' ? 'pictures' : 'draw');
  byId(`tab-${state.view}`, HTMLButtonElement).focus();
}

function onOneDigit() {
  remember('one-digit', isOneDigit());
  draw.recognize();
  pictures.recognizeAll();
}

/** @param {MouseEvent} event */
function onClick({ target }) {
  const button = target instanceof Element ? target.closest('[data-action]') : null;
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  actions[button.getAttribute('data-action') ?? '']?.();
}

/** Shows the model's facts. Someone without a token learns at once how to get one. */
async function showModel() {
  try {
    const { name, test } = await api.model();
    const right = test ? `, reads ${(100 * test.accuracy).toFixed(2)} % of MNIST’s test digits right` : '';
    byId('model', HTMLElement).textContent = `Model: ${name}${right}.`;
  } catch (thrown) {
    const error = toError(thrown);
    if (!(error instanceof ApiError) || error.code !== 'unauthorized') return;
    showResult({ phase: 'error', error: session.refusal ?? error });
  }
}

state.addEventListener('reading', showReading);
state.addEventListener('selection', showSelection);
document.addEventListener('click', onClick);
document.addEventListener('copy', onCopy);
tabs.addEventListener('keydown', onTabKey);
oneDigit.addEventListener('change', onOneDigit);
followKeys((action) => actions[action]());
takeDrops(byId('drop', HTMLElement), endings.split(' '), (files) => {
  addFiles(files, 'There is no picture in what was dropped.');
});
takePastes((files) => addFiles(files, 'There is no picture in the clipboard.'));
takeChoices(fileDialog, addFiles);

showReading();
draw.recognize();
share.refresh();
if (session.desktop) {
  followDesktop(api, { onFiles: addFiles, onRefused: addRefused, onCommand: (name) => actions[name]?.() });
}
// The window's server starts what reads once the model is asked for. That takes all processors, and
// kept the page from being shown for 60 ms: so it is painted first.
requestAnimationFrame(() => setTimeout(showModel));
// The same address opened again in this tab changes the fragment only.
addEventListener('hashchange', () => /token=|ticket=/.test(location.hash) && location.reload());
