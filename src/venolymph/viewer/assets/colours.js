/**
 * Colours of values: fixed ranges, legible with every kind of colour vision, the same in every picture.
 */

/** Colours from low to high of each map, sRGB. */
const STOPS = {
  // viridis
  pressure: ['#440154', '#482878', '#3e4a89', '#31688e', '#26828e', '#1f9e89', '#35b779', '#6dcd59', '#b4de2c', '#fde725'],
  // pressed flat violet, at rest grey, stretched green; the fourth of nine is 0 in -60 to 100 mmHg
  transmural: ['#4d1c7a', '#7a51a3', '#a991c2', '#cfccd4', '#a5d3b9', '#6cb894', '#379872', '#137353', '#064a37'],
  // reflux vermilion, still grey, towards the heart blue
  flow: ['#d8480a', '#ec7a3c', '#e6b08e', '#b9bcc0', '#86b6dd', '#3d8fd0', '#0b62ad'],
  reflux: ['#a9adb2', '#d8b39d', '#ec8a52', '#d8480a', '#8f2a00'],
  opening: ['#7a1fa2', '#a8569f', '#c9a6b8', '#d5d9a8', '#f4e04d'],
  // less than at the start, as it was, more
  swelling: ['#0f6e63', '#69aca2', '#c9cdd2', '#a184c6', '#5d2590'],
  // of the skin of a face
  blood: ['#f3e2d6', '#e8b49f', '#d4796a', '#ac3f3f', '#6e1423'],
  oxygenation: ['#3b3f7a', '#6a5d9c', '#a07fa8', '#d0807f', '#e2543f'],
  water: ['#8a5a12', '#c9a45c', '#d9d6cf', '#6fb0d2', '#17608f'],
  pigment: ['#f6e6d8', '#d7ae8b', '#a06f48', '#653f23', '#2c180c'],
  difference: ['#1b5fa8', '#5f9bd1', '#b5cfe4', '#c8c8c8', '#e3b7d2', '#c9689f', '#8e2464'],
};
/** Colour of what has no value, sRGB. */
export const NO_VALUE = '#9a9ea3';
/** Maps whose middle is 0 and whose steps grow from it, so that small flows show. */
const GROWING = new Set(['flow', 'reflux']);
export const MAPS = Object.keys(STOPS);
/** Colours of traces, distinct for every kind of colour vision (after Okabe and Ito), legible on light and dark. */
export const TRACES = ['#2b8fd6', '#e08a00', '#1a9e76', '#cc6699', '#7a6fd0', '#8a8a3a'];
const WIDTH = 256;

/** @param {string} hex @returns {number[]} 0 to 255 */
export function rgb(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** Name of a map that exists. @param {string} map */
export function knownMap(map) {
  return map in STOPS ? map : 'swelling';
}

/**
 * Where a value lies in a range, 0 to 1; -1 for not a number.
 * @param {number} value
 * @param {number[]} range
 * @param {string} map
 */
export function share(value, range, map) {
  if (!Number.isFinite(value)) return -1;
  const [low, high] = range;
  const clip = (/** @type {number} */ x) => Math.min(1, Math.max(0, x));
  if (!GROWING.has(map)) return clip((value - low) / (high - low));
  if (low >= 0) return Math.sqrt(clip((value - low) / (high - low)));
  const half = 0.5 * Math.sqrt(clip(Math.abs(value) / Math.max(-low, high)));
  return 0.5 + Math.sign(value) * half;
}

/** The colour at a share of a map. @param {string} map @param {number} at @returns {number[]} 0 to 255 */
export function colourAt(map, at) {
  if (at < 0) return rgb(NO_VALUE);
  const stops = STOPS[/** @type {keyof typeof STOPS} */ (knownMap(map))].map(rgb);
  const place = at * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(place));
  return stops[low].map((one, i) => one + (place - low) * (stops[low + 1][i] - one));
}

/** All maps as rows of one picture, RGBA. @returns {{data: Uint8Array, width: number, height: number}} */
export function mapTable() {
  const data = new Uint8Array(WIDTH * MAPS.length * 4);
  MAPS.forEach((map, row) => {
    for (let i = 0; i < WIDTH; i += 1) data.set([...colourAt(map, i / (WIDTH - 1)), 255], (row * WIDTH + i) * 4);
  });
  return {data, width: WIDTH, height: MAPS.length};
}

/** Middle of a map's row in that picture, 0 to 1. @param {string} map */
export function mapRow(map) {
  return (MAPS.indexOf(knownMap(map)) + 0.5) / MAPS.length;
}

/** A map as a CSS gradient. @param {string} map */
export function gradient(map) {
  return `linear-gradient(to right, ${STOPS[/** @type {keyof typeof STOPS} */ (knownMap(map))].join(', ')})`;
}

/**
 * Values to write beside a legend and where, 0 to 1.
 * @param {number[]} range
 * @param {string} map
 */
export function ticks(range, map) {
  const [low, high] = range;
  const values = GROWING.has(map) && low < 0 ? [low, low / 4, 0, high / 4, high]
    : GROWING.has(map) ? [low, high / 4, high] : [low, low + (high - low) / 2, high];
  return values.map((value) => ({value, at: share(value, range, map)}));
}
