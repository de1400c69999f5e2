/** The colour of skin from the table in a recording: what reflects light in skin, worked out beforehand at the nodes of four axes. */

/** @typedef {{place: string, melanin: number, blood: number, oxygenation: number, water: number}} SkinState the coordinates of a colour */

const AXES = /** @type {const} */ (['melanin', 'blood', 'oxygenation', 'water']);

/** Where a value lies among the nodes of an axis: the node below it, and the share of the next. @param {number[]} nodes @param {number} value */
function between(nodes, value) {
  const clipped = Math.min(nodes[nodes.length - 1], Math.max(nodes[0], value));
  let low = 0;
  while (low < nodes.length - 2 && nodes[low + 1] <= clipped) low += 1;
  return {low, share: (clipped - nodes[low]) / (nodes[low + 1] - nodes[low])};
}

/** From a screen's value to the light that it gives, 0 to 1. @param {number} value */
export function toLinear(value) {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Colours of skin. */
export class SkinColours {
  /** @param {import("venolymph/recording").Recording} recording of a face */
  constructor({head, blocks}) {
    const {places, axes} = head.face.table;
    this.places = places;
    // along the logarithm of melanin, as the table is
    /** @type {number[][]} */
    this.nodes = AXES.map((name) => (name === 'melanin' ? axes[name].map(Math.log) : axes[name]));
    this.light = Float32Array.from(blocks['face.colours'], (one) => toLinear(one / 255));
    this.steps = AXES.map((_, i) => 3 * this.nodes.slice(i + 1).reduce((product, one) => product * one.length, 1));
  }

  /** Linear red, green and blue of a skin, 0 to 1. @param {SkinState} state @returns {number[]} */
  linear(state) {
    const at = AXES.map((name, i) => between(this.nodes[i], name === 'melanin' ? Math.log(state[name]) : state[name]));
    const first = this.places.indexOf(state.place) * this.steps[0] * this.nodes[0].length;
    const found = [0, 0, 0];
    for (let corner = 0; corner < 16; corner += 1) {
      let [weight, index] = [1, first];
      at.forEach(({low, share}, i) => {
        const up = (corner >> i) & 1;
        weight *= up ? share : 1 - share;
        index += (low + up) * this.steps[i];
      });
      if (weight > 0) for (let k = 0; k < 3; k += 1) found[k] += weight * this.light[index + k];
    }
    return found;
  }
}

/** CIELAB of linear red, green and blue (D65). @param {number[]} linear @returns {number[]} L*, a*, b* */
export function labOf([r, g, b]) {
  const f = (/** @type {number} */ share) => (share > 0.008856 ? Math.cbrt(share) : share / 0.128419 + 4 / 29);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** A linear colour as CSS takes it. @param {number[]} linear */
export function cssOf(linear) {
  const shown = linear.map((one) => Math.round(255 * Math.min(1, Math.max(0, one <= 0.0031308 ? 12.92 * one : 1.055 * one ** (1 / 2.4) - 0.055))));
  return `rgb(${shown.join(' ')})`;
}
