/**
 * Lines as tubes in one mesh. Each ring knows the row of its own values and that of the neighbour it passes into, so that
 * colour and calibre change smoothly along a vein that the run divides into parts.
 */
import {BufferAttribute, BufferGeometry} from 'three';

const SIDES = 6;
const STEP = 1.2; // between rings, cm
const FINE_STEP = 0.45; // where a vein winds
const WINDING = 3.4; // length of a winding, cm
const BULGE = 2.2; // how far the bulge round a window reaches, in halves of the window
const SWAY = 0.75; // of a vein that winds most, cm

/**
 * @typedef {Object} Part
 * @property {number[][]} points cm
 * @property {number} row of its values
 * @property {number} radius cm
 * @property {number} side see sideNumber
 * @property {number} layer
 * @property {number} strands how many tubes are drawn side by side
 * @property {number} tortuous 0 to 1
 * @property {{along: number, half: number}[]} windows places where the wall is open, cm from the part's begin
 */

const sub = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a.map((one, i) => one - b[i]);
const add = (/** @type {number[]} */ a, /** @type {number[]} */ b, by = 1) => a.map((one, i) => one + by * b[i]);
const dot = (/** @type {number[]} */ a, /** @type {number[]} */ b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (/** @type {number[]} */ [a, b, c], /** @type {number[]} */ [d, e, f]) => [b * f - c * e, c * d - a * f, a * e - b * d];
const length = (/** @type {number[]} */ a) => Math.hypot(a[0], a[1], a[2]);
const unit = (/** @type {number[]} */ a) => a.map((one) => one / (length(a) || 1));

/** Distances along a line. @param {number[][]} points */
export function alongOf(points) {
  const along = [0];
  for (let i = 1; i < points.length; i += 1) along.push(along[i - 1] + length(sub(points[i], points[i - 1])));
  return along;
}

/** The point at a distance along a line. @param {number[][]} points @param {number[]} along @param {number} at */
function pointAt(points, along, at) {
  let i = 1;
  while (i < points.length - 1 && along[i] < at) i += 1;
  const span = along[i] - along[i - 1];
  return add(points[i - 1], sub(points[i], points[i - 1]), span > 0 ? Math.min(1, (at - along[i - 1]) / span) : 0);
}

/** Where rings of a part lie, cm along it: closer to each other where it winds and at its windows. @param {Part} part @param {number} whole @param {boolean} first */
function placesAlong(part, whole, first) {
  const count = Math.max(2, Math.ceil(whole / (part.tortuous > 0 ? FINE_STEP : STEP)));
  const even = Array.from({length: count + 1}, (_, i) => (i / count) * whole);
  const extra = part.windows.flatMap(({along, half}) => [-BULGE, -1.3, -0.65, 0, 0.65, 1.3, BULGE].map((by) => along + by * half));
  return [...even.slice(first ? 0 : 1), ...extra.filter((at) => at > 0.02 && at < whole - 0.02)].sort((a, b) => a - b);
}

/** Rings along parts that follow each other. @param {Part[]} parts @param {(point: number[]) => number[]} outward */
function ringsOf(parts, outward) {
  const lengths = parts.map((one) => alongOf(one.points).at(-1) ?? 0);
  const whole = lengths.reduce((sum, one) => sum + one, 0);
  /** @type {any[]} */
  const rings = [];
  let begin = 0;
  parts.forEach((part, number) => {
    const along = alongOf(part.points);
    for (const at of placesAlong(part, lengths[number], number === 0)) {
      const share = at / (lengths[number] || 1);
      const near = Math.max(0, ...part.windows.map((one) => 1 - Math.abs(at - one.along) / (BULGE * one.half)));
      const other = parts[share < 0.5 ? number - 1 : number + 1] ?? part;
      rings.push({
        centre: pointAt(part.points, along, at), part, row: part.row, next: other.row, mix: Math.abs(share - 0.5),
        radius: part.radius + Math.abs(share - 0.5) * (other.radius - part.radius), along: begin + at, near,
      });
    }
    begin += lengths[number];
  });
  sway(rings, whole, outward);
  frame(rings, outward);
  return rings;
}

/** Let rings wind from side to side under the skin. @param {any[]} rings @param {number} whole @param {(point: number[]) => number[]} outward */
function sway(rings, whole, outward) {
  if (!rings.some((one) => one.part.tortuous > 0)) return;
  const straight = rings.map((one) => one.centre);
  rings.forEach((ring, i) => {
    const tangent = unit(sub(straight[Math.min(i + 1, rings.length - 1)], straight[Math.max(i - 1, 0)]));
    const aside = unit(cross(outward(ring.centre), tangent));
    const ends = Math.min(1, ring.along / 2, (whole - ring.along) / 2);
    const turn = (2 * Math.PI * ring.along) / WINDING;
    const by = ring.part.tortuous * SWAY * Math.max(0, ends) * (Math.sin(turn) + 0.35 * Math.sin(0.37 * turn + 1));
    ring.centre = add(ring.centre, aside, by);
  });
}

/** Axes of each ring that turn as little as they can. @param {any[]} rings @param {(point: number[]) => number[]} outward */
function frame(rings, outward) {
  let axis = [0, 0, 0];
  rings.forEach((ring, i) => {
    const tangent = unit(sub(rings[Math.min(i + 1, rings.length - 1)].centre, rings[Math.max(i - 1, 0)].centre));
    if (i === 0) axis = outward(ring.centre);
    axis = unit(add(axis, tangent, -dot(axis, tangent)));
    ring.axis = axis;
    ring.across = cross(tangent, axis);
  });
}

/** Where strands lie beside each other, in radii of a tube. @param {number} count @returns {number[][]} */
function bundle(count) {
  if (count <= 1) return [[0, 0]];
  const far = count === 2 ? 1.15 : 1.15 / Math.sin(Math.PI / count);
  return Array.from({length: count}, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [far * Math.sin(angle), far * Math.cos(angle)];
  });
}

