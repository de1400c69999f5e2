/** Collectors, whose waves run as their parts contract, and nodes, which fill. */
import {BufferAttribute, BufferGeometry, DoubleSide, Group, Mesh, ShaderMaterial} from 'three';
import {POSE_GLSL} from 'venolymph/pose';
import {LIGHT_GLSL, MAP_GLSL, Rows, sideNumber} from 'venolymph/shading';
import {grouped, tubes} from 'venolymph/tubes';

/** Least radius of a collector where they are what one looks at, cm. */
export const LEAST_WIDE = 0.12;
const LEAST = 0.05; // and elsewhere
const WAVE = 1.2; // how long a contraction is shown, s

const VERTEX = /* glsl */ `
attribute vec3 axis, aside;
attribute vec4 rows, more;
uniform sampler2D uRows;
uniform float uExaggerated, uByMap;
uniform vec2 uPicked;
varying vec3 vNormal, vToward;
varying float vWave, vValue, vPicked;
${POSE_GLSL}
void main() {
  vec4 own = texelFetch(uRows, ivec2(int(rows.x + 0.5), 0), 0);
  vec4 state = mix(own, texelFetch(uRows, ivec2(int(rows.y + 0.5), 0), 0), rows.z);
  vWave = state.z;
  vValue = own.x;
  vPicked = max(float(abs(rows.x - uPicked.x) < 0.5), float(abs(rows.x - uPicked.y) < 0.5));
  float radius = max(uByMap > 0.5 ? ${LEAST_WIDE} : ${LEAST}, state.y * uExaggerated) * (1.0 - 0.35 * vWave);
  float turned;
  vec4 view = modelViewMatrix * vec4(posed(position + (normal + aside) * radius, rows.w, turned), 1.0);
  vNormal = normalMatrix * turnedNormal(normal, turned);
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
  if (hidden(rows.w)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vWave, vValue, vPicked;
uniform vec3 uLymph, uWave, uPickedColour;
uniform float uByMap;
${LIGHT_GLSL}
${MAP_GLSL}
void main() {
  vec3 colour = uByMap > 0.5 ? mapped(vValue) : mix(uLymph, uWave, vWave);
  colour = mix(colour, uPickedColour, 0.55 * vPicked);
  gl_FragColor = vec4(lit(colour, normalize(vNormal), normalize(vToward)), 1.0);
}`;

const NODE_VERTEX = /* glsl */ `
attribute vec3 place;
attribute vec3 rows; // own, side, radius
uniform sampler2D uRows;
uniform vec2 uPicked;
varying vec3 vNormal, vToward;
varying float vFull, vHigh, vPicked;
${POSE_GLSL}
void main() {
  vFull = texelFetch(uRows, ivec2(int(rows.x + 0.5), 0), 0).x;
  vHigh = position.y;
  vPicked = max(float(abs(rows.x - uPicked.x) < 0.5), float(abs(rows.x - uPicked.y) < 0.5));
  float turned;
  vec4 view = modelViewMatrix * vec4(posed(place + position * vec3(0.8, 1.3, 0.7) * rows.z * 1.6, rows.y, turned), 1.0);
  vNormal = normalMatrix * turnedNormal(position, turned);
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
  if (hidden(rows.y)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

const NODE_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vFull, vHigh, vPicked;
uniform vec3 uLymph, uWave, uPickedColour;
${LIGHT_GLSL}
void main() {
  float filled = step(vHigh, 2.0 * vFull - 1.0);
  vec3 colour = mix(mix(uLymph * 0.75, uWave, filled), uPickedColour, 0.5 * vPicked);
  gl_FragColor = vec4(lit(colour, normalize(vNormal), normalize(vToward)), 1.0);
}`;

