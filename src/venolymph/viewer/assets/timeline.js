/** One line of time for everything: phases as bands, play, speed, and the time in words. */
import {choice, h, sign} from 'venolymph/dom';

export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 200, 1000, 3000];
const KIND_TONES = {lie: 0, sit: 1, stand: 2, tiptoes: 3, walk: 4, run: 4, massage: 6, breathe: 7};

/** Minutes and seconds. @param {number} seconds */
export function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = (seconds % 60).toFixed(1).padStart(4, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest.slice(0, 2)}` : `${minutes}:${rest}`;
}

/** Phases that follow each other under one label, as one. @param {any[]} phases */
export function bands(phases) {
  /** @type {any[]} */
  const found = [];
  for (const one of phases) {
    const last = found.at(-1);
    if (last && last.label === one.label && last.kind === one.kind) last.duration += one.duration;
    else found.push({...one});
  }
  return found;
}

/** What happens in a phase, and whether its frames are too far apart to see a step. @param {any} phase */
function phaseWords(phase) {
  if (!phase) return '';
  return phase.period && phase.sample > 0.9 * phase.period ? `${phase.label} (values once a ${phase.kind === 'massage' ? 'stroke' : 'step'})` : phase.label;
}

export class Timeline {
  /** @param {any} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.play = h('button', {type: 'button', class: 'vl-play', onclick: () => viewer.setPlaying(!viewer.playing)});
    const step = (/** @type {string} */ words, /** @type {string} */ shape, /** @type {number} */ by) =>
      h('button', {type: 'button', 'aria-label': words, title: words, onclick: () => viewer.toPhase(by)}, sign(shape));
    this.range = h('input', {
      type: 'range', min: 0, step: 'any', 'aria-label': 'Time', class: 'vl-range',
      oninput: (/** @type {any} */ event) => viewer.setTime(Number(event.target.value)),
    });
    this.bands = h('div', {class: 'vl-bands', 'aria-hidden': 'true'});
    this.words = h('output', {class: 'vl-time'});
    this.speed = choice('Speed', SPEEDS.map((one) => [String(one), `${one}\u00D7`]), String(viewer.state.speed), (value) => viewer.set({speed: Number(value)}));
    this.element = h('footer', {class: 'vl-timeline'},
      h('div', {class: 'vl-transport'}, step('Phase before', 'before', -1), this.play, step('Next phase', 'next', 1),
        this.speed, this.words),
      h('div', {class: 'vl-track'}, this.bands, this.range));
    this.drawBands();
  }

  /** Draw the bands anew, when the run has grown. */
  drawBands() {
    const {duration, recordings} = this.viewer;
    this.range.max = String(duration);
    const all = recordings.map((/** @type {any} */ one) => bands(one.head.phases));
    const rows = all.filter((/** @type {any} */ one, /** @type {number} */ i) => i === 0 || JSON.stringify(one) !== JSON.stringify(all[0]));
    this.bands.replaceChildren(...rows.flatMap((/** @type {any[]} */ row, /** @type {number} */ i) => row.filter((one) => one.start < duration).map((one) => {
      const width = (100 * Math.min(one.duration, duration - one.start)) / duration;
      const tone = KIND_TONES[/** @type {keyof typeof KIND_TONES} */ (one.kind)] ?? 5;
      const place = `left:${(100 * one.start) / duration}%;width:${width}%;top:${(100 * i) / rows.length}%;height:${100 / rows.length}%`;
      return h('span', {class: `vl-band vl-tone-${tone}`, style: place, title: one.label}, h('span', {}, width > 5 ? one.label : ''));
    })));
    this.bands.parentElement?.classList.toggle('vl-two', rows.length > 1);
  }

  /** Show the time. */
  update() {
    const {time, speed} = this.viewer.state;
    this.speed.querySelector('select').value = String(speed);
    const {duration, playing, recordings} = this.viewer;
    const labels = [...new Set(recordings.map((/** @type {any} */ one) => phaseWords(one.phase(time))))].filter(Boolean);
    const words = [`${clock(time)} of ${clock(duration)}`, ...labels].join(', ');
    if (document.activeElement !== this.range || Number(this.range.value) !== time) this.range.value = String(time);
    this.range.setAttribute('aria-valuetext', words);
    this.range.style.setProperty('--at', `${(100 * time) / (duration || 1)}%`);
    this.words.textContent = words;
    const name = playing ? 'Pause' : 'Play';
    if (this.play.getAttribute('aria-label') !== name) {
      this.play.setAttribute('aria-label', name);
      this.play.replaceChildren(sign(playing ? 'pause' : 'play'));
    }
  }
}
