/** Veins: tubes whose calibre, collapse and colour follow the run, with marks that move as the blood does. */
import {DoubleSide, Mesh, ShaderMaterial} from 'three';
import {POSE_GLSL} from 'venolymph/pose';
import {LIGHT_GLSL, MAP_GLSL, Rows, sideNumber} from 'venolymph/shading';
import {grouped, tubes} from 'venolymph/tubes';

/** Marks are this far apart, cm. */
export const SPACING = 3;
const FASTEST = 9; // how fast marks move at most, cm/s: faster ones could not be followed
const MOST_STRANDS = 3;
export const LAYERS = ['skin', 'fascia', 'deep'];

/** A fast flow is shown slower, a slow one as it is. @param {number} speed cm/s */
export function shownSpeed(speed) {
  return speed / (1 + Math.abs(speed) / FASTEST);
}

const VERTEX = /* glsl */ `
attribute vec3 axis, aside;
attribute vec4 rows, more;
uniform sampler2D uRows;
uniform float uExaggerated, uLeast;
uniform vec3 uLayers;
uniform vec2 uPicked; // rows under the pointer and in focus
varying vec3 vNormal, vToward;
varying float vValue, vSpeed, vReflux, vAlong, vNear, vPicked;
${POSE_GLSL}
void main() {
  vec4 own = texelFetch(uRows, ivec2(int(rows.x + 0.5), 0), 0);
  vec4 next = texelFetch(uRows, ivec2(int(rows.y + 0.5), 0), 0);
  vec4 state = mix(own, next, rows.z);
  vValue = own.x < -0.5 || next.x < -0.5 ? own.x : state.x;
  vSpeed = state.w;
  vReflux = mix(step(1.5, own.z), step(1.5, next.z), rows.z); // 2 is added where blood runs back for long
  // marks pass from part to part by the shorter way round
  vAlong = more.x / ${SPACING.toFixed(1)} - own.z - rows.z * (fract(next.z - own.z + 0.5) - 0.5);
  vNear = more.z;
  vPicked = max(float(abs(rows.x - uPicked.x) < 0.5), float(abs(rows.x - uPicked.y) < 0.5));
  float radius = max(state.y, uLeast) * uExaggerated * (1.0 + 0.35 * smoothstep(0.0, 0.8, vNear));
  // what is emptier than at rest lies flat: an ellipse of the same area
  float flat_share = sqrt(clamp(state.y / more.y, 0.3, 1.0));
  vec3 n = normal, along_axis = axis * dot(normal, axis);
  vec3 offset = radius * ((n - along_axis) / flat_share + along_axis * flat_share);
  vec3 wall = normalize((n - along_axis) * flat_share + along_axis / flat_share);
  float turned;
  vec3 p = posed(position + offset + aside * radius, rows.w, turned);
  vec4 view = modelViewMatrix * vec4(p, 1.0);
  vNormal = normalMatrix * turnedNormal(wall, turned);
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
  float shown = more.w < 0.5 ? uLayers.x : more.w < 1.5 ? uLayers.y : uLayers.z;
  if (shown < 0.5 || hidden(rows.w)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vValue, vSpeed, vReflux, vAlong, vNear, vPicked;
uniform float uMarks;
uniform vec3 uReflux, uMark, uPickedColour;
${LIGHT_GLSL}
${MAP_GLSL}
void main() {
  vec3 toward = normalize(vToward);
  vec3 n = normalize(vNormal);
  bool inside = !gl_FrontFacing;
  if (inside) n = -n;
  if (!inside && vNear > 0.45) discard; // the wall is open where a valve sits
  vec3 colour = mapped(vValue);
  // a mark is an arrow head with a tail; it points where the blood goes
  float forward = vSpeed < 0.0 ? -1.0 : 1.0;
  float edge = 1.0 - abs(dot(n, toward));
  float at = fract(forward * vAlong + 0.3 * edge);
  float mark = pow(smoothstep(0.4, 0.93, at), 1.6) * (1.0 - smoothstep(0.93, 0.96, at));
  float strength = uMarks * smoothstep(0.03, 0.4, abs(vSpeed));
  colour = mix(colour, uReflux, strength * vReflux * 0.7);
  colour = mix(colour, uMark, strength * mark * 0.8);
  colour = mix(colour, uPickedColour, 0.55 * vPicked);
  vec3 shown = lit(colour, n, toward);
  if (inside) shown *= 0.6;
  gl_FragColor = vec4(shown, 1.0);
}`;

/** Places of valves along a vessel as openings of its wall. @param {any} head @param {number} vessel @param {number[][]} points */
function windowsOf(head, vessel, points) {
  let along = 0;
  const distances = points.map((one, i) => {
    if (i) along += Math.hypot(...one.map((x, k) => x - points[i - 1][k]));
    return along;
  });
  return head.valves.filter((/** @type {any} */ one) => one.vessel === vessel && one.present !== false)
    .map((/** @type {any} */ one) => {
      const far = points.map((point) => Math.hypot(...point.map((x, k) => x - one.place[k])));
      return {along: distances[far.indexOf(Math.min(...far))], half: 1.6 * one.radius};
    });
}

// Blood that runs back for as long (s), and as fast (cm/s), is called reflux: shut valves let a trickle through.
const LONG = 0.5;
const SEEN = 1;
const WITHOUT_VALVES = new Set(['trunk', 'lump']);

/** How far blood has moved in each vessel at each frame, cm, as marks show it. */
class Journeys {
  /** @param {import("venolymph/recording").Recording} recording @param {any[]} vessels */
  constructor(recording, vessels) {
    this.recording = recording;
    this.vessels = vessels;
    // as long as the frames themselves are kept
    this.known = new WeakMap();
    this.back = new WeakMap();
  }