/** Time since a collector contracted, s: between two records it goes on as often as the last one says. @param {any} recording @param {number | null} row @param {any} moment */
function sinceContraction(recording, row, moment) {
  if (row === null || !moment.exchange || !recording.has('contractions')) return NaN;
  const {before} = moment.exchange;
  const then = {...moment, exchange: {before, after: before, share: 0}};
  const rate = recording.valueIn('contractions', row, then);
  const passed = moment.time - before.piece.times.exchange[before.frame];
  return rate > 0 ? (recording.valueIn('since_contraction', row, then) + passed) % (60 / rate) : NaN;
}

/** A ball at each place, in one mesh. @param {any[]} nodes */
function balls(nodes) {
  const [around, up] = [14, 9];
  /** @type {Record<string, number[]>} */
  const columns = {position: [], place: [], rows: []};
  /** @type {number[]} */
  const index = [];
  nodes.forEach((node, row) => {
    const first = columns.position.length / 3;
    for (let j = 0; j <= up; j += 1) {
      for (let i = 0; i <= around; i += 1) {
        const [a, b] = [(2 * Math.PI * i) / around, (Math.PI * j) / up];
        columns.position.push(Math.sin(b) * Math.cos(a), Math.cos(b), Math.sin(b) * Math.sin(a));
        columns.place.push(...node.place);
        columns.rows.push(row, sideNumber(node.leg), node.radius);
        if (i < around && j < up) {
          const at = first + j * (around + 1) + i;
          index.push(at, at + around + 1, at + 1, at + 1, at + around + 1, at + around + 2);
        }
      }
    }
  });
  const geometry = new BufferGeometry();
  for (const [name, values] of Object.entries(columns)) geometry.setAttribute(name, new BufferAttribute(new Float32Array(values), 3));
  geometry.setIndex(index);
  return geometry;
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeLymph(recording, shared) {
  const {head} = recording;
  const group = new Group();
  const rows = new Rows(head.lymph.length);
  const filled = new Rows(head.nodes.length);
  const parts = head.lymph.map((/** @type {any} */ one, /** @type {number} */ row) => ({
    name: one.name, points: shared.lineOf(one.line), row, radius: one.radius, side: sideNumber(one.leg), layer: 0,
    strands: 1, tortuous: 0, windows: [],
  }));
  const own = {...shared.uniforms, uRows: {value: rows.texture}, uMap: {value: 0}, uByMap: {value: 0}, uPicked: {value: [-9, -9]}};
  const collectors = new Mesh(tubes(grouped(parts), shared.outward),
    new ShaderMaterial({vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms: own}));
  const nodeUniforms = {...shared.uniforms, uRows: {value: filled.texture}, uPicked: {value: [-9, -9]}};
  const nodes = new Mesh(balls(head.nodes),
    new ShaderMaterial({vertexShader: NODE_VERTEX, fragmentShader: NODE_FRAGMENT, uniforms: nodeUniforms, side: DoubleSide}));
  for (const mesh of [collectors, nodes]) {
    mesh.frustumCulled = false;
    group.add(mesh);
  }
  /** Share of its largest volume in the run that a vessel holds. @param {any} one @param {any} moment */
  const fullness = (one, moment) => {
    const values = one.row === null || !recording.has('lymph_volume') ? null : recording.series('lymph_volume', one.row).values;
    if (!values) return 0;
    let most = 1e-12;
    for (const value of values) if (value > most) most = value;
    return recording.valueIn('lymph_volume', one.row, moment) / most;
  };
  return {
    object3d: group,
    material: own,
    nodeMaterial: nodeUniforms,
    /** @param {any} frame */
    update({moment, lymphColour}) {
      head.lymph.forEach((/** @type {any} */ one, /** @type {number} */ row) => {
        const since = sinceContraction(recording, one.pacing, moment);
        const wave = Number.isFinite(since) ? Math.max(0, 1 - since / WAVE) : 0;
        rows.set(row, [lymphColour(one), one.radius, wave, 0]);
      });
      head.nodes.forEach((/** @type {any} */ one, /** @type {number} */ row) => filled.set(row, [fullness(one, moment), 0, 0, 0]));
      rows.send();
      filled.send();
    },
  };
}
