/**
 * Decides which pointer draws, and collects its stroke. One pointer draws at a time; a pen comes
 * before the hand that rests beside it. No page: tests call it with plain objects.
 *
 * @typedef {Pick<PointerEvent, 'pointerId'|'pointerType'|'button'|'buttons'|'clientX'|'clientY'
 *   |'pressure'|'timeStamp'> & Partial<Pick<PointerEvent, 'getCoalescedEvents'>>} PointerSample
 * @typedef {import('./geometry.js').Frame} Frame
 * @typedef {import('./strokes.js').Stroke} Stroke
 */

import { toSheet } from './geometry.js';
import { extend } from './strokes.js';

/** A touch within this time after a pen was seen is the resting hand. In ms. */
const PALM_MS = 1000;

/** Pressure of a mouse and of a finger, which do not tell theirs. */
const EVEN = 0.5;

/** The pen on the sheet, be it a mouse, a finger or a stylus. */
export class Pen {
  /** Width of the next stroke, in units of the sheet. */
  width = 18;

  /** @type {{id: number, type: string, start: number, stroke: Stroke}|null} */
  #down = null;
  #stylusSeen = -Infinity;

  /** The stroke under the pen, or null. */
  get stroke() {
    return this.#down?.stroke ?? null;
  }

  /**
   * Whether this event is of the pointer that draws.
   * @param {PointerSample} event
   */
  isDrawing({ pointerId }) {
    return this.#down?.id === pointerId;
  }

  /**
   * Begins a stroke, unless another pointer draws, a further button was pressed, or a hand rests.
   * @param {PointerSample} event
   * @param {Frame} frame
   * @returns {boolean} whether it began
   */
  begin(event, frame) {
    this.#noticeStylus(event);
    if (event.pointerType === 'pen' && this.#down?.type === 'touch') this.#down = null;
    if (this.#down || event.button !== 0 || this.#isPalm(event)) return false;
    const { pointerId: id, pointerType: type, timeStamp: start } = event;
    this.#down = { id, type, start, stroke: { width: this.width, points: [] } };
    this.#add(event, frame);
    return true;
  }

  /**
   * Draws the stroke on, if this event is of the pointer that draws.
   * @param {PointerSample} event
   * @param {Frame} frame
   */
  move(event, frame) {
    this.#noticeStylus(event);
    if (!this.isDrawing(event) || event.buttons === 0) return;
    for (const sample of samplesOf(event)) this.#add(sample, frame);
  }

  /**
   * Lifts the pen.
   * @returns {Stroke|null} what it drew
   */
  end() {
    const { stroke } = this;
    this.#down = null;
    return stroke;
  }

  /** @param {PointerSample} event */
  #noticeStylus({ pointerType, timeStamp }) {
    if (pointerType === 'pen') this.#stylusSeen = timeStamp;
  }

  /** @param {PointerSample} event */
  #isPalm({ pointerType, timeStamp }) {
    return pointerType === 'touch' && timeStamp - this.#stylusSeen < PALM_MS;
  }

  /**
   * @param {PointerSample} event
   * @param {Frame} frame
   */
  #add(event, frame) {
    if (!this.#down) return;
    const pressure = event.pointerType === 'pen' ? event.pressure || EVEN : EVEN;
    extend(this.#down.stroke, { ...toSheet(event, frame), t: event.timeStamp - this.#down.start, pressure });
  }
}

/**
 * Every sample since the last event. Browsers keep them back over plain HTTP on a network.
 * @param {PointerSample} event
 * @returns {PointerSample[]}
 */
function samplesOf(event) {
  const coalesced = event.getCoalescedEvents?.() ?? [];
  return coalesced.length > 0 ? coalesced : [event];
}
