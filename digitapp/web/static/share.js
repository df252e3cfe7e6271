/** The share dialog: the address for other devices with its QR code, and the owner's switch. */

import { byData } from './dom.js';
import { toError } from './api.js';

/** The dialog, and the button that opens it. The button is there only where there is access. */
export class ShareView {
  #api;
  #dialog;
  #button;
  #isOwner;
  #parts;

  /**
   * @param {HTMLDialogElement} dialog its parts are marked with `data-share`
   * @param {HTMLButtonElement} button
   * @param {object} options
   * @param {import('./api.js').Api} options.api
   * @param {boolean} options.isOwner whether this is the owner's window, which may switch sharing
   * @param {(text: string) => void} options.onCopy
   */
  constructor(dialog, button, { api, isOwner, onCopy }) {
    this.#api = api;
    this.#dialog = dialog;
    this.#button = button;
    this.#isOwner = isOwner;
    this.#parts = byData(dialog, 'share', {
      choice: HTMLElement,
      switch: HTMLInputElement,
      access: HTMLElement,
      qr: HTMLImageElement,
      address: HTMLInputElement,
      copy: HTMLButtonElement,
      error: HTMLElement,
    });
    const { choice, copy, address } = this.#parts;
    const sharing = this.#parts.switch;
    choice.hidden = !isOwner;
    sharing.addEventListener('change', () => this.#ask(() => this.#api.setShare(sharing.checked)));
    copy.addEventListener('click', () => onCopy(address.value));
    address.addEventListener('focus', () => address.select());
  }

  /** Asks the server whether other devices have access. */
  async refresh() {
    await this.#ask(() => this.#api.share());
  }

  /** Shows the dialog with what is true now. */
  async open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    await this.refresh();
  }

  /** @param {() => Promise<import('./api.js').Access>} question */
  async #ask(question) {
    const { access, error, switch: sharing } = this.#parts;
    sharing.disabled = true;
    try {
      this.#show(await question());
    } catch (failure) {
      error.textContent = toError(failure).message;
      sharing.checked = !access.hidden;
    }
    sharing.disabled = false;
  }

  /** @param {import('./api.js').Access} answer */
  #show({ address, qr }) {
    const parts = this.#parts;
    parts.error.textContent = '';
    parts.access.hidden = !address;
    parts.switch.checked = Boolean(address);
    parts.address.value = address ?? '';
    if (qr) parts.qr.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    else parts.qr.removeAttribute('src');
    this.#button.hidden = !address && !this.#isOwner;
  }
}
