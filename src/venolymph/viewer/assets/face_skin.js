/**
 * The skin of head and neck: a mesh whose regions swell by their mL and have the colour of the table, in light that can be
 * turned. The mesh is made anew where its regions changed, so that light falls on its own slopes; a trough and a bag under
 * the eye are too fine for it, and bend the light alone.
 */
import {BufferAttribute, BufferGeometry, DynamicDrawUsage, FrontSide, Group, Mesh, ShaderMaterial} from 'three';
import {LIGHT_GLSL, MAP_GLSL} from 'venolymph/shading';

const SLOTS = 6; // regions that a vertex can belong to
const RADIAN = Math.PI / 180;

const VERTEX = /* glsl */ `
attribute vec3 skin;
attribute vec2 paint, under; // lips and brows; mm below the lashes, and whether under an eye
attribute vec2 state; // place in the map, how hard a hand presses
varying vec3 vNormal, vPlace, vSkin, vView, vToward;
varying vec2 vPaint, vUnder, vState;
void main() {
  vNormal = normal;
  vPlace = position;
  vSkin = skin;
  vPaint = paint;
  vUnder = under;
  vState = state;
  vec4 view = modelViewMatrix * vec4(position, 1.0);
  vView = normalMatrix * normal;
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
}`;

const FRAGMENT = /* glsl */ `
varying vec3 vNormal, vPlace, vSkin, vView, vToward;
varying vec2 vPaint, vUnder, vState;
uniform vec3 uLight, uHand; // towards the lamp; nothing where light is even
uniform vec4 uTrough, uBag; // height (mm), place (mm), width (mm)
uniform float uMapped, uClear, uDense, uSolid;
${LIGHT_GLSL}
${MAP_GLSL}
vec3 shown(vec3 linear) {
  return mix(12.92 * linear, 1.055 * pow(max(linear, vec3(0.0031308)), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, linear));
}
float bell(vec4 shape) {
  float away = (vUnder.x - shape.y) / shape.z;
  return shape.x * exp(-0.5 * away * away);
}
// the normal of a surface that stands out by so many cm: slopes across the screen, laid on the surface
vec3 raised(vec3 n, float height) {
  vec3 dx = dFdx(vPlace), dy = dFdy(vPlace);
  vec3 along = cross(dy, n), across = cross(n, dx);
  float size = dot(dx, along);
  vec3 slope = sign(size) * (dFdx(height) * along + dFdy(height) * across);
  return normalize(abs(size) * n - slope);
}
void main() {
  vec3 n = raised(normalize(vNormal), 0.1 * vUnder.y * (bell(uBag) - bell(uTrough)));
  vec3 colour = vSkin;
  colour = mix(colour, colour * vec3(0.72, 0.4, 0.4), 0.8 * vPaint.x);
  colour = mix(colour, 0.16 * colour, vPaint.y);
  if (length(uLight) > 0.5) {
    float lamp = max(0.0, dot(n, uLight));
    float sky = 0.5 + 0.5 * n.y;
    vec3 half_way = normalize(uLight + vec3(0.0, 0.0, 1.0));
    colour = colour * (0.2 + 0.14 * sky + 0.7 * lamp) + 0.035 * pow(max(0.0, dot(n, half_way)), 24.0);
  }
  colour = shown(clamp(colour, 0.0, 1.0));
  vec3 view = normalize(vView), toward = normalize(vToward);
  float edge = pow(1.0 - abs(dot(view, toward)), 2.0);
  if (uMapped > 0.5) colour = vState.x < -0.001 ? uNoValue : mapped(vState.x) * (0.8 + 0.2 * abs(dot(view, toward)));
  colour = mix(colour, uHand, 0.55 * vState.y);
  gl_FragColor = vec4(colour, uSolid > 0.5 ? 1.0 : mix(uClear, uDense, edge) + 0.4 * vState.y);
}`;

/** Normals of a mesh, by the area around each vertex. @param {Float32Array} points @param {ArrayLike<number>} triangles @param {Float32Array} into */
function normalsInto(points, triangles, into) {
  into.fill(0);
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [3 * triangles[i], 3 * triangles[i + 1], 3 * triangles[i + 2]];
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]];
    const [vx, vy, vz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]];
    const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const at of [a, b, c]) {
      into[at] += x;
      into[at + 1] += y;
      into[at + 2] += z;
    }
  }
  for (let v = 0; v < into.length; v += 3) {
    const size = Math.hypot(into[v], into[v + 1], into[v + 2]) || 1;
    for (let k = 0; k < 3; k += 1) into[v + k] /= size;
  }
}

