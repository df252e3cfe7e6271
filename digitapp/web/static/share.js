/** The way in for other devices: an address and its QR code; the machine's owner opens and shuts it. */

import { copyText } from './export.js';

/** The dialog and the button that opens it, which is there only when there is a way in. */
export class ShareView {
  #api;
  #dialog;
  #button;
  #isOwner;

  /**
   * @param {HTMLDialogElement} dialog
   * @param {HTMLButtonElement} button
   * @param {{api: import('./api.js').Api, isOwner: boolean, notify: (text: string) => void}} parts
   */
  constructor(dialog, button, { api, isOwner, notify }) {
    this.#api = api;
    this.#dialog = dialog;
    this.#button = button;
    this.#isOwner = isOwner;
    this.#part('choice').hidden = !isOwner;
    this.#part('switch').addEventListener('change', () => this.#set(this.#part('switch').checked));
    this.#part('copy').addEventListener('click', async () => {
      notify((await copyText(this.#part('address').value)) ? 'Copied.' : 'This browser did not allow copying.');
    });
    this.#part('address').addEventListener('focus', (event) => event.target.select());
  }

  /** Asks once whether there is a way in. */
  async meet() {
    await this.#ask(() => this.#api.share());
  }

  /** Shows the dialog with what is true now. */
  async open() {
    if (!this.#dialog.open) this.#dialog.showModal();
    await this.meet();
  }

  async #set(on) {
    await this.#ask(() => this.#api.setShare(on));
  }

  async #ask(question) {
    const sharing = this.#part('switch');
    sharing.disabled = true;
    try {
      this.#show(await question());
    } catch (error) {
      this.#part('error').textContent = error.message;
      sharing.checked = !this.#part('way').hidden;
    }
    sharing.disabled = false;
  }

  #show({ address, qr }) {
    this.#part('error').textContent = '';
    this.#part('way').hidden = !address;
    this.#part('switch').checked = Boolean(address);
    this.#part('address').value = address ?? '';
    if (qr) this.#part('qr').src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    else this.#part('qr').removeAttribute('src');
    this.#button.hidden = !address && !this.#isOwner;
  }

  #part(name) {
    return this.#dialog.querySelector(`[data-share=${name}]`);
  }
}
