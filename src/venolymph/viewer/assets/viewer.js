/** The viewer: state, what follows from it, and what people do to it. */
import {Charts} from 'venolymph/charts';
import {TRACES} from 'venolymph/colours';
import {MODES, modesOf} from 'venolymph/colouring';
import {Compare} from 'venolymph/compare';
import {Detail} from 'venolymph/detail';
import {h, sign, withCode} from 'venolymph/dom';
import {KEYS, actOnKey, listenToPointer} from 'venolymph/gestures';
import {Legend} from 'venolymph/legend';
import {Overlay} from 'venolymph/overlay';
import {Panel} from 'venolymph/panel';
import {thingAt} from 'venolymph/pointing';
import {Stage, hasWebGL} from 'venolymph/scene';
import {DEFAULTS, fromHash, remember} from 'venolymph/state';
import {labOf} from 'venolymph/skin_colour';
import {subjectOf} from 'venolymph/subject';
import {readingFor, shortTitle, thingsOf, written} from 'venolymph/things';
import {Timeline, bands} from 'venolymph/timeline';

const WRITE_EVERY = 200; // ms between numbers while time runs: faster cannot be read

let mounted = 0;

export class Viewer {
  /**
   * @param {HTMLElement} element
   * @param {import("venolymph/recording").Recording[]} recordings one, or two to compare
   * @param {{autoplay?: boolean, antialias?: boolean, hash?: boolean, state?: any, more?: any}} [options] `more` see Detail
   */
  constructor(element, recordings, options = {}) {
    mounted += 1;
    this.name = `venolymph-${mounted}`;
    this.element = element;
    this.recordings = recordings;
    this.options = options;
    this.subject = subjectOf(recordings[0].head);
    this.usual = {...DEFAULTS, time: recordings[0].firstTime, ...this.subject.usual(recordings[0]), ...options.state};
    this.state = this.allowed(options.hash === false ? this.usual : fromHash(location.hash, this.usual));
    this.playing = false;
    this.detail = new Detail(recordings, options.more);
    this.ended = new AbortController();
    this.grown = () => { this.timeline.drawBands(); this.request(); };
    this.sizes = new ResizeObserver(() => { this.stage?.resize(); this.request(); });
    this.hovered = /** @type {any} */ (null);
    /** @type {number | undefined} */
    this.waiting = undefined;
    this.camera = this.subject.makeCamera();
    this.lists = recordings.map((one) => thingsOf(one, lineReader(one)));
    this.byId = this.lists.map((list) => new Map(list.map((one) => [`${one.kind}:${one.name}`, one])));
    if (!this.state.pins.length) this.state.pins = this.subject.firstPins.filter((/** @type {string} */ one) => this.byId[0].has(one));
    this.usual.pins = [...this.state.pins];
    this.theme = 'dark';
    this.ownTheme = /** @type {string | undefined} */ (undefined); // while paper has another
    this.written = 0; // when numbers were last written, ms
    this.before = 0; // when the last picture was asked for while time runs, ms
    this.tip = h('div', {class: 'vl-tip', role: 'status', hidden: true});
    this.picture = h('div', {class: 'vl-stage'});
    this.legend = new Legend();
    this.timeline = new Timeline(this);
    this.panel = new Panel(this);
    this.charts = new Charts(this);
    this.build();
    this.listen();
    this.ready = new Promise((resolve) => { this.isReady = resolve; });
    this.request();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if ((options.autoplay ?? true) && !still) this.setPlaying(true);
  }

  /** A state of which nothing is beyond what there is. @param {any} state */
  allowed(state) {
    const one = {...state};
    const modes = modesOf(this.recordings[0]);
    if (!modes.includes(one.mode)) one.mode = modes[0];
    if (!(one.layer in this.subject.peels)) one.layer = 'skin';
    if (!(one.frame in this.subject.frames)) one.frame = this.subject.name;
    if (!this.recordings[0].head.exaggeration.includes(one.exaggeration)) one.exaggeration = this.subject.name === 'leg' ? 2 : 1;
    one.time = Math.min(this.duration, Math.max(0, one.time));
    one.speed = Math.min(3000, Math.max(0.01, one.speed));
    one.before = Math.min(this.duration, one.before);
    one.split = Math.min(1, Math.max(0, one.split));
    return one;
  }

