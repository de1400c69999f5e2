/** What is written over the picture: the level of the heart, the column of blood from there to the ankle, a tip. */

const MMHG_PER_CM = 0.776; // of blood of 1.055 g/mL
const FLAT = 25; // cm
const EDGE = 10; // between a column and the edge of its figure's part of the picture, CSS pixels
const NARROW = 420; // CSS pixels
const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} name @param {Record<string, string | number>} attributes @param {string} [text] */
function svg(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text) node.textContent = text;
  return node;
}

export class Overlay {
  /** @param {HTMLElement} element @param {import("venolymph/scene").Stage} stage */
  constructor(element, stage) {
    this.stage = stage;
    this.svg = svg('svg', {class: 'vl-overlay', 'aria-hidden': 'true'});
    element.append(this.svg);
  }

  /** @param {any} camera @param {{column: boolean, time: number}} state whether to draw heart level and column @param {{thing: any, which: number, colour: string}[]} marks of what is pinned */
  draw(camera, {column, time}, marks) {
    this.svg.replaceChildren();
    const [width, height] = this.stage.size;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.stage.figures.forEach((figure, i) => {
      const area = this.stage.areas[i];
      camera.place(area.width / area.height, figure);
      if (this.stage.figures.length > 1) this.name(figure, area);
      if (column && figure.recording.head.body === 'face') this.down(camera, figure, area);
      else if (column) this.column(i, camera, figure, area);
      for (const {thing, which, colour} of marks) if (which === i && figure.isSeen(thing)) this.mark(i, camera, thing, colour);
      const hand = figure.handWords(time);
      if (hand) this.svg.append(svg('text', {x: area.x + 10, y: area.y + area.height - 12, class: 'vl-note'}, hand));
    });
  }

  /** @param {import("venolymph/figure").Figure} figure @param {any} area */
  name(figure, area) {
    this.svg.append(svg('text', {x: area.x + area.width / 2, y: area.y + 18, class: 'vl-name', 'text-anchor': 'middle'},
      figure.recording.head.member));
  }

  /** A ring in the colour of a thing's trace. @param {number} i @param {any} camera @param {any} thing @param {string} colour */
  mark(i, camera, thing, colour) {
    const middle = thing.points[thing.points.length >> 1];
    const {x, y} = this.stage.onScreen(i, camera, this.stage.figures[i].inRoom(middle, thing.leg));
    this.svg.append(svg('circle', {cx: x, cy: y, r: 7, class: 'vl-ring-paper'}), svg('circle', {cx: x, cy: y, r: 7, class: 'vl-ring', stroke: colour}));
  }

  /** Which way is down for a head. @param {any} camera @param {any} figure @param {any} area */
  down(camera, figure, area) {
    const [across, upward, toward] = [0, 4, 8].map((at) => camera.three.matrixWorld.elements.slice(at, at + 3));
    const dot = (/** @type {number[]} */ a) => -a.reduce((sum, one, k) => sum + one * figure.up[k], 0);
    const [x, y, z] = [dot(across), -dot(upward), dot(toward)];
    const [cx, cy] = [area.x + 34, area.y + 40];
    if (Math.hypot(x, y) > 0.35) this.svg.append(svg('path', {d: arrowPath(cx, cy, x, y), class: 'vl-down'}));
    else this.svg.append(svg('circle', {cx, cy, r: 9, class: 'vl-down-ring'}), svg('circle', {cx, cy, r: z > 0 ? 3.5 : 1, class: 'vl-down'}));
    const words = Math.hypot(x, y) > 0.35 ? 'down' : z > 0 ? 'down is towards you' : 'down is away from you';
    this.svg.append(svg('text', {x: cx + 26, y: cy + 4, class: 'vl-note'}, words));
  }

