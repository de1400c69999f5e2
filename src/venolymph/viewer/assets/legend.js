/** What the colours mean: always there, with unit and fixed ends, and what is drawn larger than it is. */
import {gradient, ticks} from 'venolymph/colours';
import {MODES, rangeOf} from 'venolymph/colouring';
import {faceNotes, swatches} from 'venolymph/face_legend';
import {h} from 'venolymph/dom';
import {LEAST_WIDE} from 'venolymph/lymph';

/** A number without needless digits. @param {number} value */
function short(value) {
  return Number(value.toPrecision(3)).toString().replace('-', '\u2212');
}

export class Legend {
  constructor() {
    this.element = h('section', {class: 'vl-legend', 'aria-label': 'Legend'});
    this.shown = '';
  }

  /** @param {any} viewer */
  update({recordings, state, stage, subject}) {
    const {mode, difference, exaggeration, swollen, lymph, layer, tone, light} = state;
    const face = subject.name === 'face';
    const swatch = face && mode === 'skin' && stage ? swatches(stage.figures[0], state) : [];
    const key = JSON.stringify([mode, difference, exaggeration, swollen, lymph, layer, tone, light, swatch.map((one) => one.words)]);
    if (key === this.shown) return;
    this.shown = key;
    const [recording] = recordings;
    const {title, quantity, low, high, map: own} = MODES[mode];
    const {unit, detectable} = recording.head.quantities[quantity];
    const map = difference ? 'difference' : own;
    const range = rangeOf(recording, mode, difference);
    const words = difference ? [`less than ${recordings[0].head.member}`, 'more'] : [low, high];
    const ends = words.some(Boolean) ? [h('div', {class: 'vl-ends'}, h('span', {}, words[0]), h('span', {}, words[1]))] : [];
    if (face && mode === 'skin') {
      this.element.replaceChildren(h('h2', {}, title),
        ...swatch.map((one) => h('p', {class: 'vl-swatch'}, h('i', {style: `background:${one.colour}`}), one.words)),
        h('ul', {}, ...faceNotes(recordings, state).map((one) => h('li', {}, ...one))));
      return;
    }
    this.element.replaceChildren(
      h('h2', {}, `${difference ? `Difference: ${title.toLowerCase()}` : title}${unit === '1' ? '' : ` (${unit})`}`),
      h('div', {class: 'vl-bar', style: `background:${gradient(map)}`}),
      h('div', {class: 'vl-ticks'}, ...ticks(range, map).map(({value, at}) => h('span', {style: `left:${100 * at}%`}, short(value)))),
      ...ends,
      h('ul', {}, ...(face ? faceNotes : notes)(recordings, state).map((one) => h('li', {}, ...one))),
      h('p', {class: 'vl-small'}, detectable ?? ''),
    );
  }
}

/** Whether anything ever presses in one of the recordings. @param {any[]} recordings @param {string} quantity */
function presses(recordings, quantity) {
  return recordings.some((one) => one.has(quantity)
    && one.head.quantities[quantity].rows.some((/** @type {string} */ _, /** @type {number} */ row) => one.series(quantity, row).values.some((/** @type {number} */ value) => value > 0.5)));
}

/** @param {any[]} recordings @param {any} state @returns {any[][]} */
function notes(recordings, {exaggeration, swollen, lymph, mode, difference}) {
  const [recording] = recordings;
  const found = [
    [h('i', {class: 'vl-key vl-key-forward'}), 'arrow heads go where the blood goes; fast flow is shown slower'],
    [h('i', {class: 'vl-key vl-key-back'}), 'orange: blood runs back for half a second or longer, at 1 cm/s or more (reflux)'],
    [exaggeration === 1 ? 'veins at their true width' : `veins and valves drawn ${exaggeration} times as wide as they are`],
    [h('i', {class: 'vl-key vl-key-muscle'}), 'a muscle glows as it presses'],
  ];
  if (difference) found.unshift([`veins of ${recordings[1].head.member} are coloured by how they differ from ${recording.head.member}, whose own colours are those without difference`]);
  if (mode === 'valves') found.push(['leaflets are drawn at each valve; zoom in on the calf or thigh']);
  if (recording.has('swelling')) found.push([swollen === 1 ? 'swelling at its true size' : `swelling drawn ${swollen} times as large as it is`]);
  if (lymph) found.push([h('i', {class: 'vl-key vl-key-lymph'}), recording.has('lymph_volume')
    ? 'lymph vessels; bright where they contract' : 'lymph vessels; this run did not compute them']);
  if (lymph && mode === 'lymph') found.push([`lymph vessels drawn at least ${20 * LEAST_WIDE} mm wide`]);
  if (presses(recordings, 'garment')) found.push([h('i', {class: 'vl-key vl-key-garment'}), 'stocking, bandage or cuff where it presses']);
  if (presses(recordings, 'hand')) found.push([h('i', {class: 'vl-key vl-key-hand'}), 'the hand, where it presses']);
  return found;
}
