/** What stands around a face: eyes, shoulders, and what the head lies on. */
import {BoxGeometry, BufferAttribute, BufferGeometry, FrontSide, Group, Mesh, ShaderMaterial} from 'three';
import {LIGHT_GLSL} from 'venolymph/shading';

const VERTEX = /* glsl */ `
attribute vec3 eye; // its middle
varying vec3 vNormal, vToward, vPlace;
void main() {
  vPlace = position - eye;
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vNormal = normalMatrix * normal;
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
}`;
const EYE_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward, vPlace;
uniform float uDim;
${LIGHT_GLSL}
void main() {
  float away = acos(clamp(normalize(vPlace).z, -1.0, 1.0));
  vec3 colour = mix(vec3(0.9, 0.88, 0.86), vec3(0.3, 0.22, 0.16), 1.0 - smoothstep(0.36, 0.4, away));
  colour = mix(colour, vec3(0.03), 1.0 - smoothstep(0.14, 0.17, away));
  gl_FragColor = vec4(uDim * lit(colour, normalize(vNormal), normalize(vToward)), 1.0);
}`;
const BUST_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward, vPlace;
uniform vec3 uBody;
void main() {
  float edge = pow(1.0 - abs(dot(normalize(vNormal), normalize(vToward))), 2.0);
  float fades = smoothstep(-15.0, 2.0, vPlace.y);
  gl_FragColor = vec4(uBody, mix(0.02, 0.3, edge) * fades);
}`;
const PILLOW_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward, vPlace;
uniform vec3 uBody;
void main() { gl_FragColor = vec4(uBody, 0.22 + 0.14 * abs(normalize(vNormal).y)); }`;
const PILLOW = [40, 27, 5]; // across, along the head, thick, cm
const FLAT = 72; // degrees of the head's axis beyond which it is carried and lies on nothing
/** Where the head ends towards what it may lie on, and which way that is: back, front, its left, its right. */
const SIDES = [[[0, 0, -1], 12.2], [[0, 0, 1], 12.5], [[1, 0, 0], 9.4], [[-1, 0, 0], 9.4]];

/** A mesh of blocks. @param {Float32Array} vertices @param {any} triangles @param {string} fragment @param {any} uniforms @param {boolean} clear */
function meshOf(vertices, triangles, fragment, uniforms, clear) {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(vertices, 3));
  const middles = new Float32Array(vertices.length);
  if (!clear) {
    for (const side of [1, -1]) {
      const own = Array.from({length: vertices.length / 3}, (_, v) => v).filter((v) => vertices[3 * v] * side > 0);
      const middle = [0, 1, 2].map((k) => own.reduce((sum, v) => sum + vertices[3 * v + k], 0) / own.length);
      for (const v of own) middles.set(middle, 3 * v);
    }
  }
  geometry.setAttribute('eye', new BufferAttribute(middles, 3));
  geometry.setIndex(new BufferAttribute(triangles, 1));
  geometry.computeVertexNormals();
  const mesh = new Mesh(geometry, new ShaderMaterial({vertexShader: VERTEX, fragmentShader: fragment, uniforms, side: FrontSide, transparent: clear, depthWrite: !clear}));
  mesh.frustumCulled = false;
  return mesh;
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeFaceScene({head, blocks}, shared) {
  const group = new Group();
  const uniforms = {...shared.uniforms, uDim: {value: 1}};
  const eyes = meshOf(blocks['face.eyes'], blocks['face.eyes.triangles'], EYE_FRAGMENT, uniforms, false);
  const bust = meshOf(blocks['face.bust'], blocks['face.bust.triangles'], BUST_FRAGMENT, uniforms, true);
  bust.renderOrder = 22;
  const pillow = new Mesh(new BoxGeometry(1, 1, 1), new ShaderMaterial({vertexShader: VERTEX, fragmentShader: PILLOW_FRAGMENT, uniforms, transparent: true, depthWrite: false}));
  pillow.renderOrder = -2;
  pillow.visible = false;
  group.add(eyes, bust, pillow);
  const scale = head.face.scale;
  return {
    object3d: group,
    eyes,
    /** Put what the head lies on where it is. @param {number[]} up direction that is up in the room, in the head's own axes @param {number} degrees of the head's axis above the horizontal */
    lay(up, degrees) {
      pillow.visible = degrees < FLAT;
      if (!pillow.visible) return;
      const [[axis, far]] = SIDES.toSorted(([a], [b]) => dot(/** @type {number[]} */ (a), up) - dot(/** @type {number[]} */ (b), up));
      const aside = /** @type {number[]} */ (axis);
      const [wide, long, thick] = PILLOW.map((one) => one * scale);
      pillow.position.set(...[0, 29 * scale, 0].map((one, k) => one + aside[k] * (Number(far) * scale + thick / 2)));
      pillow.scale.set(aside[0] ? thick : wide, long, aside[0] ? wide : thick);
    },
  };
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
