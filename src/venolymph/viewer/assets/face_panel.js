/** What one can choose of a face alone: size of its swelling, skin tone, light, and what the picture is held to. */
import {choice, h, uniqueId} from 'venolymph/dom';

const LIGHTS = /** @type {[string, string][]} */ ([
  ['even', 'even, as an instrument sees'], ['front', 'lamp beside the viewer'], ['window', 'window before the face'], ['above', 'lamp before and above'],
  ['overhead', 'lamp nearly overhead'], ['own', 'turn it yourself'],
]);

/** A slider with its words. @param {string} label @param {number[]} range @param {(value: number) => void} moved */
function slider(label, [low, high, step], moved) {
  const id = uniqueId('slider');
  const input = h('input', {id, type: 'range', min: low, max: high, step, oninput: (/** @type {any} */ event) => moved(Number(event.target.value))});
  return h('span', {class: 'vl-choice vl-slider'}, h('label', {for: id}, label), input);
}

export class FacePanel {
  /** @param {any} viewer */
  constructor(viewer) {
    const {state} = viewer;
    const [{head}] = viewer.recordings;
    const set = (/** @type {string} */ key) => (/** @type {any} */ value) => viewer.set({[key]: value});
    const {tone, tones} = head.face;
    const own = `as the person's, ${Math.round(tone.angle)}\u00B0`;
    this.viewer = viewer;
    this.tone = choice('Skin tone', [['', own], ...tones.map((/** @type {any} */ one) => [one.name, `${one.name}, ${Math.round(one.angle)}\u00B0`])], state.tone, set('tone'));
    this.swollen = choice('Swelling', [['1', 'true size'], ['3', '3\u00D7 as large'], ['5', '5\u00D7 as large']], String(state.swollen), (value) => viewer.set({swollen: Number(value)}));
    this.light = choice('Light', LIGHTS, state.light, set('light'));
    this.turn = slider('from the side', [-90, 90, 1], (lightTurn) => viewer.set({light: 'own', lightTurn}));
    this.height = slider('from above', [-60, 90, 1], (lightHeight) => viewer.set({light: 'own', lightHeight}));
    this.held = choice('Picture held to', [['face', 'the face'], ['room', 'the room']], state.held, set('held'));
    this.controls = [this.tone, this.swollen, this.light, this.turn, this.height, this.held];
  }

  /** Show the state. */
  update() {
    const {state} = this.viewer;
    for (const key of /** @type {const} */ (['tone', 'swollen', 'light', 'held'])) this[key].querySelector('select').value = String(state[key]);
    this.turn.querySelector('input').value = String(state.lightTurn);
    this.height.querySelector('input').value = String(state.lightHeight);
  }
}