/** Where light comes from. @param {string} light name, or `even` @param {any} face of the head @param {{turn: number, height: number}} own degrees */
export function lightFrom(light, face, own) {
  if (light === 'even') return [0, 0, 0];
  const height = RADIAN * (light === 'own' ? own.height : face.lights[light] ?? 45);
  const turn = RADIAN * (light === 'own' ? own.turn : 0);
  return [Math.sin(turn) * Math.cos(height), Math.sin(height), Math.cos(turn) * Math.cos(height)];
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared @param {import("venolymph/face_regions").FaceRegions} regions */
export function makeFaceSkin({head, blocks}, shared, regions) {
  const still = /** @type {Float32Array} */ (blocks['face.vertices']);
  const triangles = blocks['face.triangles'];
  const [of, shares, swellings] = [blocks['face.regions'], blocks['face.shares'], blocks['face.swellings']];
  const count = still.length / 3;
  const outward = new Float32Array(3 * count);
  normalsInto(still, triangles, outward);
  const geometry = new BufferGeometry();
  const column = (/** @type {string} */ name, /** @type {number} */ size, /** @type {Float32Array | undefined} */ values = undefined) => {
    const attribute = new BufferAttribute(values ?? new Float32Array(size * count), size);
    if (!values) attribute.setUsage(DynamicDrawUsage);
    geometry.setAttribute(name, attribute);
    return attribute;
  };
  const [position, normal, skin, state] = [column('position', 3), column('normal', 3), column('skin', 3), column('state', 2)];
  column('paint', 2, Float32Array.from(blocks['face.paint'], (one) => one / 255));
  const [below, under] = [blocks['face.below_lashes'], blocks['face.under_eye']];
  column('under', 2, Float32Array.from({length: 2 * count}, (_, i) => (i % 2 ? under[i >> 1] / 255 : below[i >> 1])));
  geometry.setIndex(new BufferAttribute(triangles, 1));
  position.array.set(still);
  normal.array.set(outward);
  const {shape, trough, bag} = head.face;
  const uniforms = {
    ...shared.uniforms, uLight: {value: [0, 0, 1]}, uMapped: {value: 0}, uClear: {value: 0.2}, uDense: {value: 0.8}, uSolid: {value: 1}, uMap: {value: 0},
    uTrough: {value: [trough, shape['trough.place'], shape['trough.width'], 0]}, uBag: {value: [bag, shape['bag.place'], shape['bag.width'], 0]},
  };
  const material = new ShaderMaterial({vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms, side: FrontSide});
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  const group = new Group();
  group.add(mesh);
  let [moved, painted] = ['', ''];

  /** Move the mesh. @param {number[]} amounts mL by region */
  const swell = (amounts) => {
    const points = /** @type {Float32Array} */ (position.array);
    for (let v = 0; v < count; v += 1) {
      let by = 0;
      for (let slot = SLOTS * v; slot < SLOTS * (v + 1); slot += 1) by += swellings[slot] * amounts[of[slot]];
      for (let k = 3 * v; k < 3 * v + 3; k += 1) points[k] = still[k] + by * outward[k];
    }
    normalsInto(points, triangles, /** @type {Float32Array} */ (normal.array));
    position.needsUpdate = true;
    normal.needsUpdate = true;
  };

  /** Colour the mesh. @param {number[][]} rows red, green, blue, place in the map and press of each region */
  const paint = (rows) => {
    for (let v = 0; v < count; v += 1) {
      const sum = [0, 0, 0, 0, 0];
      let [whole, known] = [0, 0];
      for (let slot = SLOTS * v; slot < SLOTS * (v + 1); slot += 1) {
        const row = rows[of[slot]];
        const part = shares[slot];
        whole += part;
        for (const k of [0, 1, 2, 4]) sum[k] += part * row[k];
        if (row[3] >= 0) { sum[3] += part * row[3]; known += part; }
      }
      for (let k = 0; k < 3; k += 1) skin.array[3 * v + k] = sum[k] / whole;
      state.array[2 * v] = known ? sum[3] / known : -1;
      state.array[2 * v + 1] = sum[4] / whole;
    }
    skin.needsUpdate = true;
    state.needsUpdate = true;
  };

  return {
    object3d: group,
    mesh,
    uniforms,
    /** How far the skin can be looked through. @param {number[] | null} clear shares in the middle and at the edge; null: not at all */
    peel(clear) {
      uniforms.uSolid.value = clear ? 0 : 1;
      [uniforms.uClear.value, uniforms.uDense.value] = clear ?? [1, 1];
      material.transparent = Boolean(clear);
      material.depthWrite = !clear;
      mesh.renderOrder = clear ? 20 : 0;
    },
    /** @param {any} moment @param {any} view @param {any} map quantity and name of the map of the mode */
    update(moment, view, map) {
      const all = Array.from({length: regions.count}, (_, i) => i);
      const amounts = all.map((i) => view.swollen * regions.swelling(i, moment));
      const rows = all.map((i) => [...regions.colour(i, moment, view.tone), regions.mapped(view.mode, i, moment, view.tone, map), regions.pressed(i, moment)]);
      // numbers to a thousandth: what nobody sees is not worked out anew
      const key = JSON.stringify(amounts.map((one) => Math.round(1e3 * one)));
      if (key !== moved) { swell(amounts); moved = key; }
      const shade = JSON.stringify(rows.map((row) => row.map((one) => Math.round(1e3 * one))));
      if (shade !== painted) { paint(rows); painted = shade; }
      uniforms.uLight.value = lightFrom(view.light, head.face, {turn: view.lightTurn, height: view.lightHeight});
    },
  };
}
