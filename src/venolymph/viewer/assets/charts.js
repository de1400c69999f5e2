/** Traces of what is pinned, over the whole run, all with one time. */
import uPlot from 'uplot';
import {h} from 'venolymph/dom';

const HEIGHT = 150;
const MOST = 4; // charts at a time

/** What lines show, against one time. @param {string} quantity @param {any[]} lines */
function dataOf(quantity, lines) {
  return uPlot.join(lines.map(({recording, row}) => {
    const {time, values} = recording.series(quantity, row);
    return [time, values];
  }));
}

export class Charts {
  /** @param {any} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.element = h('section', {class: 'vl-charts', 'aria-label': 'Charts'});
    /** @type {{plot: any, mark: HTMLElement, quantity: string, lines: any[]}[]} */
    this.plots = [];
    this.key = '';
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.element);
    this.until = 0; // the last time that is drawn, s
  }

  /** What is to be drawn, by quantity. */
  wanted() {
    const {viewer} = this;
    /** @type {Map<string, any[]>} */
    const found = new Map();
    for (const {thing, recording, which} of viewer.pinned()) {
      for (const {quantity, row} of thing.readings.slice(0, 2)) {
        if (!found.has(quantity)) found.set(quantity, []);
        found.get(quantity)?.push({recording, which, row, title: thing.title, colour: viewer.traceOf(thing)});
      }
    }
    return [...found].slice(0, MOST);
  }

  /** Draw anew where something else is pinned. */
  update() {
    const {viewer} = this;
    const key = JSON.stringify([viewer.state.pins, viewer.theme]);
    const until = Math.max(...viewer.recordings.map((/** @type {any} */ one) => one.lastTime));
    if (key !== this.key) this.build();
    else if (until !== this.until) for (const {plot, lines, quantity} of this.plots) plot.setData(dataOf(quantity, lines));
    this.key = key;
    this.until = until;
    for (const {plot, mark} of this.plots) {
      const left = plot.valToPos(viewer.state.time, 'x');
      mark.style.transform = `translateX(${left}px)`;
    }
  }

  build() {
    for (const {plot} of this.plots) plot.destroy();
    this.plots = [];
    const wanted = this.wanted();
    this.element.replaceChildren(h('h2', {}, 'Over time'));
    if (!wanted.length) this.element.append(h('p', {class: 'vl-small'}, 'Click a vein, or choose one above and pin it, to see its traces.'));
    for (const [quantity, lines] of wanted) this.element.append(this.chart(quantity, lines));
  }

  /** @param {string} quantity @param {any[]} lines */
  chart(quantity, lines) {
    const {viewer} = this;
    const {title, unit} = lines[0].recording.head.quantities[quantity];
    const style = getComputedStyle(viewer.element);
    const ink = style.getPropertyValue('--vl-quiet').trim();
    const grid = style.getPropertyValue('--vl-line').trim();
    const two = viewer.recordings.length > 1;
    const figure = h('figure', {class: 'vl-chart'});
    const name = `${title}${unit === '1' ? '' : ` (${unit})`}`;
    const caption = h('figcaption', {}, h('strong', {}, name), ...lines.map((one) => h('span', {class: 'vl-line'},
      h('i', {style: `border-top:3px ${one.which ? 'dashed' : 'solid'} ${one.colour}`}),
      two ? `${one.title}, ${one.recording.head.member}` : one.title)));
    const place = h('div', {class: 'vl-plot', role: 'img', 'aria-label': `Chart of ${name}: ${lines.map((one) => one.title).join('; ')}`});
    figure.append(caption, place);
    const axis = {stroke: ink, grid: {stroke: grid, width: 1}, ticks: {stroke: grid, width: 1}, font: '11px system-ui, sans-serif'};
    const plot = new uPlot({
      width: Math.max(200, this.element.clientWidth - 8), height: HEIGHT, legend: {show: false},
      cursor: {sync: {key: viewer.name}, drag: {x: false, y: false}, y: false},
      scales: {x: {time: false}},
      axes: [{...axis, size: 26}, {...axis, size: 42}],
      series: [{}, ...lines.map((one) => ({stroke: one.colour, width: 1.5, dash: one.which ? [5, 3] : undefined, points: {show: false}, spanGaps: true}))],
      hooks: {setSize: [], ready: [(/** @type {any} */ u) => {
        u.over.addEventListener('click', () => viewer.setTime(u.posToVal(u.cursor.left, 'x')));
      }]},
    }, dataOf(quantity, lines), place);
    const mark = h('div', {class: 'vl-now'});
    plot.over.append(mark);
    this.plots.push({plot, mark, quantity, lines});
    return figure;
  }

  /** Let go of everything. */
  dispose() {
    this.sizes.disconnect();
    for (const {plot} of this.plots) plot.destroy();
    this.plots = [];
  }

  /** Take the width that there is. */
  fit() {
    const width = Math.max(200, this.element.clientWidth - 8);
    for (const {plot} of this.plots) if (Math.abs(plot.width - width) > 2) plot.setSize({width, height: HEIGHT});
    this.update();
  }
}