  /** The longest recording's, s. */
  get duration() {
    return Math.max(1e-3, ...this.recordings.map((one) => one.duration));
  }

  /** Everything that can be pointed at in the first recording. */
  get things() {
    return this.lists[0];
  }

  /** The time shown, s. */
  get time() {
    return this.state.time;
  }

  build() {
    const {element} = this;
    const [{head}] = this.recordings;
    element.classList.add('vl');
    element.setAttribute('data-viewer', this.name);
    const title = this.recordings.length > 1 ? `${this.recordings.map((one) => one.head.member).join(' and ')}: ${head.regimen}` : head.title;
    const thinned = this.recordings.map((one) => one.head.thinned).filter(Boolean);
    const said = [...this.recordings.map((one) => one.head.failed).filter(Boolean), ...(this.recordings.length > 1 ? [] : head.sentences ?? [])];
    const sentences = said.length ? [h('section', {class: 'vl-said', 'aria-label': 'What happened'}, h('h2', {}, 'What happened'),
      ...said.map((one) => h('p', {}, ...withCode(one))))] : [];
    element.replaceChildren(
      h('header', {class: 'vl-head'}, h('h1', {}, title), h('p', {class: 'vl-notice'}, head.notice)),
      h('div', {class: 'vl-main'},
        h('div', {class: 'vl-left'}, this.panel.controls, this.picture, this.timeline.element),
        h('div', {class: 'vl-side'}, this.legend.element, this.panel.shown, ...sentences, this.panel.numbers, this.charts.element,
          h('p', {class: 'vl-small'}, [head.posture, ...new Set(thinned), KEYS].filter(Boolean).join(' ')))));
    if (hasWebGL()) this.buildPicture();
    else this.picture.append(h('p', {class: 'vl-plain'}, 'This browser cannot draw in three dimensions (WebGL 2 is missing or switched off). Charts and values beside this show the same run.'));
    this.setTheme();
  }

  buildPicture() {
    this.stage = new Stage(this.picture, this.recordings, this.options);
    this.stage.canvas.setAttribute('tabindex', '0');
    this.stage.canvas.setAttribute('role', 'img');
    this.overlay = new Overlay(this.picture, this.stage);
    if (this.subject.name === 'face' && this.recordings.length === 1) this.compare = new Compare(this, this.picture);
    this.picture.append(this.tip);
    const zoom = (/** @type {string} */ words, /** @type {string} */ shape, /** @type {() => void} */ act) =>
      h('button', {type: 'button', 'aria-label': words, title: words, onclick: act}, sign(shape));
    this.picture.append(h('div', {class: 'vl-zoom'}, zoom('Nearer', 'plus', () => this.zoom(1.25)), zoom('Farther', 'minus', () => this.zoom(0.8)),
      zoom('Turn left', 'left', () => this.turn(15, 0)), zoom('Turn right', 'right', () => this.turn(-15, 0)), zoom('Whole view again', 'home', () => this.reset())));
  }

