/** Elements of the page in few words. */

let made = 0;

/**
 * An element.
 * @param {string} name
 * @param {Record<string, any>} attributes on... are listeners, the rest attributes; false leaves one out
 * @param {...(Node | string)} children
 * @returns {any}
 */
export function h(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'style') node.style.cssText = value; // as an attribute a strict page would refuse it
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...children);
  return node;
}

/** A name that no other element has. @param {string} stem */
export function uniqueId(stem) {
  made += 1;
  return `vl-${stem}-${made}`;
}

/**
 * A list to choose one of.
 * @param {string} label
 * @param {[string, string][]} choices value and words
 * @param {string} value chosen now
 * @param {(value: string) => void} chosen
 */
export function choice(label, choices, value, chosen) {
  const id = uniqueId('choice');
  const select = h('select', {id, onchange: (/** @type {any} */ event) => chosen(event.target.value)},
    ...choices.map(([one, words]) => h('option', {value: one, selected: one === value}, words)));
  return h('span', {class: 'vl-choice'}, h('label', {for: id}, label), select);
}

/**
 * Buttons of which one is pressed.
 * @param {string} label of the group
 * @param {[string, string][]} choices
 * @param {(value: string) => void} chosen
 */
export function buttons(label, choices, chosen) {
  return h('div', {class: 'vl-buttons', role: 'group', 'aria-label': label},
    ...choices.map(([value, words]) => h('button', {type: 'button', 'data-value': value, 'aria-pressed': 'false', onclick: () => chosen(value)}, words)));
}

/** Show which button of a group is pressed. @param {HTMLElement} group @param {string} value */
export function press(group, value) {
  for (const one of group.querySelectorAll('button')) one.setAttribute('aria-pressed', String(one.dataset.value === value));
}

/** A box to tick. @param {string} label @param {boolean} value @param {(value: boolean) => void} chosen */
export function tick(label, value, chosen) {
  return h('label', {class: 'vl-tick'},
    h('input', {type: 'checkbox', checked: value, onchange: (/** @type {any} */ event) => chosen(event.target.checked)}), label);
}

/** Shapes of signs on buttons, in a square of 16. */
const SIGNS = {
  play: 'M4 2.5v11l9-5.5z', pause: 'M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z', before: 'M3 2.5h2v11h-2zM13 2.5v11l-7-5.5z', next: 'M11 2.5h2v11h-2zM3 2.5v11l7-5.5z',
  plus: 'M7 3h2v4h4v2h-4v4h-2v-4h-4v-2h4z', minus: 'M3 7h10v2h-10z', left: 'M2 8l5-4v2.6h7v2.8h-7v2.6z', right: 'M14 8l-5-4v2.6h-7v2.8h7v2.6z', home: 'M8 2l6.5 6h-2v5.5h-3.3v-3.6h-2.4v3.6h-3.3v-5.5h-2z',
};

/** A sign for a button. @param {string} name of SIGNS */
export function sign(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', SIGNS[/** @type {keyof typeof SIGNS} */ (name)]);
  for (const [key, value] of Object.entries({viewBox: '0 0 16 16', width: '16', height: '16', 'aria-hidden': 'true', class: 'vl-sign'})) picture.setAttribute(key, value);
  picture.append(path);
  return picture;
}

/** Text whose parts between backticks are commands. @param {string} text */
export function withCode(text) {
  return text.split('`').map((part, i) => (i % 2 ? h('code', {}, part) : part));
}
