/** The therapist's hand: where it lies, which way it pushes, and when it lets go. */
import {BufferAttribute, BufferGeometry, Group, Matrix4, Mesh, ShaderMaterial, Vector3} from 'three';
import {posed} from 'venolymph/pose';
import {LIGHT_GLSL} from 'venolymph/shading';

const LIFTED = 1.6; // how high a hand is drawn over the skin between two pushes, cm

/** Parts of a hand as flattened balls: middle across, along and above, then half sizes, cm; then turned, degrees. */
const PARTS = [
  [0, 0, 0, 4.1, 4.6, 1.3, 0], [-2.9, 6.2, -0.1, 0.85, 3.4, 0.8, 8], [-1, 7, 0, 0.9, 3.9, 0.85, 3], [1, 6.8, 0, 0.9, 3.7, 0.85, -3],
  [2.8, 5.7, -0.1, 0.8, 3, 0.75, -9], [-4.6, 0.6, -0.2, 1, 3.1, 0.95, 38], [0, -4.6, 0.3, 2.8, 3.4, 1.3, 0],
];

const VERTEX = /* glsl */ `
varying vec3 vNormal, vToward;
void main() {
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vNormal = normalMatrix * normal;
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
}`;
const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward;
uniform vec3 uSkin, uHand;
uniform float uPress, uDense;
${LIGHT_GLSL}
void main() {
  gl_FragColor = vec4(lit(mix(uSkin * 1.15, uHand, 0.55 * uPress), normalize(vNormal), normalize(vToward)), uDense);
}`;

/** Flattened balls as one mesh. @param {number[][]} parts */
function handGeometry(parts) {
  const [around, up] = [16, 10];
  const [points, normals, index] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  for (const [x, y, z, a, b, c, degrees] of parts) {
    const first = points.length / 3;
    const turned = (degrees * Math.PI) / 180;
    const place = (/** @type {number} */ u, /** @type {number} */ v) => [u * Math.cos(turned) - v * Math.sin(turned), u * Math.sin(turned) + v * Math.cos(turned)];
    for (let j = 0; j <= up; j += 1) {
      for (let i = 0; i <= around; i += 1) {
        const [angle, high] = [(2 * Math.PI * i) / around, (Math.PI * j) / up];
        const [u, v, w] = [Math.sin(high) * Math.cos(angle), Math.cos(high), Math.sin(high) * Math.sin(angle)];
        const [px, py] = place(a * u, b * v);
        const [nx, ny] = place(u / a, v / b);
        const size = Math.hypot(nx, ny, w / c) || 1;
        points.push(x + px, y + py, z + c * w);
        normals.push(nx / size, ny / size, w / c / size);
        if (i < around && j < up) {
          const at = first + j * (around + 1) + i;
          index.push(at, at + 1, at + around + 1, at + 1, at + around + 2, at + around + 1);
        }
      }
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(points), 3));
  geometry.setAttribute('normal', new BufferAttribute(new Float32Array(normals), 3));
  geometry.setIndex(index);
  return geometry;
}

/** An arrow over the hand that says which way it pushes. */
function arrowGeometry() {
  const geometry = new BufferGeometry();
  const flat = [-0.8, 12.5, 0.8, 12.5, -0.8, 15.5, 0.8, 15.5, -2.2, 15.5, 2.2, 15.5, 0, 18.5];
  const points = [];
  for (let i = 0; i < flat.length; i += 2) points.push(flat[i], flat[i + 1], 0.6);
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(points), 3));
  geometry.setAttribute('normal', new BufferAttribute(new Float32Array(points.map((_, i) => (i % 3 === 2 ? 1 : 0))), 3));
  geometry.setIndex([0, 1, 2, 1, 3, 2, 4, 5, 6]);
  return geometry;
}

/** The hand that works at a time, null where none does. @param {any[]} hands @param {number} time s */
export function handAt(hands, time) {
  return hands.find((one) => one.start <= time && time < one.start + one.duration) ?? null;
}

/** How far a push has come, 0 to 1, and whether the hand presses. @param {any} hand @param {number} time s */
export function pushOf(hand, time) {
  const passed = (time - hand.start) % hand.period;
  return passed < hand.push ? {share: passed / hand.push, presses: true}
    : {share: 1 - (passed - hand.push) / Math.max(1e-6, hand.period - hand.push), presses: false};
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeHands({head}, shared) {
  const hands = head.hands ?? [];
  const group = new Group();
  const uniforms = {...shared.uniforms, uPress: {value: 0}, uDense: {value: 0.93}};
  const material = new ShaderMaterial({vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms, transparent: true});
  const hand = new Mesh(handGeometry(PARTS), material);
  const arrow = new Mesh(arrowGeometry(), new ShaderMaterial({
    vertexShader: VERTEX, fragmentShader: FRAGMENT, transparent: true, uniforms: {...shared.uniforms, uPress: {value: 1}, uDense: {value: 1}}, side: 2,
  }));
  hand.renderOrder = 30;
  arrow.renderOrder = 31;
  group.add(hand, arrow);
  group.matrixAutoUpdate = false;
  return {
    object3d: group,
    /** @param {any} frame with time and posture */
    update({moment, posture}) {
      const now = handAt(hands, moment.time);
      group.visible = Boolean(now?.from);
      if (!now?.from) return;
      const {share, presses} = pushOf(now, moment.time);
      const [from, to] = [now.from, now.to ?? now.from];
      const point = from.map((/** @type {number} */ one, /** @type {number} */ i) => one + share * (to[i] - one));
      const outward = shared.outward(point);
      const way = to.map((/** @type {number} */ one, /** @type {number} */ i) => one - from[i]);
      const along = Math.hypot(...way) > 0.5 ? way : [0, now.direction === 'distal' ? -1 : 1, 0];
      group.matrix.copy(lying(point, outward, along, now.leg, posture, head.joints, presses ? 1.1 : 1.1 + LIFTED));
      group.matrixWorldNeedsUpdate = true;
      uniforms.uPress.value = presses ? 0.75 : 0.1;
      arrow.visible = presses && now.direction !== 'none';
    },
  };
}

/** Axes of a hand on the bent leg. @param {number[]} point @param {number[]} outward @param {number[]} along @param {string} leg @param {any} posture @param {any} joints @param {number} high */
function lying(point, outward, along, leg, posture, joints, high) {
  const at = (/** @type {number[]} */ p) => new Vector3(...posed(p, leg, posture, joints));
  const origin = at(point);
  const normal = at(point.map((one, i) => one + outward[i])).sub(origin).normalize();
  const forward = at(point.map((one, i) => one + 0.5 * along[i] / Math.hypot(...along))).sub(origin);
  forward.addScaledVector(normal, -forward.dot(normal)).normalize();
  const across = new Vector3().crossVectors(forward, normal);
  return new Matrix4().makeBasis(across, forward, normal).setPosition(origin.addScaledVector(normal, high));
}