  listen() {
    const {signal} = this.ended;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => { this.setTheme(); this.request(); }, {signal});
    this.element.addEventListener('keydown', (event) => { if (actOnKey(this, event)) event.preventDefault(); }, {signal});
    for (const one of this.recordings) one.listeners.add(this.grown);
    addEventListener('beforeprint', () => this.printable(true), {signal});
    addEventListener('afterprint', () => this.printable(false), {signal});
    this.sizes.observe(this.picture);
    if (this.stage) listenToPointer(this, this.stage.canvas);
  }

  /** Let go of everything; the viewer shows nothing any more. */
  dispose() {
    this.ended.abort();
    this.playing = false;
    clearTimeout(this.later);
    if (this.waiting !== undefined) cancelAnimationFrame(this.waiting);
    for (const one of this.recordings) one.listeners.delete(this.grown);
    this.sizes.disconnect();
    this.charts.dispose();
    this.stage?.dispose();
  }

  /** Take the theme that the system asks for. */
  setTheme() {
    const forced = this.element.dataset.theme;
    this.theme = forced ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    this.stage?.setTheme(/** @type {'dark' | 'light'} */ (this.theme));
  }

  /** Change the state and show it. @param {any} patch */
  set(patch) {
    const layer = patch.mode && !patch.layer ? this.subject.layerFor(patch.mode, this.state.layer) : this.state.layer;
    this.state = this.allowed({...this.state, layer, ...patch});
    this.request();
    clearTimeout(this.later);
    if (this.options.hash !== false) this.later = setTimeout(() => remember(this.state, this.usual), 400);
  }

  /** @param {number} time s */
  setTime(time) {
    this.set({time});
  }

  /** @param {string} mode of MODES */
  setMode(mode) {
    if (!(mode in MODES)) throw new Error(`no mode is called ${mode}; allowed are ${Object.keys(MODES).join(', ')}`);
    this.set({mode});
  }

  /** @param {string} layer skin, fascia or deep */
  setLayer(layer) {
    this.set({layer});
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    if (playing && this.time >= this.duration - 1e-6) this.setTime(this.recordings[0].firstTime);
    this.playing = playing;
    if (!playing) this.stage?.sharpen();
    this.before = 0;
    this.request();
  }

  /** To the begin of a phase before or after. @param {number} by -1 or 1 */
  toPhase(by) {
    const starts = bands(this.recordings[0].head.phases).map((one) => one.start);
    const next = by > 0 ? starts.find((one) => one > this.time + 0.05) : starts.findLast((one) => one < this.time - 0.6);
    this.setTime(next === undefined ? (by > 0 ? this.duration : 0) : next + 0.05);
  }

  /** To the recorded moment before or after. @param {number} by -1 or 1 */
  toFrame(by) {
    const moment = this.recordings[0].at(this.time);
    if (!moment) return;
    const {before, after, share} = moment.samples;
    const at = (/** @type {any} */ {piece, frame}) => piece.times.samples[frame];
    if (by > 0) this.setTime(at(after));
    else if (share > 0) this.setTime(at(before));
    else this.setTime(before.frame ? before.piece.times.samples[before.frame - 1] : this.time - 0.05);
  }

  /** Look from a direction by name. @param {string} name */
  look(name) {
    this.set({azimuth: this._around(this.subject.directions[name]), elevation: this.usual.elevation, panX: 0, panY: 0});
  }

  /** A direction seen from the body as it is turned, degrees. @param {number} own of the index leg, from its front */
  _around(own) {
    const sign = this.subject.sign(this.recordings[0].head);
    return ((sign * own + (this.stage?.figures[0].roll ?? 0) + 540) % 360) - 180;
  }

  /** The direction that one looks from, where it has a name. */
  direction() {
    const named = Object.entries(/** @type {Record<string, number>} */ (this.subject.directions));
    const near = named.find(([, azimuth]) => Math.abs(((this._around(azimuth) - this.state.azimuth + 540) % 360) - 180) < 1);
    return near ? near[0] : '';
  }

  /** Show a part by name. @param {string} frame */
  frame(frame) {
    this.set({frame, zoom: 1, panX: 0, panY: 0});
  }

  /** @param {number} around degrees @param {number} up degrees */
  turn(around, up) {
    const {azimuth, elevation} = this.state;
    this.set({azimuth: ((azimuth + around + 540) % 360) - 180, elevation: Math.min(80, Math.max(-60, elevation + up))});
  }

  /** @param {number} factor */
  zoom(factor) {
    this.set({zoom: Math.min(12, Math.max(0.4, this.state.zoom * factor))});
  }

  /** Move the picture by pixels. @param {number} dx @param {number} dy */
  shift(dx, dy) {
    const each = this.camera.shownHeight / (this.stage?.size[1] ?? 1);
    this.set({panX: this.state.panX + dx * each, panY: this.state.panY - dy * each});
  }

  /** The view one began with. */
  reset() {
    const {frame, azimuth, elevation, zoom, panX, panY} = this.usual;
    this.set({frame, azimuth, elevation, zoom, panX, panY});
  }

  /** @param {any} thing */
  idOf(thing) {
    return `${thing.kind}:${thing.name}`;
  }

  /** A thing by its kind and name in a recording. @param {string} id @param {number} [which] */
  thing(id, which = 0) {
    return this.byId[which]?.get(id);
  }

  /** Pin or unpin a thing's traces. @param {string} id */
  togglePin(id) {
    if (!this.byId.some((one) => one.has(id))) return;
    const pins = /** @type {string[]} */ (this.state.pins);
    this.set({pins: pins.includes(id) ? pins.filter((one) => one !== id) : [...pins, id].slice(-6), focus: id});
  }

  /** The colour of a pinned thing's traces, the same in both recordings. @param {any} thing */
  traceOf(thing) {
    return TRACES[Math.max(0, this.state.pins.indexOf(this.idOf(thing))) % TRACES.length];
  }

  /** Pinned things of each recording. @returns {{thing: any, recording: any, which: number}[]} */
  pinned() {
    return this.state.pins.flatMap((/** @type {string} */ id) => this.recordings.map((recording, which) => ({thing: this.thing(id, which), recording, which})))
      .filter((/** @type {any} */ one) => one.thing);
  }

  /** Show what is under the pointer. @param {number} x @param {number} y CSS pixels in the picture */
  point(x, y) {
    if (!this.stage || !this.overlay) return;
    const found = x < 0 ? null : thingAt(this.stage, this.camera, x, y, this.state);
    const changed = found?.thing !== this.hovered?.thing || found?.figure !== this.hovered?.figure;
    this.hovered = found && {...found, x, y};
    this.stage.canvas.style.cursor = found ? 'pointer' : 'grab';
    if (changed) this.request();
    this.writeTip();
  }

  /** What the viewer says of a thing now. @param {any} thing @param {number} which recording */
  saysOf(thing, which) {
    const recording = this.recordings[which];
    const moment = recording.at(this.time);
    const chosen = readingFor(thing, MODES[this.state.mode].quantity);
    const lines = thing.readings.map((/** @type {any} */ one) => {
      const {unit} = recording.head.quantities[one.quantity];
      return `${shortTitle(recording, one.quantity)}: ${written(recording.valueIn(one.quantity, one.row, moment), unit)}`;
    });
    const seen = this.stage?.figures[which].colourOf;
    if (seen && thing.kind === 'tissue') {
      const [l, a, b] = labOf(this.stage?.figures[which].colourOf(thing, moment, this.state.tone));
      lines.unshift(`colour: L* ${l.toFixed(0)}, a* ${a.toFixed(0)}, b* ${b.toFixed(0)}`);
    }
    const unit = chosen ? recording.head.quantities[chosen.quantity].unit : '';
    const value = chosen ? recording.valueIn(chosen.quantity, chosen.row, moment) : NaN;
    return {name: thing.name, title: thing.title, quantity: chosen?.quantity ?? '', value, unit, text: [thing.title, ...lines].join('\n')};
  }

  /**
   * Point at a thing by name, as the pointer would.
   * @param {string} kind vein, valve, collector, node, tissue or muscle
   * @param {string} name
   * @param {number} [which] recording
   */
  hover(kind, name, which = 0) {
    const thing = this.thing(`${kind}:${name}`, which);
    if (!thing) throw new Error(`no ${kind} is called ${name}`);
    this.hovered = {thing, figure: which, x: 20, y: 60};
    this.writeTip();
    this.request();
    return this.saysOf(thing, which);
  }

  writeTip() {
    const {hovered, tip} = this;
    tip.hidden = !hovered;
    if (!hovered) return;
    const {text} = this.saysOf(hovered.thing, hovered.figure);
    const [title, ...lines] = text.split('\n');
    tip.replaceChildren(h('strong', {}, title), ...lines.map((one) => h('span', {}, one)));
    const [width, height] = this.stage?.size ?? [0, 0];
    tip.style.left = `${Math.min(Math.max(4, hovered.x + 14), Math.max(4, width - 250))}px`;
    tip.style.top = `${Math.min(Math.max(4, hovered.y + 12), Math.max(4, height - 110))}px`;
  }

  /** Paper is light, and a canvas alone would be printed empty: put a picture of the picture there. @param {boolean} yes */
  printable(yes) {
    const {dataset} = this.element;
    if (yes) [this.ownTheme, dataset.theme] = [dataset.theme, 'light'];
    else if (this.ownTheme) dataset.theme = this.ownTheme;
    else delete dataset.theme;
    this.setTheme();
    this.picture.querySelector('.vl-print')?.remove();
    this.show(performance.now());
    if (!yes || !this.stage) return;
    const {canvas} = this.stage;
    this.picture.prepend(h('img', {class: 'vl-print', alt: canvas.getAttribute('aria-label') ?? '', src: canvas.toDataURL('image/png')}));
  }

  /** Ask for a picture; many requests make one. */
  request() {
    this.waiting ??= requestAnimationFrame((now) => {
      this.waiting = undefined;
      this.show(now);
    });
  }

  /** @param {number} now ms */
  show(now) {
    if (this.playing) {
      const passed = this.before ? Math.min(0.25, (now - this.before) / 1000) : 0;
      this.stage?.keepPace(passed);
      this.before = now;
      const time = this.time + passed * this.state.speed;
      this.state.time = Math.min(this.duration, time);
      const running = this.recordings.some((one) => one.head.duration === null);
      if (time >= this.duration && !running) this.setPlaying(false);
      if (this.playing) this.request();
    }
    this.detail.keep(this.time, this.playing ? this.state.speed : 0);
    this.drawPicture();
    this.timeline.update();
    this.panel.update();
    this.charts.update();
    this.legend.update(this);
    if (!this.playing || now - this.written > WRITE_EVERY) {
      this.written = now;
      this.panel.write();
      if (this.hovered) this.writeTip();
    }
    this.isReady?.(this);
  }

  drawPicture() {
    const {stage, state} = this;
    if (!stage) return;
    Object.assign(this.camera, {azimuth: state.azimuth, elevation: state.elevation, zoom: state.zoom, frame: state.frame, pan: [state.panX, state.panY], held: state.held});
    const draw = (/** @type {number} */ time, /** @type {number[]} */ part) => {
      stage.figures.forEach((figure, i) => {
        const reference = state.difference && i > 0 ? stage.figures[0] : null;
        figure.update(time, state, reference);
        figure.pick([this.hovered?.figure === i ? this.hovered.thing : null, this.thing(state.focus, i) ?? null]);
      });
      stage.draw(this.camera, part);
    };
    const split = this.compare && state.before >= 0 ? state.split : 0;
    if (split > 0) draw(state.before, [0, split]);
    draw(state.time, [split, 1]);
    this.compare?.update();
    const marks = this.pinned().map(({thing, which}) => ({thing, which, colour: this.traceOf(thing)}));
    this.overlay?.draw(this.camera, state, marks);
    const label = this.recordings[0].phase(state.time)?.label ?? '';
    stage.canvas.setAttribute('aria-label', `The ${this.subject.name}, ${label}, coloured by ${MODES[state.mode].title.toLowerCase()}`);
  }

  /** The picture's pixels as it would be drawn now. */
  pixels() {
    if (!this.stage) return null;
    this.drawPicture();
    return this.stage.pixels();
  }
}

/** @param {any} recording */
function lineReader({blocks}) {
  return (/** @type {number[]} */ [first, count]) => Array.from({length: count}, (_, i) => [...blocks.points.subarray(3 * (first + i), 3 * (first + i) + 3)]);
}
