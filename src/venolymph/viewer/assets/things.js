/** What can be pointed at: its name, its place, and what the recording says of it. */

import {isDrawn} from 'venolymph/vessels';

const DECIMALS = {mmHg: 1, 'mL/s': 2, 'mL/h': 2, mL: 2, mm: 2, '1': 2, s: 1};

/** Quantities in a word or two, for tips and tables; charts and legends say them in full. */
const WORDS = {
  pressure: 'pressure', flow: 'flow', transmural: 'across the wall', diameter: 'diameter', opening: 'opening (0 shut, 1 open)',
  muscle: 'pressure inside', lymph_pressure: 'lymph pressure', lymph_volume: 'lymph in it', passed: 'lymph passed on',
  since_contraction: 'since it contracted', tissue_volume: 'tissue fluid', hand: 'hand presses', swelling: 'swelling', thickening: 'thicker by',
  skin_blood: 'blood over rest', skin_oxygenation: 'with oxygen', skin_water: 'dermis over rest',
};

/** @param {any} recording @param {string} quantity */
export function shortTitle(recording, quantity) {
  return WORDS[/** @type {keyof typeof WORDS} */ (quantity)] ?? recording.head.quantities[quantity].title;
}

/** A number with its unit. @param {number} value @param {string} unit */
export function written(value, unit) {
  if (!Number.isFinite(value)) return 'no value';
  const digits = DECIMALS[/** @type {keyof typeof DECIMALS} */ (unit)] ?? 2;
  const number = value.toFixed(digits).replace(/^-(0(?:\.0*)?)$/, '$1').replace('-', '\u2212');
  return unit === '1' ? number : `${number} ${unit}`;
}

/**
 * @typedef {Object} Thing
 * @property {string} kind vein, valve, collector, node, tissue or muscle
 * @property {string} name
 * @property {string} title
 * @property {string} leg
 * @property {number} index in the head's list
 * @property {number[][]} points cm
 * @property {{quantity: string, row: number}[]} readings most telling first
 */

/** @param {any} recording @param {string} quantity @param {number | null} row */
function reading(recording, quantity, row) {
  return row !== null && row !== undefined && recording.has(quantity) ? [{quantity, row}] : [];
}

/** All things of a recording. @param {import("venolymph/recording").Recording} recording @param {(line: number[]) => number[][]} lineOf @returns {Thing[]} */
export function thingsOf(recording, lineOf) {
  const {head} = recording;
  const read = (/** @type {string} */ quantity, /** @type {any} */ row) => reading(recording, quantity, row);
  const make = (/** @type {string} */ kind, /** @type {any[]} */ list, /** @type {(one: any) => any} */ points, /** @type {(one: any) => any[]} */ readings) =>
    list.map((one, index) => ({
      kind, name: one.name, title: one.title ?? one.name, leg: one.leg, index, points: points(one), readings: readings(one).flat(),
    }));
  return [
    ...make('vein', head.vessels, (one) => lineOf(one.line), (one) => [
      read('pressure', one.cell), read('flow', one.face), read('transmural', one.cell), read('diameter', one.cell),
    ]).filter((one) => isDrawn(head.vessels[one.index])),
    ...make('valve', head.valves, (one) => [one.place], (one) => [read('opening', one.row)])
      .filter((one) => isShownValve(head, head.valves[one.index])),
    ...make('collector', head.lymph, (one) => lineOf(one.line), (one) => [
      read('lymph_pressure', one.row), read('lymph_volume', one.row), read('passed', one.row), read('since_contraction', one.pacing),
    ]).filter((one) => one.readings.length),
    ...make('node', head.nodes, (one) => [one.place], (one) => [
      read('lymph_pressure', one.row), read('lymph_volume', one.row), read('passed', one.row),
    ]).filter((one) => one.readings.length),
    ...make('tissue', head.compartments, (one) => lineOf(one.line), (one) => [
      ...(head.body === 'face' ? ['swelling', 'thickening', 'skin_blood', 'skin_oxygenation', 'skin_water'].map((name) => read(name, one.row)) : []),
      read('tissue_volume', one.row), read('hand', one.row),
    ])
      .filter((one) => one.readings.length),
    ...make('muscle', head.muscles, (one) => lineOf(one.line), (one) => [read('muscle', one.row)]),
  ];
}

/** Whether a valve is drawn: one that is there, on a vein that is drawn. @param {any} head @param {any} valve */
export function isShownValve({vessels}, valve) {
  return valve.present !== false && valve.vessel !== null && isDrawn(vessels[valve.vessel]);
}

/** The reading of a thing that a mode shows, else its first. @param {Thing} thing @param {string} quantity */
export function readingFor(thing, quantity) {
  return thing.readings.find((one) => one.quantity === quantity) ?? thing.readings[0];
}
