/** What the colour of each thing says in each mode. */
import {share} from 'venolymph/colours';

/**
 * @typedef {Object} Mode
 * @property {string} title
 * @property {string} quantity of the recording, whose unit and range the legend shows
 * @property {string} map
 * @property {string} low words at the low end of the legend
 * @property {string} high words at its high end
 * @property {string} [of] `face` where only a face has it
 */
/** @type {Record<string, Mode>} */
export const MODES = {
  skin: {title: 'Colour of the skin', quantity: 'pressure', map: 'pressure', low: '', high: '', of: 'face'},
  thickening: {title: 'Swelling', quantity: 'thickening', map: 'swelling', low: 'thinner', high: 'thicker', of: 'face'},
  blood: {title: 'Explain: blood in the skin', quantity: 'skin_blood', map: 'blood', low: '', high: '', of: 'face'},
  oxygenation: {title: 'Explain: oxygen in that blood', quantity: 'skin_oxygenation', map: 'oxygenation', low: '', high: '', of: 'face'},
  water: {title: 'Explain: water in the skin', quantity: 'skin_water', map: 'water', low: 'drier', high: 'wetter', of: 'face'},
  pigment: {title: 'Explain: pigment', quantity: 'skin_melanin', map: 'pigment', low: '', high: '', of: 'face'},
  pressure: {title: 'Blood pressure', quantity: 'pressure', map: 'pressure', low: '', high: ''},
  transmural: {title: 'Pressure across the wall', quantity: 'transmural', map: 'transmural', low: 'pressed flat', high: 'stretched'},
  flow: {title: 'Flow', quantity: 'flow', map: 'flow', low: 'back (reflux)', high: 'to the heart'},
  reflux: {title: 'Reflux (back for 0.5 s or longer)', quantity: 'flow', map: 'reflux', low: 'none', high: 'back'},
  valves: {title: 'Valves', quantity: 'opening', map: 'opening', low: 'shut', high: 'open'},
  swelling: {title: 'Swelling of tissue', quantity: 'swelling', map: 'swelling', low: '', high: ''},
  lymph: {title: 'Lymph pressure', quantity: 'lymph_pressure', map: 'pressure', low: '', high: ''},
};

/** Modes that a recording can show. @param {import("venolymph/recording").Recording} recording */
export function modesOf(recording) {
  const {body} = recording.head;
  return Object.keys(MODES).filter((name) => recording.has(MODES[name].quantity) && (MODES[name].of ?? body) === body && !(name === 'swelling' && body === 'face'));
}

/** The range of a mode's legend. @param {import("venolymph/recording").Recording} recording @param {string} mode @param {boolean} difference */
export function rangeOf(recording, mode, difference) {
  const [low, high] = recording.head.quantities[MODES[mode].quantity].range;
  if (difference) {
    const half = 0.5 * Math.max(Math.abs(low), Math.abs(high));
    return [-half, half];
  }
  return mode === 'reflux' ? [0, Math.max(-low, 0) || high] : [low, high];
}

/** The number that a mode shows for a vein; not a number where it shows none. @param {any} recording @param {string} mode @param {any} vessel @param {any} moment */
function numberOf(recording, mode, vessel, moment) {
  if (mode === 'pressure' || mode === 'transmural' || MODES[mode].of === 'face') {
    return vessel.cell === null ? NaN : recording.valueIn(mode === 'transmural' ? mode : 'pressure', vessel.cell, moment);
  }
  if (mode !== 'flow' && mode !== 'reflux') return NaN;
  const flow = vessel.face === null ? NaN : recording.valueIn('flow', vessel.face, moment);
  return mode === 'flow' ? flow : Math.max(0, -flow);
}

/**
 * Functions that give the place in the map, 0 to 1 or -1 for none, of veins, valves and collectors.
 * @param {import("venolymph/recording").Recording} recording
 * @param {string} mode
 * @param {any} moment
 * @param {{recording: import("venolymph/recording").Recording, moment: any, names: Map<string, any>} | null} other what
 *   to subtract, for a difference
 * @param {(row: number) => boolean} isReflux of a vessel: whether blood runs back in it for long
 */
export function colouring(recording, mode, moment, other, isReflux) {
  const range = rangeOf(recording, mode, other !== null);
  const map = other ? 'difference' : MODES[mode].map;
  const colourOf = (/** @type {any} */ vessel, /** @type {number} */ row) => {
    let number = numberOf(recording, mode, vessel, moment);
    if (mode === 'reflux' && !isReflux(row)) number = Math.min(number, 0);
    if (other) {
      const twin = other.names.get(vessel.name);
      number = twin ? number - numberOf(other.recording, mode, twin, other.moment) : NaN;
    }
    return share(number, range, map);
  };
  const lymphRange = recording.has('lymph_pressure') ? recording.head.quantities.lymph_pressure.range : [0, 1];
  return {
    colourOf,
    valveColour: (/** @type {number} */ opening) => share(opening, [0, 1], 'opening'),
    lymphColour: (/** @type {any} */ one) => {
      const number = one.row === null ? NaN : recording.valueIn('lymph_pressure', one.row, moment);
      return share(number, lymphRange, 'pressure');
    },
    range,
    map,
  };
}
