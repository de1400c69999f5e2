/** Before and after in one picture: what is left of a line shows one time of the run, what is right of it another. */
import {choice, h} from 'venolymph/dom';
import {bands, clock} from 'venolymph/timeline';

const MOST = 12; // moments to choose from

/** Moments of a run to compare with: its begin, and the end of each thing that was done. @param {any} viewer @returns {[number, string][]} */
export function momentsOf(viewer) {
  const [{head}] = viewer.recordings;
  const ends = bands(head.phases).filter((one) => one.duration > 30).map((one) => /** @type {[number, string]} */ ([one.start + one.duration, `end of: ${one.label}`]));
  return [[0, 'the begin'], ...ends.slice(0, MOST)];
}

export class Compare {
  /** @param {any} viewer @param {HTMLElement} picture */
  constructor(viewer, picture) {
    this.viewer = viewer;
    this.line = h('div', {class: 'vl-split-line'});
    this.before = h('span', {class: 'vl-split-word'});
    this.after = h('span', {class: 'vl-split-word'});
    this.range = h('input', {
      type: 'range', min: 0, max: 1, step: 0.01, class: 'vl-split-range', 'aria-label': 'Where before ends and after begins',
      oninput: (/** @type {any} */ event) => viewer.set({split: Number(event.target.value)}),
    });
    this.element = h('div', {class: 'vl-split', hidden: true}, this.line, this.before, this.after, this.range);
    picture.append(this.element);
    viewer.panel.shown.append(this.choose());
  }

  choose() {
    const {viewer} = this;
    const moments = momentsOf(viewer).map(([time, words]) => /** @type {[string, string]} */ ([String(time), words]));
    this.select = choice('Compare with', [['-1', 'nothing'], ...moments], String(viewer.state.before), (value) => viewer.set({before: Number(value)}));
    return this.select;
  }

  /** Show the state. */
  update() {
    const {before, split, time} = this.viewer.state;
    const on = before >= 0;
    this.element.hidden = !on;
    this.select.querySelector('select').value = String(before);
    if (!on) return;
    this.line.style.left = `${100 * split}%`;
    this.before.style.right = `${100 * (1 - split)}%`;
    this.after.style.left = `${100 * split}%`;
    this.before.textContent = `${clock(before)}`;
    this.after.textContent = `${clock(time)}`;
    this.range.value = String(split);
    this.range.setAttribute('aria-valuetext', `left of the line ${clock(before)}, right of it ${clock(time)}`);
  }
}
