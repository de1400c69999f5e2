/** What is shown and how, as one object that the address of the page keeps. */

/** What a page shows that says nothing else. */
export const DEFAULTS = {
  time: 0, mode: 'pressure', layer: 'skin', exaggeration: 2, swollen: 1, lymph: false, column: true, difference: false, speed: 1,
  frame: 'leg', azimuth: -38, elevation: 4, zoom: 1, panX: 0, panY: 0, focus: '', pins: /** @type {string[]} */ ([]),
  tone: '', light: 'window', lightTurn: 0, lightHeight: 45, held: 'face', before: -1, split: 0.5, // of a face alone
};
const SHORT = {
  time: 't', mode: 'mode', layer: 'layer', exaggeration: 'x', swollen: 'sw', lymph: 'lymph', column: 'column', difference: 'diff',
  speed: 'speed', frame: 'part', azimuth: 'az', elevation: 'el', zoom: 'zoom', panX: 'px', panY: 'py', focus: 'focus', pins: 'pins',
  tone: 'tone', light: 'light', lightTurn: 'lt', lightHeight: 'lh', held: 'held', before: 'before', split: 'split',
};

/** @param {any} state @param {any} usual */
export function toHash(state, usual) {
  const parts = new URLSearchParams();
  for (const [key, short] of Object.entries(SHORT)) {
    const value = state[key];
    const text = Array.isArray(value) ? value.join('|') : typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : String(value);
    if (JSON.stringify(value) !== JSON.stringify(usual[key])) parts.set(short, text);
  }
  return parts.toString();
}

/** The state that an address says; what it does not say or says wrongly is usual. @param {string} hash @param {any} usual */
export function fromHash(hash, usual) {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  /** @type {any} */
  const state = {...usual, pins: [...usual.pins]};
  for (const [key, short] of Object.entries(SHORT)) {
    const text = parts.get(short);
    if (text === null) continue;
    if (Array.isArray(usual[key])) state[key] = text ? text.split('|').slice(0, 6) : [];
    else if (typeof usual[key] === 'boolean') state[key] = text === 'true';
    else if (typeof usual[key] === 'number') state[key] = Number.isFinite(Number(text)) ? Number(text) : usual[key];
    else state[key] = text;
  }
  return state;
}

/** Put the state into the address, where the page has one of its own. @param {any} state @param {any} usual */
export function remember(state, usual) {
  try {
    history.replaceState(null, '', `#${toHash(state, usual)}`);
  } catch {
    // a page inside a page has no address to keep it in
  }
}
