/** A lesson: captions one after another, and the leg as each of them wants it seen. */
import {fetchRecording, mount} from 'venolymph/main';
import {h} from 'venolymph/dom';

/**
 * @typedef {Object} Step
 * @property {string} say
 * @property {number | null} until s
 * @property {string} from a direction
 * @property {any} state of the viewer
 */

const still = matchMedia('(prefers-reduced-motion: reduce)');

export class LessonPlayer {
  /** @param {any} viewer @param {Step[]} steps @param {Record<string, string>} words @param {HTMLElement} element */
  constructor(viewer, steps, words, element) {
    this.viewer = viewer;
    this.steps = steps;
    this.words = words;
    this.number = 0;
    this.where = h('p', {class: 'where'});
    this.caption = h('p', {class: 'caption', 'aria-live': 'polite'});
    this.back = h('button', {type: 'button', class: 'quiet', onclick: () => this.go(this.number - 1)}, words.back);
    this.again = h('button', {type: 'button', class: 'quiet', onclick: () => this.go(this.number)}, words.again);
    this.next = h('button', {type: 'button', onclick: () => this.go(this.number + 1)}, words.next);
    element.replaceChildren(this.where, this.caption, h('p', {class: 'actions'}, this.back, this.again, this.next));
    const asked = Number.parseInt(new URLSearchParams(location.search).get('step') ?? '1', 10);
    this.go(Number.isInteger(asked) ? asked - 1 : 0);
  }

  /** Show a step. @param {number} number from 0 */
  go(number) {
    this.number = Math.min(this.steps.length - 1, Math.max(0, number));
    const step = this.steps[this.number];
    this.where.textContent = this.words.where.replace('{number}', String(this.number + 1)).replace('{count}', String(this.steps.length));
    this.caption.textContent = step.say;
    this.back.disabled = this.number === 0;
    this.next.disabled = this.number === this.steps.length - 1;
    this.again.hidden = step.until === null;
    this.viewer.setPlaying(false);
    this.viewer.set(step.state);
    this.viewer.look(step.from);
    history.replaceState(null, '', `?step=${this.number + 1}`);
    if (step.until === null) return;
    if (still.matches) {
      this.viewer.setTime(step.until);
      return;
    }
    this.viewer.setPlaying(true);
    this.watch(step);
  }

  /** Stop where a step ends, as long as it plays. @param {Step} step */
  watch(step) {
    requestAnimationFrame(() => {
      if (this.steps[this.number] !== step || !this.viewer.playing || step.until === null) return;
      if (this.viewer.time >= step.until) this.viewer.setPlaying(false);
      else this.watch(step);
    });
  }
}

const {recordings, names, title, steps, words} = JSON.parse(document.getElementById('lesson')?.textContent ?? '{}');
const read = await Promise.all(recordings.map(fetchRecording));
names.forEach((/** @type {string} */ name, /** @type {number} */ i) => Object.assign(read[i].head, {member: name, title: name, regimen: title}));
const stage = /** @type {HTMLElement} */ (document.getElementById('viewer'));
const viewer = mount(stage, read, {autoplay: false, hash: false, state: steps[0].state});
await viewer.ready;
Object.assign(globalThis, {lesson: new LessonPlayer(viewer, steps, words, /** @type {HTMLElement} */ (document.getElementById('player')))});
document.body.dataset.ready = 'yes';