  /** Speed in a vessel, cm/s. @param {any} vessel @param {import("venolymph/recording").Moment} moment */
  speed(vessel, moment) {
    if (vessel.face === null) return 0;
    const flow = this.recording.valueIn('flow', vessel.face, moment);
    const area = vessel.count * Math.PI * radiusOf(this.recording, vessel, moment) ** 2;
    return Number.isFinite(flow) && area > 0 ? flow / area : 0;
  }

  /** Distances in a piece, frame after frame. @param {import("venolymph/recording").Piece} piece */
  inPiece(piece) {
    const known = this.known.get(piece);
    if (known) return known;
    const count = this.vessels.length;
    const {samples} = piece.times;
    const moved = new Float32Array(samples.length * count);
    for (let frame = 0; frame < samples.length; frame += 1) {
      const here = {piece, frame};
      const step = frame ? samples[frame] - samples[frame - 1] : 0;
      const moment = /** @type {any} */ ({samples: {before: here, after: here, share: 0}});
      this.vessels.forEach((vessel, i) => {
        const speed = shownSpeed(this.speed(vessel, moment));
        const before = frame ? moved[(frame - 1) * count + i] : 0;
        moved[frame * count + i] = before + step * speed;
      });
    }
    this.known.set(piece, moved);
    this.back.set(piece, refluxes(moved, samples, count));
    return moved;
  }

  /** Whether blood runs back for long, around a moment. @param {import("venolymph/recording").Moment} moment @param {number} i */
  isReflux(moment, i) {
    if (WITHOUT_VALVES.has(this.vessels[i].kind)) return false;
    const {before, after, share} = moment.samples;
    const {piece, frame} = share > 0.5 ? after : before;
    this.inPiece(piece);
    return this.back.get(piece)[frame * this.vessels.length + i] > 0;
  }

  /** Distance at a moment. @param {import("venolymph/recording").Moment} moment @param {number} i */
  at(moment, i) {
    const {before, after, share} = moment.samples;
    const count = this.vessels.length;
    const from = this.inPiece(before.piece)[before.frame * count + i];
    if (after.piece !== before.piece) return from;
    return from + share * (this.inPiece(after.piece)[after.frame * count + i] - from);
  }
}

/**
 * Where blood runs back without a break for LONG or longer, and is SEEN to: 1, else 0. Frames farther apart than that cannot tell.
 * @param {Float32Array} moved distances, frame after frame
 * @param {Float64Array} times s
 * @param {number} count vessels
 */
function refluxes(moved, times, count) {
  const found = new Uint8Array(moved.length);
  for (let i = 0; i < count; i += 1) {
    let begin = -1;
    for (let frame = 1; frame <= times.length; frame += 1) {
      const step = frame < times.length ? times[frame] - times[frame - 1] : Infinity;
      const backward = step <= LONG && moved[frame * count + i] - moved[(frame - 1) * count + i] < -SEEN * step;
      if (backward && begin < 0) begin = frame - 1;
      if (!backward && begin >= 0) {
        if (times[frame - 1] - times[begin] >= LONG) for (let k = begin; k < frame; k += 1) found[k * count + i] = 1;
        begin = -1;
      }
    }
  }
  return found;
}

/** Radius of one vein, cm. @param {import("venolymph/recording").Recording} recording @param {any} vessel @param {any} moment */
export function radiusOf(recording, vessel, moment) {
  const diameter = vessel.cell === null ? NaN : recording.valueIn('diameter', vessel.cell, moment);
  return Number.isFinite(diameter) ? diameter / 20 : vessel.radius;
}

/** Whether a vessel is drawn as a tube: venules of skin and muscle are too many and too thin. @param {any} vessel */
export function isDrawn(vessel) {
  return vessel.present && !/venules|small veins/.test(vessel.name) && !(vessel.kind === 'lump' && /muscle|foot/.test(vessel.name));
}

/**
 * @param {import("venolymph/recording").Recording} recording
 * @param {any} shared uniforms, outward, lineOf
 */
export function makeVessels(recording, shared) {
  const {head} = recording;
  const rows = new Rows(head.vessels.length);
  const parts = head.vessels.map((/** @type {any} */ one, /** @type {number} */ row) => ({
    name: one.name,
    points: shared.lineOf(one.line),
    row,
    radius: one.radius,
    side: sideNumber(one.leg),
    layer: LAYERS.indexOf(one.layer),
    strands: one.kind === 'lump' ? 1 : Math.max(1, Math.min(MOST_STRANDS, Math.round(one.count))),
    tortuous: one.tortuous,
    windows: windowsOf(head, row, shared.lineOf(one.line)),
  }));
  const drawn = parts.filter((/** @type {any} */ one) => isDrawn(head.vessels[one.row]));
  const material = new ShaderMaterial({
    vertexShader: VERTEX, fragmentShader: FRAGMENT, side: DoubleSide,
    uniforms: {...shared.uniforms, uRows: {value: rows.texture}},
  });
  const mesh = new Mesh(tubes(grouped(drawn), shared.outward), material);
  mesh.frustumCulled = false;
  const journeys = new Journeys(recording, head.vessels);
  return {
    object3d: mesh,
    material,
    journeys,
    /** @param {any} frame moment and colourOf(vessel) */
    update({moment, colourOf}) {
      head.vessels.forEach((/** @type {any} */ vessel, /** @type {number} */ row) => {
        const turns = journeys.at(moment, row) / SPACING;
        const moved = turns - Math.floor(turns) + (journeys.isReflux(moment, row) ? 2 : 0);
        rows.set(row, [colourOf(vessel, row), radiusOf(recording, vessel, moment), moved, journeys.speed(vessel, moment)]);
      });
      rows.send();
    },
  };
}