  /** @param {number} i @param {import("venolymph/camera").Camera} camera @param {import("venolymph/figure").Figure} figure @param {any} area */
  column(i, camera, figure, area) {
    const {head} = figure.recording;
    const side = head.index_side;
    const ankle = figure.inRoom(head.joints[side].ankle, side);
    const heart = figure.inRoom(head.heart, '');
    const deep = heart.y - ankle.y;
    const across = camera.three.matrixWorld.elements.slice(0, 3);
    const other = figure.inRoom(head.joints[side === 'left' ? 'right' : 'left'].ankle, side === 'left' ? 'right' : 'left');
    const away = Math.sign(this.stage.onScreen(i, camera, ankle).x - this.stage.onScreen(i, camera, other).x) || 1;
    const at = (/** @type {number} */ y) => {
      const point = ankle.clone();
      point.x += away * 13 * across[0];
      point.y = y;
      point.z += away * 13 * across[2];
      return this.stage.onScreen(i, camera, point);
    };
    const [foot, top] = [at(ankle.y), at(heart.y)];
    // the line from foot to heart, as far as it is in the picture
    const rise = foot.y - top.y || 1e-6;
    const free = (/** @type {number} */ y) => foot.x + ((foot.y - y) / rise) * (top.x - foot.x);
    const clip = (/** @type {number} */ y) => Math.min(area.y + area.height - 6, Math.max(area.y + 28, y));
    const [low, high] = [clip(foot.y), clip(top.y)];
    // a narrow picture may have no room beside the foot: the line stays in the figure's own part of it
    const edges = [free(low), free(high)];
    const aside = Math.max(0, area.x + EDGE - Math.min(...edges)) - Math.max(0, Math.max(...edges) - area.x - area.width + EDGE);
    const on = (/** @type {number} */ y) => free(y) + aside;
    const x = on(high);
    const seen = Math.abs(top.y - high) < 1;
    if (seen && deep > FLAT) {
      const middle = this.stage.onScreen(i, camera, heart);
      this.svg.append(svg('line', {x1: middle.x, y1: middle.y, x2: top.x + aside, y2: top.y, class: 'vl-heart'}),
        svg('path', {d: heartPath(middle.x, middle.y), class: 'vl-heart-mark'}));
    }
    this.svg.append(svg('line', {x1: on(low), y1: low, x2: x, y2: high, class: 'vl-column'}));
    for (let up = 10; up < deep; up += 10) {
      const tick = at(ankle.y + up);
      if (tick.y > high && tick.y < low) this.svg.append(svg('line', {x1: tick.x + aside - 3, y1: tick.y, x2: tick.x + aside + 3, y2: tick.y, class: 'vl-column'}));
    }
    const pressure = Math.round(Math.abs(deep) * MMHG_PER_CM);
    const which = deep >= 0 ? 'above the ankle' : 'below the ankle';
    const lines = area.width < NARROW ? [`heart ${Math.round(Math.abs(deep))} cm ${which}:`, `${deep < 0 ? '\u2212' : ''}${pressure} mmHg`] : [`${seen ? '' : '\u2191 '}heart level`, `${Math.round(Math.abs(deep))} cm ${which}`, `column of blood: ${deep < 0 ? '\u2212' : ''}${pressure} mmHg`];
    const flat = Math.abs(deep) < FLAT; // then the column is short, and its words would lie on the leg
    const left = flat || x > area.x + area.width - 170;
    const [from, down] = flat ? [area.x + area.width - 10, area.y + 36] : [x + (left ? -8 : 8), high + 14];
    lines.forEach((text, k) => this.svg.append(svg('text', {
      x: from, y: down + 15 * k, class: 'vl-note', 'text-anchor': left ? 'end' : 'start',
    }, text)));
  }
}

/** An arrow about a point. @param {number} x @param {number} y @param {number} dx @param {number} dy its direction */
function arrowPath(x, y, dx, dy) {
  const size = Math.hypot(dx, dy);
  const [a, b] = [dx / size, dy / size];
  const at = (/** @type {number} */ along, /** @type {number} */ aside) => `${x + along * a - aside * b} ${y + along * b + aside * a}`;
  return `M${at(-18, 2)}L${at(4, 2)}L${at(4, 7)}L${at(18, 0)}L${at(4, -7)}L${at(4, -2)}L${at(-18, -2)}z`;
}

/** A small heart round a point. @param {number} x @param {number} y */
function heartPath(x, y) {
  return `M${x} ${y + 6}c-9 -6 -8 -13 -3.5 -13c2 0 3.5 2 3.5 3c0 -1 1.5 -3 3.5 -3c4.5 0 5.5 7 -3.5 13z`;
}
