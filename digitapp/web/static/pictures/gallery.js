/** The pictures, shown: the chosen one large with its frames, and a list when there are several. */

import { line } from '../reading/words.js';

/** The Pictures room. */
export class Gallery {
  #parts;
  #onChoose;
  #rows = new Map();

  /**
   * @param {HTMLElement} root its parts (and perhaps others) are marked with `data-part`
   * @param {(entry: import('./queue.js').Entry) => void} onChoose
   */
  constructor(root, onChoose) {
    const parts = [...root.querySelectorAll('[data-part]')];
    this.#parts = Object.fromEntries(parts.map((part) => [part.dataset.part, part]));
    this.#onChoose = onChoose;
    const { photo } = this.#parts;
    photo.addEventListener('load', () => this.#setVisible(true));
    photo.addEventListener('error', () => this.#setVisible(false));
  }

  /** Where frames are drawn, over the chosen picture. */
  get overlay() {
    return this.#parts.frames;
  }

  /** Makes the list anew. */
  list(entries) {
    const { empty, picture, figure, list, copyList } = this.#parts;
    empty.hidden = entries.length > 0;
    picture.hidden = entries.length === 0;
    list.hidden = entries.length < 2;
    copyList.hidden = entries.length < 2;
    figure.classList.toggle('among', entries.length > 1);
    this.#rows = new Map(entries.map((entry) => [entry.id, this.#rows.get(entry.id) ?? this.#row(entry)]));
    list.replaceChildren(...[...this.#rows.values()].map((row) => row.item));
  }

  /** Shows where one entry's reading stands, in its row. */
  update({ id, reading }) {
    const row = this.#rows.get(id);
    if (!row) return;
    row.item.dataset.phase = reading.phase;
    row.answer.textContent = summary(reading);
    row.item.classList.toggle('doubtful', reading.answer?.digits.some(isUnsure) ?? false);
  }

  /** Tells how far the whole list is. */
  tell(entries) {
    const of = (...phases) => entries.filter(({ reading }) => phases.includes(reading.phase)).length;
    const [read, failed] = [of('answer'), of('error')];
    const parts = [`${read} of ${entries.length} read`, ...(failed ? [`${failed} could not be read`] : [])];
    this.#parts.count.textContent = entries.length > 1 ? parts.join(', ') : '';
  }

  /** Shows one entry's picture large. */
  choose(entry) {
    const { photo, name } = this.#parts;
    name.textContent = entry?.file.name ?? '';
    if (entry && photo.src !== entry.url) photo.src = entry.url;
    if (!entry) photo.removeAttribute('src');
    photo.alt = entry ? `The picture ${entry.file.name}` : '';
    for (const [id, { button }] of this.#rows) {
      if (id === entry?.id) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }

  #setVisible(visible) {
    this.#parts.frame.hidden = !visible;
    this.#parts.unseen.hidden = visible;
  }

  #row(entry) {
    const item = document.createElement('li');
    const button = item.appendChild(document.createElement('button'));
    button.type = 'button';
    button.addEventListener('click', () => this.#onChoose(entry));
    const thumbnail = button.appendChild(document.createElement('img'));
    Object.assign(thumbnail, { alt: '', loading: 'lazy', decoding: 'async', src: entry.url });
    thumbnail.addEventListener('error', () => thumbnail.classList.add('broken'));
    const [name, answer] = ['name', 'answer'].map((part) => {
      const element = button.appendChild(document.createElement('span'));
      element.className = part;
      return element;
    });
    name.textContent = entry.file.name;
    return { item, button, answer };
  }
}

function summary({ phase, answer, error }) {
  if (phase === 'error') return error.message;
  if (answer) return line(answer);
  return phase === 'waiting' ? 'Waiting' : 'Reading';
}

function isUnsure(digit) {
  return digit.doubtful || !digit.accepted;
}
