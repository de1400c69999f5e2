/** What the picture of a face means in words: what is computed in it, what is drawn, and what is drawn larger than it is. */
import {h} from 'venolymph/dom';
import {SKIN_MAPS} from 'venolymph/face_regions';
import {cssOf, labOf} from 'venolymph/skin_colour';

const SWATCHES = [['left cheek, medial', 'cheek'], ['left lower lid, medial', 'lower lid'], ['left forehead', 'forehead']];

/** Colours of some regions now, as an instrument reads them. @param {any} figure @param {any} state @returns {{colour: string, words: string}[]} */
export function swatches(figure, {time, tone}) {
  const moment = figure.recording.at(time);
  return SWATCHES.map(([name, words]) => {
    const linear = figure.colourOf({name}, moment, tone);
    const [l, a, b] = labOf(linear);
    const angle = (Math.atan2(l - 50, b) * 180) / Math.PI;
    return {colour: cssOf(linear), words: `${words}: L* ${l.toFixed(1)}, a* ${a.toFixed(1)}, b* ${b.toFixed(1)}, typology angle ${angle.toFixed(0)}\u00B0`};
  });
}

/** @param {any[]} recordings @param {any} state @returns {any[][]} */
export function faceNotes([recording], {mode, layer, swollen, exaggeration, lymph, light, before, tone}) {
  const {face} = recording.head;
  const found = [];
  if (face.mirrored) found.push([h('strong', {}, 'one half was simulated; the other half is its mirror image')]);
  if (before >= 0) found.push(['left of the line the face before, right of it at the time shown']);
  found.push([swollen === 1 ? 'swelling at its true size' : h('strong', {}, `swelling drawn ${swollen} times as large as it is`)]);
  if (mode === 'skin') {
    found.push(['colour by what is in the skin: pigment, blood, its oxygen, water; lips, brows and eyes are painted']);
    found.push([light === 'even' ? 'light falls evenly: each colour is what an instrument reads' : 'light makes shadow, also of a trough under the eye; shadows that one part casts on another are left out']);
  } else if (SKIN_MAPS.has(mode)) found.push(['a map, and no colour of skin']);
  if (tone) found.push([`shown with ${tone} skin; nothing else of the run changes with it`]);
  if (layer !== 'skin') {
    found.push([h('i', {class: 'vl-key vl-key-forward'}), 'arrow heads go where the blood goes; fast flow is shown slower']);
    found.push([exaggeration === 1 ? 'veins at their true width; what is emptier than at rest lies flat' : `veins drawn ${exaggeration} times as wide as they are`]);
    if (lymph) found.push([h('i', {class: 'vl-key vl-key-lymph'}), recording.has('lymph_volume') ? 'lymph vessels, bright where they contract; nodes fill' : 'lymph vessels; this run did not compute them']);
  }
  if (recording.has('hand')) found.push([h('i', {class: 'vl-key vl-key-hand'}), 'the hand, where it presses']);
  return found;
}
