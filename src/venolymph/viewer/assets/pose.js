/**
 * How a straight body is bent at hip, knee and ankle. The same formulas in the shader and here, so that what the pointer
 * finds is where it is drawn.
 *
 * Coordinates: cm, x to the left of the body, y up along it from the malleolus, z forward. All turns are about x.
 */

const KNEE_HALF = 5; // half of the length over which a joint bends, cm
const HIP_HALF = 7;
const BALL = 9; // distance of the ball of the toes before the ankle, cm
const RADIAN = Math.PI / 180;

/** Two joints bend along an arc, which keeps the leg's thickness; the foot turns about the ankle, toes about the ball. */
export const POSE_GLSL = /* glsl */ `
uniform vec2 uHip[2], uKnee[2], uAnkle[2]; // height, distance forward
uniform vec4 uFlexion[2]; // hip, knee, ankle, toes, rad
uniform vec2 uSides; // which legs are seen

bool hidden(float side) { return (side > 0.5 ? uSides.y : side > -0.5 ? uSides.x : 1.0) < 0.5; }

void turn(inout vec3 p, inout float turned, vec2 centre, float angle) {
  vec2 d = p.yz - centre;
  float c = cos(angle), s = sin(angle);
  p.yz = centre + vec2(d.x * c - d.y * s, d.x * s + d.y * c);
  turned += angle;
}

void arc(inout vec3 p, inout float turned, vec2 joint, float half_length, float angle) {
  float top = joint.x + half_length;
  if (p.y >= top) return;
  float along = clamp(top - p.y, 0.0, 2.0 * half_length);
  float curvature = angle / (2.0 * half_length);
  float t = curvature * along;
  float c = cos(t), s = sin(t);
  vec2 middle = abs(angle) < 1e-3 ? vec2(-along, -0.5 * curvature * along * along)
                                  : vec2(-s, c - 1.0) / curvature;
  float beyond = top - p.y - along;
  p.yz = vec2(top, joint.y) + middle - beyond * vec2(c, s) + (p.z - joint.y) * vec2(-s, c);
  turned += t;
}

// side: 0 left, 1 right, below 0 no leg
vec3 posed(vec3 p, float side, out float turned) {
  turned = 0.0;
  if (side < -0.5) return p;
  int i = side > 0.5 ? 1 : 0;
  vec4 flexion = uFlexion[i];
  vec2 ankle = uAnkle[i];
  float foot = smoothstep(3.0, -3.0, p.y - ankle.x);
  float toes = foot * smoothstep(-2.5, 2.5, p.z - ankle.y - ${BALL.toFixed(1)});
  vec2 ball = vec2(-7.0, ankle.y + ${BALL.toFixed(1)});
  if (foot > 0.0) {
    turn(p, turned, ball, -flexion.w * toes);
    turn(p, turned, ankle, flexion.z * foot);
  }
  arc(p, turned, uKnee[i], ${KNEE_HALF.toFixed(1)}, flexion.y);
  arc(p, turned, uHip[i], ${HIP_HALF.toFixed(1)}, -flexion.x);
  return p;
}

vec3 turnedNormal(vec3 n, float angle) {
  float c = cos(angle), s = sin(angle);
  return vec3(n.x, n.y * c - n.z * s, n.y * s + n.z * c);
}`;

/** @param {number} edge0 @param {number} edge1 @param {number} x */
function smoothstep(edge0, edge1, x) {
  const t = Math.min(1, Math.max(0, (x - edge0) / (edge1 - edge0)));
  return t * t * (3 - 2 * t);
}

/** @typedef {{tilt: number, legs: Record<string, {hip: number, knee: number, ankle: number, toes: number}>}} Posture rad */

/** A posture of the numbers of a frame. @param {number[]} numbers @returns {Posture} */
export function postureOf(numbers) {
  const tilt = numbers[0] * RADIAN;
  const upright = smoothstep(45, 75, numbers[0]);
  /** @type {Posture["legs"]} */
  const legs = {};
  ['left', 'right'].forEach((side, i) => {
    const [hip, knee, ankle] = numbers.slice(1 + 4 * i, 4 + 4 * i).map((one) => one * RADIAN);
    legs[side] = {hip, knee, ankle, toes: upright * Math.max(0, ankle)}; // toes stay on the floor
  });
  return {tilt, legs};
}

/**
 * Where a point of the straight body lies in the bent one.
 * @param {number[]} point
 * @param {string} side left, right, or anything else for what no joint moves
 * @param {Posture} posture
 * @param {Record<string, Record<string, number[]>>} joints
 */
export function posed(point, side, posture, joints) {
  const [x] = point;
  let [, y, z] = point;
  if (!joints[side]) return [x, y, z];
  const flexion = posture.legs[side];
  const {hip, knee, ankle} = joints[side];
  const foot = smoothstep(3, -3, y - ankle[1]);
  const toes = foot * smoothstep(-2.5, 2.5, z - ankle[2] - BALL);
  const turn = (/** @type {number} */ cy, /** @type {number} */ cz, /** @type {number} */ angle) => {
    const [dy, dz] = [y - cy, z - cz];
    y = cy + dy * Math.cos(angle) - dz * Math.sin(angle);
    z = cz + dy * Math.sin(angle) + dz * Math.cos(angle);
  };
  turn(-7, ankle[2] + BALL, -flexion.toes * toes);
  turn(ankle[1], ankle[2], flexion.ankle * foot);
  [y, z] = arc(y, z, knee, KNEE_HALF, flexion.knee);
  [y, z] = arc(y, z, hip, HIP_HALF, -flexion.hip);
  return [x, y, z];
}

/** @param {number} y @param {number} z @param {number[]} joint @param {number} half @param {number} angle */
function arc(y, z, joint, half, angle) {
  const top = joint[1] + half;
  const along = Math.min(2 * half, Math.max(0, top - y));
  const curvature = angle / (2 * half);
  const t = curvature * along;
  const straight = Math.abs(angle) < 1e-3;
  const middle = straight ? [-along, -0.5 * curvature * along * along]
    : [-Math.sin(t) / curvature, (Math.cos(t) - 1) / curvature];
  const beyond = top - y - along;
  const forward = z - joint[2];
  return [
    top + middle[0] - beyond * Math.cos(t) - forward * Math.sin(t),
    joint[2] + middle[1] - beyond * Math.sin(t) + forward * Math.cos(t),
  ];
}

/** Uniforms of POSE_GLSL. @param {Record<string, Record<string, number[]>>} joints */
export function poseUniforms(joints) {
  const pair = (/** @type {string} */ name) => ({
    value: ['left', 'right'].flatMap((side) => [joints[side][name][1], joints[side][name][2]]),
  });
  return {uHip: pair('hip'), uKnee: pair('knee'), uAnkle: pair('ankle'), uFlexion: {value: new Array(8).fill(0)}};
}

/** Write a posture into uniforms. @param {any} uniforms @param {Posture} posture */
export function setPosture(uniforms, posture) {
  uniforms.uFlexion.value = ['left', 'right'].flatMap((side) => {
    const {hip, knee, ankle, toes} = posture.legs[side];
    return [hip, knee, ankle, toes];
  });
}
