/** What a recording of a face says of the regions of its skin at a moment. */
import {share} from 'venolymph/colours';
import {SkinColours} from 'venolymph/skin_colour';

/** Modes in which the skin is coloured by a quantity of its regions. */
export const SKIN_MAPS = new Set(['thickening', 'blood', 'oxygenation', 'water', 'pigment']);
const HAND = [0, 40]; // mmHg of a hand, from clear to full colour

/** Regions of the mesh, left and right, with what colours and swells them. */
export class FaceRegions {
  /** @param {import("venolymph/recording").Recording} recording */
  constructor(recording) {
    this.recording = recording;
    this.face = recording.head.face;
    this.colours = new SkinColours(recording);
    this.count = this.face.regions.length;
  }

  /** A value of a region; another one where the run does not have it. @param {string} quantity @param {number} region @param {any} moment @param {number} otherwise */
  value(quantity, region, moment, otherwise) {
    const found = this.recording.valueIn(quantity, this.face.rows[region], moment);
    return Number.isFinite(found) ? found : otherwise;
  }

  /** How many times as much melanin a tone has as the person. @param {string} tone name of one of the tones; the person's own where there is none */
  factor(tone) {
    const other = this.face.tones.find((/** @type {any} */ one) => one.name === tone);
    return other ? other.melanin / this.face.tone.melanin : 1;
  }

  /** What colours a region. @param {number} region @param {any} moment @param {string} tone @returns {import("venolymph/skin_colour").SkinState} */
  skin(region, moment, tone) {
    return {
      place: this.face.places[region],
      melanin: this.face.melanin[region] * this.factor(tone),
      blood: this.value('skin_blood', region, moment, 1),
      oxygenation: this.value('skin_oxygenation', region, moment, this.face.oxygenation),
      water: this.value('skin_water', region, moment, 1),
    };
  }

  /** Linear red, green and blue of a region's skin. @param {number} region @param {any} moment @param {string} tone */
  colour(region, moment, tone) {
    return this.colours.linear(this.skin(region, moment, tone));
  }

  /** How far a region swelled, mL. @param {number} region @param {any} moment */
  swelling(region, moment) {
    return this.value('swelling', region, moment, 0);
  }

  /** How hard a hand presses on a region, 0 to 1. @param {number} region @param {any} moment */
  pressed(region, moment) {
    return share(this.value('hand', region, moment, 0), HAND, 'hand');
  }

  /** Place of a region in the map of a mode, 0 to 1; -1 for none. @param {string} mode @param {number} region @param {any} moment @param {string} tone @param {any} range */
  mapped(mode, region, moment, tone, {quantity, map}) {
    if (!SKIN_MAPS.has(mode)) return -1;
    const own = mode === 'pigment' ? this.skin(region, moment, tone).melanin : this.recording.valueIn(quantity, this.face.rows[region], moment);
    return share(own, this.recording.head.quantities[quantity].range, map);
  }
}
