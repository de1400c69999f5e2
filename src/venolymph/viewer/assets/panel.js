/** What one can choose: colour, layers, size, part and direction; and a list of everything, with its numbers. */
import {MODES, modesOf} from 'venolymph/colouring';
import {buttons, choice, h, press, tick} from 'venolymph/dom';
import {FacePanel} from 'venolymph/face_panel';
import {shortTitle, written} from 'venolymph/things';

const GROUPS = [
  ['Deep veins', 'deep'], ['Superficial veins', 'superficial'], ['Tributaries', 'tributary'], ['Perforators', 'perforator'],
  ['Veins of muscles', 'muscle'], ['Veins of the trunk', 'trunk'], ['Veins of the other leg', 'lump'], ['Valves', 'valve'],
  ['Lymph vessels', 'collector'], ['Lymph nodes', 'node'], ['Tissue', 'tissue'], ['Muscles', 'muscles'],
];

/** @param {any} thing @param {any} head */
function groupOf(thing, head) {
  if (thing.kind === 'vein') return head.vessels[thing.index].kind;
  return thing.kind === 'muscle' ? 'muscles' : thing.kind;
}

export class Panel {
  /** @param {any} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    const {state} = viewer;
    const [recording] = viewer.recordings;
    const {head} = recording;
    const {frames, peelTitles, views, name: subject} = viewer.subject;
    const face = subject === 'face';
    const set = (/** @type {string} */ key) => (/** @type {any} */ value) => viewer.set({[key]: value});
    const modes = modesOf(recording).map((one) => /** @type {[string, string]} */ ([one, MODES[one].title]));
    this.mode = choice('Colour', modes, state.mode, set('mode'));
    this.layers = buttons('Layer', Object.entries(peelTitles), set('layer'));
    this.sizes = choice('Veins', head.exaggeration.map((/** @type {number} */ one) => [String(one), one === 1 ? 'true width' : `${one}\u00D7 as wide`]),
      String(state.exaggeration), (value) => viewer.set({exaggeration: Number(value)}));
    this.parts = choice('Part', Object.entries(frames).map(([key, frame]) => [key, /** @type {any} */ (frame).title]), state.frame, (frame) => viewer.frame(frame));
    this.directions = choice('From', [...views, ['', 'elsewhere']],
      viewer.direction(), (value) => { if (value) viewer.look(value); });
    const ticks = [tick(face ? 'Which way is down' : 'Heart level and column of blood', state.column, set('column'))];
    if (head.lymph.length) ticks.push(tick('Lymph vessels and nodes', state.lymph, set('lymph')));
    if (!face && recording.has('swelling')) ticks.push(tick('Swelling drawn 5 times as large', state.swollen > 1, (value) => viewer.set({swollen: value ? 5 : 1})));
    if (!face && viewer.recordings.length > 1) ticks.push(tick('Difference as colour', state.difference, set('difference')));
    this.things = this.list(head);
    this.pin = h('button', {type: 'button', onclick: () => viewer.togglePin(viewer.state.focus)}, 'Pin');
    this.values = h('table', {class: 'vl-values'});
    this.face = face ? new FacePanel(viewer) : null;
    this.controls = h('section', {class: 'vl-controls', 'aria-label': 'View'}, this.mode, this.layers, this.parts, this.directions);
    this.shown = h('section', {class: 'vl-shown', 'aria-label': 'What is shown'}, ...(this.face?.controls ?? []), this.sizes, ...ticks);
    this.numbers = h('section', {class: 'vl-numbers', 'aria-label': 'Values now'},
      h('h2', {}, 'Values now'),
      h('div', {class: 'vl-look'}, this.things, this.pin), this.values);
  }

  /** Everything by name. @param {any} head */
  list(head) {
    const {viewer} = this;
    const things = viewer.things;
    const groups = GROUPS.map(([title, kind]) => {
      const own = things.filter((/** @type {any} */ one) => groupOf(one, head) === kind);
      return own.length ? [h('optgroup', {label: title}, ...own.map((/** @type {any} */ one) => h('option', {value: `${one.kind}:${one.name}`}, one.title)))] : [];
    }).flat();
    return h('select', {'aria-label': viewer.subject.name === 'face' ? 'Choose a region, vein or node' : 'Choose a vein, valve or muscle', onchange: (/** @type {any} */ event) => viewer.set({focus: event.target.value})},
      h('option', {value: ''}, viewer.subject.name === 'face' ? 'choose a region, vein, node \u2026' : 'choose a vein, valve, muscle \u2026'), ...groups);
  }

  /** Show the state. */
  update() {
    const {state} = this.viewer;
    this.face?.update();
    this.mode.querySelector('select').value = state.mode;
    press(this.layers, state.layer);
    this.sizes.querySelector('select').value = String(state.exaggeration);
    this.parts.querySelector('select').value = state.frame;
    this.directions.querySelector('select').value = this.viewer.direction();
    this.things.value = state.focus;
    const pinned = state.pins.includes(state.focus);
    this.pin.disabled = !state.focus;
    this.pin.textContent = pinned ? 'Unpin' : 'Pin';
  }

  /** Write the numbers of what is in focus and what is pinned. */
  write() {
    const {viewer} = this;
    const {state} = viewer;
    const wanted = [...new Set([...(state.focus ? [state.focus] : []), ...state.pins])];
    const rows = wanted.flatMap((id) => viewer.recordings.map((/** @type {any} */ recording, /** @type {number} */ which) => ({id, recording, which})))
      .map(({id, recording, which}) => this.row(id, recording, which)).filter(Boolean);
    const many = viewer.recordings.length > 1;
    this.values.replaceChildren(
      h('caption', {class: 'vl-hidden'}, 'Values of what is chosen and pinned, at the time shown'),
      h('tbody', {}, .../** @type {any[]} */ (rows)));
    this.values.classList.toggle('vl-many', many);
  }

  /** @param {string} id @param {any} recording @param {number} which */
  row(id, recording, which) {
    const {viewer} = this;
    const thing = viewer.thing(id, which);
    if (!thing) return null;
    const moment = recording.at(viewer.state.time);
    const name = viewer.recordings.length > 1 ? `${thing.title}, ${recording.head.member}` : thing.title;
    const all = thing.readings.map((/** @type {any} */ one) => {
      const {unit, title, detectable} = recording.head.quantities[one.quantity];
      const full = `${title}. ${detectable ?? ''}`;
      return h('span', {class: 'vl-reading', title: full}, h('span', {}, `${shortTitle(recording, one.quantity)}: `), h('b', {}, written(recording.valueIn(one.quantity, one.row, moment), unit)));
    });
    return h('tr', {}, h('th', {scope: 'row'}, name), h('td', {}, ...all));
  }
}
