/** Shows the pictures: the chosen one large with its frames, and a list where there are several. */

import { append, byData } from '../dom.js';
import { progress, summary } from './summary.js';
import { turned } from './turn.js';

/**
 * @typedef {import('./queue.js').Entry} Entry
 * @typedef {{item: HTMLElement, button: HTMLElement, answer: HTMLElement}} Row
 */

/** What the Pictures view shows. */
export class Gallery {
  #parts;
  #onChoose;
  /** @type {Map<number, Row>} by the entry's id */
  #rows = new Map();
  /** @type {{entry: Entry|null, degrees: number, copy: string}} what is shown, and its turned copy */
  #shown = { entry: null, degrees: 0, copy: '' };

  /**
   * @param {HTMLElement} root its parts (and perhaps others) are marked with `data-part`
   * @param {(entry: Entry) => void} onChoose
   */
  constructor(root, onChoose) {
    this.#parts = byData(root, 'part', {
      empty: HTMLElement,
      picture: HTMLElement,
      figure: HTMLElement,
      frame: HTMLElement,
      photo: HTMLImageElement,
      frames: SVGSVGElement,
      unseen: HTMLElement,
      name: HTMLElement,
      count: HTMLElement,
      copyList: HTMLElement,
      list: HTMLElement,
    });
    this.#onChoose = onChoose;
    const { photo } = this.#parts;
    photo.addEventListener('load', () => this.#setVisible(true));
    photo.addEventListener('error', () => this.#setVisible(false));
  }

  /** Where frames are drawn, over the chosen picture. */
  get overlay() {
    return this.#parts.frames;
  }

  /**
   * Makes the list anew. Entries that were there keep their rows.
   * @param {readonly Entry[]} entries
   */
  list(entries) {
    const { empty, picture, figure, list, copyList } = this.#parts;
    empty.hidden = entries.length > 0;
    picture.hidden = entries.length === 0;
    list.hidden = entries.length < 2;
    copyList.hidden = entries.length < 2;
    figure.classList.toggle('among', entries.length > 1);
    this.#rows = new Map(entries.map((entry) => [entry.id, this.#rows.get(entry.id) ?? this.#row(entry)]));
    list.replaceChildren(...[...this.#rows.values()].map(({ item }) => item));
  }

  /**
   * Shows in an entry's row how far its reading is.
   * @param {Entry} entry
   */
  update({ id, reading }) {
    const row = this.#rows.get(id);
    if (!row) return;
    row.item.dataset.phase = reading.phase;
    row.answer.textContent = summary(reading);
    row.item.classList.toggle('doubtful', reading.answer?.doubt ?? false);
  }

  /**
   * Says how far the whole list is.
   * @param {readonly Entry[]} entries
   */
  showProgress(entries) {
    this.#parts.count.textContent = progress(entries);
  }

  /**
   * Shows one entry's picture large.
   * @param {Entry|null} entry
   */
  choose(entry) {
    const { photo, name } = this.#parts;
    name.textContent = entry?.file.name ?? '';
    if (entry !== this.#shown.entry) this.#show(entry);
    if (!entry) photo.removeAttribute('src');
    photo.alt = entry ? `The picture ${entry.file.name}` : '';
    for (const [id, { button }] of this.#rows) {
      if (id === entry?.id) button.setAttribute('aria-current', 'true');
      else button.removeAttribute('aria-current');
    }
  }

  /**
   * Turns the chosen picture as its boxes are, clockwise.
   * @param {number} degrees
   */
  async turn(degrees) {
    const { entry } = this.#shown;
    if (!entry || degrees === this.#shown.degrees) return;
    this.#show(entry, degrees);
    if (degrees === 0) return;
    const copy = await turned(entry.url, degrees).catch(() => '');
    if (copy && this.#shown.entry === entry && this.#shown.degrees === degrees) {
      this.#shown.copy = copy;
      this.#parts.photo.src = copy;
    } else URL.revokeObjectURL(copy);
  }

  /**
   * @param {Entry|null} entry
   * @param {number} [degrees] that it will be turned by
   */
  #show(entry, degrees = 0) {
    URL.revokeObjectURL(this.#shown.copy);
    this.#shown = { entry, degrees, copy: '' };
    if (entry) this.#parts.photo.src = entry.url;
  }

  /** @param {boolean} isVisible whether the browser can show the picture */
  #setVisible(isVisible) {
    this.#parts.frame.hidden = !isVisible;
    this.#parts.unseen.hidden = isVisible;
  }

  /**
   * @param {Entry} entry
   * @returns {Row}
   */
  #row(entry) {
    const item = document.createElement('li');
    const button = append(item, 'button');
    button.type = 'button';
    button.addEventListener('click', () => this.#onChoose(entry));
    const thumbnail = append(button, 'img');
    Object.assign(thumbnail, { alt: '', loading: 'lazy', decoding: 'async', src: entry.url });
    thumbnail.addEventListener('error', () => thumbnail.classList.add('broken'));
    append(button, 'span', 'name').textContent = entry.file.name;
    return { item, button, answer: append(button, 'span', 'answer') };
  }
}