/**
 * A mesh of tubes with attributes position (middle), normal (from it to the wall), axis (across which a vein collapses),
 * aside (of strands, in radii), rows (own, next, share of next, side) and more (cm along, resting radius, open wall, layer).
 * @param {Part[][]} groups parts that follow each other
 * @param {(point: number[]) => number[]} outward direction to the skin
 */
export function tubes(groups, outward) {
  /** @type {Record<string, {size: number, values: number[]}>} */
  const columns = Object.fromEntries(
    Object.entries({position: 3, normal: 3, axis: 3, aside: 3, rows: 4, more: 4}).map(([name, size]) => [name, {size, values: []}]),
  );
  /** @type {number[]} */
  const index = [];
  let first = 0;
  for (const group of groups) {
    const rings = ringsOf(group, outward);
    for (const [u, v] of bundle(group[0].strands)) {
      rings.forEach((ring, i) => {
        const aside = add(ring.axis.map((/** @type {number} */ one) => u * one), ring.across, v);
        for (let k = 0; k <= SIDES; k += 1) {
          const angle = (2 * Math.PI * k) / SIDES;
          columns.position.values.push(...ring.centre);
          columns.normal.values.push(...add(ring.axis.map((/** @type {number} */ one) => Math.cos(angle) * one), ring.across, Math.sin(angle)));
          columns.axis.values.push(...ring.axis);
          columns.aside.values.push(...aside);
          columns.rows.values.push(ring.row, ring.next, ring.mix, ring.part.side);
          columns.more.values.push(ring.along, ring.radius, ring.near, ring.part.layer);
        }
        if (i === 0) return;
        for (let k = 0; k < SIDES; k += 1) {
          const a = first + (i - 1) * (SIDES + 1) + k;
          const b = a + SIDES + 1;
          index.push(a, a + 1, b, b, a + 1, b + 1);
        }
      });
      first += rings.length * (SIDES + 1);
    }
  }
  const geometry = new BufferGeometry();
  for (const [name, {size, values}] of Object.entries(columns)) {
    geometry.setAttribute(name, new BufferAttribute(new Float32Array(values), size));
  }
  geometry.setIndex(index);
  return geometry;
}

/** Parts of one vessel, "NAME [1]", "NAME [2]", that touch, as groups. @param {any[]} things with name and points */
export function grouped(things) {
  /** @type {any[][]} */
  const groups = [];
  const base = (/** @type {string} */ name) => name.replace(/ \[\d+\]$/, '');
  for (const one of things) {
    const last = groups.at(-1)?.at(-1);
    const follows = last && base(last.name) === base(one.name) && length(sub(last.points.at(-1), one.points[0])) < 0.6;
    if (follows) groups.at(-1)?.push(one);
    else groups.push([one]);
  }
  return groups;
}
