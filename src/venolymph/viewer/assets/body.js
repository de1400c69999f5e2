/** The rest of the body as a quiet shape, so that one sees how the person lies or stands; floor and couch. */
import {BoxGeometry, BufferAttribute, BufferGeometry, FrontSide, Group, Mesh, RingGeometry, ShaderMaterial, DoubleSide, BackSide} from 'three';

// Half width, half depth and middle (forward) by height over the hip, in shares of the hip's height: a neutral adult's,
// drawn by eye.
const TRUNK = [
  [-0.1, 0.0, 0.0, 0.0], [-0.085, 0.075, 0.08, 0.0], [-0.03, 0.19, 0.125, -0.005], [0.05, 0.205, 0.128, -0.008], [0.15, 0.185, 0.118, 0.0],
  [0.27, 0.158, 0.108, 0.01], [0.4, 0.172, 0.12, 0.008], [0.52, 0.195, 0.128, 0.0], [0.62, 0.21, 0.112, -0.01],
  [0.675, 0.18, 0.09, -0.015], [0.705, 0.09, 0.07, -0.015], [0.74, 0.066, 0.066, -0.01], [0.78, 0.064, 0.068, 0.0],
  [0.815, 0.075, 0.092, 0.015], [0.87, 0.088, 0.112, 0.02], [0.935, 0.09, 0.116, 0.018], [0.99, 0.07, 0.09, 0.012], [1.015, 0.03, 0.04, 0.008],
  [1.02, 0.0, 0.0, 0.008],
];
const ARM = [[0.64, 0.235, 0.05], [0.55, 0.265, 0.05], [0.4, 0.29, 0.043], [0.27, 0.305, 0.036], [0.1, 0.32, 0.028], [0.02, 0.325, 0.03], [-0.06, 0.325, 0.022], [-0.1, 0.325, 0.0]];

const VERTEX = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vHigh;
void main() {
  vHigh = position.y;
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vNormal = normalMatrix * normal;
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
}`;
const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
varying float vHigh;
uniform vec3 uBody;
uniform float uHipHigh;
void main() {
  float edge = pow(1.0 - abs(dot(normalize(vNormal), normalize(vToward))), 2.5);
  gl_FragColor = vec4(uBody, mix(0.03, 0.42, edge) * smoothstep(-9.0, 6.0, vHigh - uHipHigh));
}`;
const PLAIN_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
uniform vec3 uBody;
uniform float uDense;
void main() { gl_FragColor = vec4(uBody, uDense * (0.7 + 0.3 * abs(normalize(vNormal).y))); }`;

/** A surface over ellipses. @param {number[][]} levels height, middle aside, half width, half depth, middle forward */
function loft(levels) {
  const around = 20;
  const [points, index] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  levels.forEach(([y, x, wide, deep, z], row) => {
    for (let i = 0; i <= around; i += 1) {
      const angle = (2 * Math.PI * i) / around;
      points.push(x + wide * Math.cos(angle), y, z + deep * Math.sin(angle));
      if (row && i < around) {
        const b = row * (around + 1) + i;
        const a = b - around - 1;
        index.push(a, b, a + 1, a + 1, b, b + 1);
      }
    }
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(points), 3));
  geometry.setIndex(index);
  geometry.computeVertexNormals();
  return geometry;
}

/** Levels between levels, so that the outline is round. @param {number[][]} levels */
function finer(levels) {
  return levels.flatMap((one, i) => {
    if (i === levels.length - 1) return [one];
    const [before, after, beyond] = [levels[Math.max(0, i - 1)], levels[i + 1], levels[Math.min(levels.length - 1, i + 2)]];
    return [0, 0.5].map((t) => one.map((x, k) => Math.max(k === 1 || k === 2 ? 0 : -Infinity,
      0.5 * (2 * x + (after[k] - before[k]) * t + (2 * before[k] - 5 * x + 4 * after[k] - beyond[k]) * t * t
        + (3 * x - before[k] - 3 * after[k] + beyond[k]) * t ** 3))));
  });
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeBody({head, blocks}, shared) {
  const [, hip, forward] = head.joints.left.hip;
  const group = new Group();
  const size = (/** @type {number} */ share) => share * hip;
  const at = (/** @type {number} */ share) => hip + share * hip;
  const shapes = [
    finer(TRUNK).map(([y, wide, deep, z]) => [at(y), 0, size(wide), size(deep), forward + size(z)]),
    ...[-1, 1].map((side) => finer(ARM).map(([y, x, thick]) => [at(y), side * size(x), size(thick), size(thick), forward - 1])),
  ];
  shapes.forEach((shape, number) => {
    const geometry = loft(shape);
    [BackSide, FrontSide].forEach((face, i) => {
      const mesh = new Mesh(geometry, new ShaderMaterial({
        vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms: {...shared.uniforms, uHipHigh: {value: number < 1 ? hip : -100}}, side: face, transparent: true, depthWrite: false,
      }));
      mesh.renderOrder = i ? 22 : 0;
      group.add(mesh);
    });
  });
  let back = Infinity;
  const vertices = blocks['skin.left.vertices'];
  for (let v = 2; v < vertices.length; v += 3) back = Math.min(back, vertices[v]);
  const couch = plain(new BoxGeometry(64, 2.05 * hip + 8, 3), shared);
  couch.position.set(0, hip - 4, Math.min(back, forward - 0.13 * hip) - 2);
  group.add(couch);
  const seat = plain(new BoxGeometry(46, 3, 40), shared);
  seat.position.set(0, hip - 0.115 * hip, forward + 9);
  group.add(seat);
  return {object3d: group, couch, seat};
}

/** The floor, a disc. @param {any} shared */
export function makeFloor(shared) {
  const floor = plain(new RingGeometry(0, 46, 64), shared);
  floor.rotation.x = -Math.PI / 2;
  return floor;
}

/** @param {any} geometry @param {any} shared */
function plain(geometry, shared) {
  const mesh = new Mesh(geometry, new ShaderMaterial({
    vertexShader: VERTEX, fragmentShader: PLAIN_FRAGMENT, side: DoubleSide, transparent: true, depthWrite: false,
    uniforms: {uBody: shared.uniforms.uBody, uDense: {value: 0}},
  }));
  mesh.renderOrder = -2;
  return mesh;
}
