/** Finds and makes elements. A page without an element that its modules need fails at once. */

/**
 * An element's class, such as HTMLInputElement.
 * @template {Element} T
 * @typedef {{new (): T, prototype: T}} ElementClass
 */

/**
 * @template {Element} T
 * @param {string} id
 * @param {ElementClass<T>} type
 * @returns {T}
 * @throws {Error} the page has no such element of that class
 */
export function byId(id, type) {
  return find(document, `#${id}`, type);
}

/**
 * Finds elements that are marked with a data attribute, such as `data-part="photo"`.
 * @template {Record<string, ElementClass<any>>} T
 * @param {ParentNode} root
 * @param {string} attribute without its `data-`
 * @param {T} types the class of each element, by the attribute's value
 * @returns {{[Name in keyof T]: InstanceType<T[Name]>}}
 * @throws {Error} one of them is missing
 */
export function byData(root, attribute, types) {
  const found = Object.entries(types).map(([name, type]) => {
    return [name, find(root, `[data-${attribute}=${name}]`, type)];
  });
  return Object.fromEntries(found);
}

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementClass<T>} type
 * @returns {T} the first one
 * @throws {Error} there is none of that class
 */
export function find(root, selector, type) {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`The page has no ${type.name} for ${selector}.`);
}

/**
 * Makes an element at the end of another.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {string} [className]
 */
export function append(parent, tag, className = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  parent.append(made);
  return made;
}

/**
 * Leaves text alone that has not changed, so that no screen reader says it twice.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 * @throws {Error} the browser gives none
 */
export function contextOf(canvas) {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser does not draw on a canvas.');
  return context;
}
