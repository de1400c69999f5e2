/** Valves: two leaflets on the wall of a vein that meet in its middle when shut and lie against the wall when open. */
import {DoubleSide, InstancedBufferAttribute, InstancedBufferGeometry, BufferAttribute, Mesh, ShaderMaterial} from 'three';
import {POSE_GLSL} from 'venolymph/pose';
import {LIGHT_GLSL, MAP_GLSL, Rows, sideNumber} from 'venolymph/shading';
import {isShownValve} from 'venolymph/things';
import {LAYERS, radiusOf} from 'venolymph/vessels';

const ACROSS = 6;
const UP = 4;

const VERTEX = /* glsl */ `
attribute vec3 place, along;
attribute vec3 rows; // own, side, layer
uniform sampler2D uRows;
uniform float uExaggerated;
uniform vec3 uLayers;
uniform vec2 uPicked;
varying vec3 vNormal, vToward;
varying float vValue, vPicked, vOpen;
${POSE_GLSL}
void main() {
  vec4 state = texelFetch(uRows, ivec2(int(rows.x + 0.5), 0), 0); // colour, radius, opening
  float open = clamp(state.z, 0.0, 1.0);
  float radius = 1.25 * state.y * uExaggerated;
  // position: x across the leaflet from -1 to 1, y from its root to its edge, z which of the two
  float high = position.y;
  float width = sqrt(max(0.0, 1.0 - position.x * position.x));
  float shut = 1.0 - 0.97 * pow(high, 1.5);
  float from_middle = width * mix(shut, 1.0 - 0.14 * high, open);
  float turned;
  vec4 view = modelViewMatrix * vec4(posed(place, rows.y, turned), 1.0);
  // turned about the vein so that one looks between the leaflets from wherever one is
  vec3 along_view = normalize(normalMatrix * turnedNormal(along, turned));
  vec3 toward = normalize(-view.xyz);
  vec3 aside = normalize(toward - along_view * dot(toward, along_view) + vec3(1e-4, 0.0, 0.0));
  vec3 third = cross(along_view, aside);
  view.xyz += radius * (aside * position.x * 0.95 + third * position.z * from_middle + along_view * 2.6 * (high - 0.5));
  vNormal = normalize(third * position.z * 0.4 + aside * 0.9);
  vToward = -view.xyz;
  vValue = state.x;
  vOpen = open;
  vPicked = max(float(abs(rows.x - uPicked.x) < 0.5), float(abs(rows.x - uPicked.y) < 0.5));
  gl_Position = projectionMatrix * view;
  float shown = rows.z < 0.5 ? uLayers.x : rows.z < 1.5 ? uLayers.y : uLayers.z;
  if (shown < 0.5 || hidden(rows.y)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
}`;

const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vValue, vPicked, vOpen;
uniform vec3 uPickedColour, uLeaflet;
uniform float uByMap;
${LIGHT_GLSL}
${MAP_GLSL}
void main() {
  vec3 n = normalize(vNormal);
  if (!gl_FrontFacing) n = -n;
  vec3 colour = mix(uByMap > 0.5 ? mapped(vValue) : uLeaflet, uPickedColour, 0.6 * vPicked);
  gl_FragColor = vec4(lit(colour, n, normalize(vToward)) * 1.1, 1.0);
}`;

/** Both leaflets as a grid. */
function leaflets() {
  const [points, index] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (const leaflet of [-1, 1]) {
    const first = points.length / 3;
    for (let j = 0; j <= UP; j += 1) {
      for (let i = 0; i <= ACROSS; i += 1) points.push((2 * i) / ACROSS - 1, j / UP, leaflet);
    }
    for (let j = 0; j < UP; j += 1) {
      for (let i = 0; i < ACROSS; i += 1) {
        const a = first + j * (ACROSS + 1) + i;
        index.push(a, a + 1, a + ACROSS + 1, a + 1, a + ACROSS + 2, a + ACROSS + 1);
      }
    }
  }
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(points), 3));
  geometry.setIndex(index);
  return geometry;
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeValves(recording, shared) {
  const {head} = recording;
  const rows = new Rows(head.valves.length);
  const vessel = (/** @type {any} */ one) => head.vessels[one.vessel];
  const shown = head.valves.map((/** @type {any} */ one, /** @type {number} */ row) => ({...one, at: row}))
    .filter((/** @type {any} */ one) => isShownValve(head, one));
  const geometry = leaflets();
  const column = (/** @type {(one: any) => number[]} */ of) => {
    const values = new Float32Array(shown.flatMap(of));
    return new InstancedBufferAttribute(values, 3);
  };
  geometry.setAttribute('place', column((one) => one.place));
  geometry.setAttribute('along', column((one) => one.direction));
  geometry.setAttribute('rows', column((one) => [one.at, sideNumber(one.leg), LAYERS.indexOf(vessel(one).layer)]));
  geometry.instanceCount = shown.length;
  const material = new ShaderMaterial({
    vertexShader: VERTEX, fragmentShader: FRAGMENT, side: DoubleSide,
    uniforms: {...shared.uniforms, uRows: {value: rows.texture}, uMap: {value: 0}, uByMap: {value: 0}, uPicked: {value: [-9, -9]}},
  });
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return {
    object3d: mesh,
    material,
    /** @param {any} frame */
    update({moment, valveColour}) {
      for (const one of shown) {
        const opening = recording.valueIn('opening', one.row, moment);
        const radius = Math.max(one.radius, radiusOf(recording, vessel(one), moment));
        rows.set(one.at, [valveColour(opening), radius, Number.isFinite(opening) ? opening : 1, 0]);
      }
      rows.send();
    },
  };
}
