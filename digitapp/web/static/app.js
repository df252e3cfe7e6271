/** The page put together: two rooms, one result, and the actions that buttons, keys and menus name. */

import { Api } from './api.js';
import { copyText } from './export.js';
import { followDesktop } from './desktop.js';
import { DrawRoom } from './drawing/view.js';
import { clipboardFiles, saveText, takeChoices, takeDrops, takePastes } from './pictures/files.js';
import { actionOf } from './keys.js';
import { recall, remember } from './memory.js';
import { PictureRoom } from './pictures/view.js';
import { ResultView } from './reading/result.js';
import { openSession } from './session.js';
import { ShareView } from './share.js';
import { StagesView } from './reading/stages.js';

/** How long a notice stays, in ms. */
const NOTICE_MS = 4000;

const $ = (id) => document.getElementById(id);

const session = await openSession();
const api = new Api(session.token);
const options = { isOneDigit: () => $('one-digit').checked, changed: render };
$('one-digit').checked = recall('one-digit') === true;

const rooms = { draw: new DrawRoom(document, api, options), pictures: null };
rooms.pictures = new PictureRoom(document.querySelector('main'), api, options);
const result = new ResultView($('result'), showBoxes);
const stages = new StagesView($('stages'), {
  recognize: (picture, question) => api.recognize(picture, { ...question, stages: true }),
  picture: () => rooms[view].picture(),
  isOneDigit: options.isOneDigit,
  onSelect: (index) => result.select(index),
});
const share = new ShareView($('share'), $('share-button'), { api, isOwner: session.desktop, notify });
let view = 'draw';

/** What buttons (`data-action`), keys and the desktop window's menu can ask for. */
const actions = {
  draw: () => show('draw'),
  pictures: () => show('pictures'),
  undo: () => view === 'draw' && rooms.draw.undo(),
  redo: () => view === 'draw' && rooms.draw.redo(),
  clear: () => view === 'draw' && rooms.draw.clear(),
  recognize: () => (rooms[view].isEmpty ? notify('There is nothing to read yet.') : rooms[view].recognize()),
  open: () => $('files').click(),
  paste: async () => take(await clipboardFiles(), 'Press Ctrl+V to read the picture in the clipboard.'),
  copy: () => copy(result.answer?.text),
  export: () => exportText(view === 'pictures' ? rooms.pictures.table : result.answer?.text),
  copyList: () => copy(rooms.pictures.table),
  forget: () => rooms.pictures.forget(),
  share: () => share.open(),
  help: () => $('help').showModal(),
};

/** Every change of either room ends here. */
function render() {
  showReading(rooms[view].reading);
  stages.follow(rooms[view].reading);
  $('badge').textContent = rooms.pictures.count || '';
  showBoxes();
}

function showReading(reading) {
  const outside = reading.error?.code === 'unauthorized' && reading.error !== session.refusal;
  const help = outside ? `It looks like ${location.origin}/#token=…` : '';
  result.show(reading, { ...rooms[view].words, help });
}

function showBoxes() {
  rooms[view].showBoxes(result.answer, result.selected, (index) => result.select(index));
  stages.select(result.selected);
}

function show(name) {
  view = name;
  document.querySelector('main').dataset.view = name;
  for (const room of Object.keys(rooms)) {
    $(room).hidden = room !== name;
    $(`tab-${room}`).setAttribute('aria-selected', room === name);
    $(`tab-${room}`).tabIndex = room === name ? 0 : -1;
  }
  render();
}

function take(files, otherwise) {
  if (files.length === 0) {
    notify(otherwise);
    return;
  }
  show('pictures');
  rooms.pictures.take(files);
}

function refuse(name, error) {
  show('pictures');
  rooms.pictures.refuse(name, error);
}

async function copy(text) {
  if (!text) notify('There is nothing to copy yet.');
  else notify((await copyText(text)) ? 'Copied.' : 'This browser did not allow copying.');
}

function exportText(text) {
  if (!text) notify('There is nothing to export yet.');
  else saveText(text, 'digits.txt');
}

function notify(text) {
  $('notice').textContent = text;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => ($('notice').textContent = ''), NOTICE_MS);
}

function onKey(event) {
  if (document.querySelector('dialog[open]')) return;
  const action = actionOf(event);
  if (!action) return;
  event.preventDefault();
  actions[action]();
}

/** With nothing selected, copying copies the number. */
function onCopy(event) {
  const text = result.answer?.text;
  const selected = !getSelection().isCollapsed || document.activeElement.matches('textarea');
  if (!text || selected) return;
  event.clipboardData.setData('text/plain', text);
  event.preventDefault();
  notify('Copied.');
}

function onTabKey(event) {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  show(view === 'draw' ? 'pictures' : 'draw');
  $(`tab-${view}`).focus();
}

function onOneDigit() {
  remember('one-digit', options.isOneDigit());
  rooms.draw.recognize();
  rooms.pictures.recognizeAll();
}

/** The model's facts; a person without a token learns at once how to get in. */
async function meetServer() {
  try {
    const { name, test } = await api.model();
    const right = test ? `, reads ${(100 * test.accuracy).toFixed(2)} % of MNIST’s test digits right` : '';
    $('model').textContent = `Model: ${name}${right}.`;
  } catch (error) {
    if (error.code === 'unauthorized') showReading({ phase: 'error', error: session.refusal ?? error });
  }
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-action]');
  if (button && button.getAttribute('aria-disabled') !== 'true') actions[button.dataset.action]();
});
document.addEventListener('keydown', onKey);
document.addEventListener('copy', onCopy);
document.querySelector('.tabs').addEventListener('keydown', onTabKey);
$('one-digit').addEventListener('change', onOneDigit);
takeDrops($('drop'), (files) => take(files, 'There is no picture in what was dropped.'));
takePastes((files) => take(files), () => notify('There is no picture in the clipboard.'));
takeChoices($('files'), (files) => take(files));

render();
rooms.draw.recognize();
meetServer();
share.meet();
if (session.desktop) followDesktop(api, { take, refuse, command: (name) => actions[name]?.() });
// The same address opened again in this tab changes the fragment only.
addEventListener('hashchange', () => /token=|ticket=/.test(location.hash) && location.reload());
