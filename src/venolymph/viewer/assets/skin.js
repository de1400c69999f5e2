/**
 * The skin, like glass: clear where one looks through it and dense at its edge; it swells by region, and shows where a
 * garment or a hand presses. Under it muscles, as the leg's shape without its fat, that light up as they press.
 */
import {BufferAttribute, BufferGeometry, CustomBlending, FrontSide, Group, Mesh, ShaderMaterial} from 'three';
import {coarser, rowsOf} from 'venolymph/coarser';
import {POSE_GLSL} from 'venolymph/pose';
import {LIGHT_GLSL, MAP_GLSL, Rows, sideNumber} from 'venolymph/shading';

const REGIONS = 5;
const GRAIN = 1.1; // of the muscles' surface, cm

const SKIN_VERTEX = /* glsl */ `
attribute vec3 swelling0, swelling1, swelling2, swelling3, swelling4;
attribute vec3 places; // nearest two places of tissue, share of the second
attribute float cut; // distance from the cut at the groin, 0 to 1
uniform sampler2D uRows;
uniform float uSide, uSwells, uSwollen[${REGIONS}], uSwellingShare[${REGIONS}], uMost[${REGIONS}];
varying vec3 vNormal, vToward, vPlace;
varying vec2 vPressed;
varying float vSwelling, vCut;
${POSE_GLSL}
void main() {
  vec3 moved = vec3(0.0);
  vSwelling = 0.5; // the middle of the map is no swelling; regions pass into each other
  if (uSwells > 0.5) {
    moved = swelling0 * uSwollen[0] + swelling1 * uSwollen[1] + swelling2 * uSwollen[2]
      + swelling3 * uSwollen[3] + swelling4 * uSwollen[4];
    vSwelling += length(swelling0) / uMost[0] * uSwellingShare[0] + length(swelling1) / uMost[1] * uSwellingShare[1]
      + length(swelling2) / uMost[2] * uSwellingShare[2] + length(swelling3) / uMost[3] * uSwellingShare[3]
      + length(swelling4) / uMost[4] * uSwellingShare[4];
  }
  float turned;
  vec3 p = posed(position + moved, uSide, turned);
  vPressed = mix(texelFetch(uRows, ivec2(int(places.x + 0.5), 0), 0), texelFetch(uRows, ivec2(int(places.y + 0.5), 0), 0), places.z).xy;
  vPlace = position;
  vCut = cut;
  vec4 view = modelViewMatrix * vec4(p, 1.0);
  vNormal = normalMatrix * turnedNormal(normal, turned);
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
}`;

const SKIN_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward, vPlace;
varying vec2 vPressed;
varying float vSwelling, vCut;
uniform vec3 uSkin, uGarment, uHand;
uniform float uClear, uDense, uShowSwelling;
${LIGHT_GLSL}
${MAP_GLSL}
void main() {
  vec3 toward = normalize(vToward);
  vec3 n = normalize(vNormal);
  bool inner = dot(n, toward) < 0.0;
  if (inner) n = -n;
  float edge = pow(1.0 - abs(dot(n, toward)), 2.0);
  float dense = mix(uClear * (inner ? 1.3 : 0.5), uDense, edge); // colours of veins show through
  vec3 colour = uSkin;
  if (uShowSwelling > 0.5) {
    colour = mix(uSkin, mapped(vSwelling), 0.9);
    dense = mix(dense, 0.92, 0.25 + 0.75 * smoothstep(0.0, 0.1, abs(vSwelling - 0.5)));
  }
  float knit = 0.75 + 0.25 * step(0.5, fract(vPlace.y * 1.3));
  float worn = smoothstep(0.02, 0.12, vPressed.y);
  colour = mix(colour, uGarment * knit, 0.8 * worn);
  dense = mix(dense, max(dense, 0.18 + 0.35 * vPressed.y), worn);
  float hand = smoothstep(0.02, 0.35, vPressed.x);
  colour = mix(colour, uHand, hand);
  dense = mix(dense, 0.75, 0.8 * hand);
  gl_FragColor = vec4(lit(colour, n, toward), dense * smoothstep(0.0, 1.0, vCut));
}`;

const MUSCLE_VERTEX = /* glsl */ `
attribute vec3 places;
attribute float cut;
uniform sampler2D uRows;
uniform float uSide, uBehind;
varying vec3 vNormal, vToward, vPlace;
varying float vPress, vCut;
${POSE_GLSL}
void main() {
  float turned;
  vPress = mix(texelFetch(uRows, ivec2(int(places.x + 0.5), 0), 0).x, texelFetch(uRows, ivec2(int(places.y + 0.5), 0), 0).x, places.z);
  vec3 p = posed(position + normal * 0.35 * vPress, uSide, turned); // a muscle that presses is thicker; drawn, not computed
  vPlace = position;
  vCut = cut;
  vec4 view = modelViewMatrix * vec4(p, 1.0);
  vNormal = normalMatrix * turnedNormal(normal, turned);
  vToward = -view.xyz;
  gl_Position = projectionMatrix * view;
  // drawn as if a little farther away, so that veins that lie on muscle are seen whole
  vec4 behind = projectionMatrix * (view + vec4(0.0, 0.0, -uBehind, 0.0));
  gl_Position.z = behind.z / behind.w * gl_Position.w;
}`;

const MUSCLE_FRAGMENT = /* glsl */ `
varying vec3 vNormal, vToward, vPlace;
varying float vPress, vCut;
uniform float uClear, uLit;
uniform vec3 uMuscle, uMuscleLit;
${LIGHT_GLSL}
void main() {
  vec3 toward = normalize(vToward);
  vec3 n = normalize(vNormal);
  float fibre = 0.88 + 0.12 * sin(6.0 * vPlace.x + 4.0 * vPlace.z + 0.35 * vPlace.y);
  vec3 colour = mix(uMuscle * fibre, uMuscleLit, vPress);
  float dense = clamp(uClear + uLit * vPress, 0.0, 1.0) * smoothstep(0.0, 1.0, vCut);
  if (dense < 0.01) discard;
  gl_FragColor = vec4(lit(colour, n, toward) + 0.35 * vPress * uMuscleLit, dense);
}`;

/**
 * The skin of a leg, which may be told as the mirror image of the other.
 * @param {import("venolymph/recording").Recording} recording
 * @param {string} side
 * @returns {{vertices: Float32Array, triangles: Uint32Array, swellings: Float32Array[]}}
 */
export function skinMesh({head, blocks}, side) {
  const {regions, mirror} = head.skin[side];
  const from = mirror ?? side;
  const turned = (/** @type {Float32Array} */ points) => (mirror ? points.map((x, i) => (i % 3 ? x : -x)) : points);
  const triangles = blocks[`skin.${from}.triangles`];
  return {
    vertices: turned(blocks[`skin.${from}.vertices`]),
    triangles: mirror ? triangles.slice().reverse() : triangles, // so that the outer side stays the outer side
    swellings: regions.map((/** @type {string} */ region) => turned(blocks[`skin.${from}.swelling.${region}`])),
  };
}

/** For each vertex its nearest two lines and the share of the second. @param {ArrayLike<number>} vertices @param {{row: number, points: number[][]}[]} lines @param {number} none row of where there are none */
function nearestTwo(vertices, lines, none) {
  const count = vertices.length / 3;
  const found = new Float32Array(3 * count);
  const thin = lines.map((one) => {
    const points = Float64Array.from(one.points.filter((_, i) => i % 3 === 0).flat());
    const heights = points.filter((_, i) => i % 3 === 1);
    return {row: one.row, points, low: Math.min(...heights), high: Math.max(...heights)};
  });
  for (let v = 0; v < count; v += 1) {
    const x = vertices[3 * v];
    const y = vertices[3 * v + 1];
    const z = vertices[3 * v + 2];
    let [first, second, near, next] = [none, none, Infinity, Infinity];
    for (const {row, points, low, high} of thin) {
      if (Math.max(low - y, y - high, 0) ** 2 > next) continue; // too far up or down to be nearer
      let least = Infinity;
      for (let i = 0; i < points.length; i += 3) {
        const far = (points[i] - x) ** 2 + (points[i + 1] - y) ** 2 + (points[i + 2] - z) ** 2;
        if (far < least) least = far;
      }
      if (least < near) [second, next, first, near] = [first, near, row, least];
      else if (least < next) [second, next] = [row, least];
    }
    const [a, b] = [Math.sqrt(near), Math.sqrt(next)];
    found.set([first, second, Number.isFinite(b) ? Math.min(0.5, Math.max(0, 0.5 - (b - a) / 3)) : 0], 3 * v);
  }
  return found;
}

/** Distance from the cut, 0 at it and 1 from 10 cm on. @param {ArrayLike<number>} vertices @param {number} hip height, cm */
function cutOf(vertices, hip) {
  const count = vertices.length / 3;
  return Float32Array.from({length: count}, (_, v) => {
    const [x, y] = [Math.abs(vertices[3 * v]), vertices[3 * v + 1]];
    return Math.min(1, Math.max(0, (hip + 0.45 * (x - 11) - 3 - y) / 8)); // the plane of the groin rises to the side
  });
}

/** How thick the fat under the skin is drawn, cm. @param {number} y height @param {number} hip */
function fat(y, hip) {
  const share = y / hip;
  if (share < 0.05) return 0.25;
  if (share < 0.15) return 0.25 + (share - 0.05) * 4;
  return 0.65 + 0.6 * Math.min(1, Math.max(0, (share - 0.5) / 0.3));
}

/** @param {import("venolymph/recording").Recording} recording @param {any} shared */
export function makeSkin(recording, shared) {
  const {head} = recording;
  const group = new Group();
  const rows = new Rows(head.compartments.length + 1); // the last stays empty, for where there is no tissue
  const muscles = new Rows(head.muscles.length + 1);
  /** @type {any[]} */
  const sides = [];
  for (const side of Object.keys(head.skin)) {
    const hip = head.joints[side].hip[1];
    const leg = new Group();
    const geometry = new BufferGeometry();
    const {vertices, triangles, swellings} = skinMesh(recording, side);
    geometry.setAttribute('position', new BufferAttribute(vertices, 3));
    geometry.setIndex(new BufferAttribute(triangles, 1));
    geometry.computeVertexNormals();
    const cut = new BufferAttribute(cutOf(vertices, hip), 1);
    geometry.setAttribute('cut', cut);
    const subcutis = linesOf(head.compartments, (one) => one.tissue === 'subcutis' && one.leg === side, shared);
    geometry.setAttribute('places', new BufferAttribute(nearestTwo(vertices, subcutis, head.compartments.length), 3));
    const {regions} = head.skin[side];
    const most = swellings.map((moved, i) => {
      geometry.setAttribute(`swelling${i}`, new BufferAttribute(moved, 3));
      let largest = 1e-9;
      for (let v = 0; v < moved.length; v += 3) largest = Math.max(largest, Math.hypot(moved[v], moved[v + 1], moved[v + 2]));
      return largest;
    });
    const own = {
      ...shared.uniforms, uRows: {value: rows.texture}, uSide: {value: sideNumber(side)}, uMost: {value: most},
      uSwells: {value: Number(recording.has('swelling'))}, uSwollen: {value: [0, 0, 0, 0, 0]}, uSwellingShare: {value: [0, 0, 0, 0, 0]},
      uClear: shared.skin.clear, uDense: shared.skin.dense, uMap: shared.swellingMap,
    };
    shared.skin.faces.forEach((/** @type {any} */ face) => {
      const mesh = new Mesh(geometry, new ShaderMaterial({
        vertexShader: SKIN_VERTEX, fragmentShader: SKIN_FRAGMENT, uniforms: own, side: face, transparent: true, depthWrite: false,
      }));
      mesh.renderOrder = face === FrontSide ? 20 : 1; // what is behind is drawn first
      mesh.frustumCulled = false;
      leg.add(mesh);
    });
    const bodies = musclesOf(recording, shared, side, geometry, muscles);
    leg.add(bodies);
    group.add(leg);
    sides.push({side, regions, uniforms: own, leg, bodies});
  }
  return {
    object3d: group,
    sides,
    /** Which legs are seen. @param {string[]} seen */
    show(seen) {
      for (const {side, leg} of sides) leg.visible = seen.includes(side);
    },
    /** @param {any} frame */
    update({moment, pressed, swellingOf, muscleShare}) {
      head.compartments.forEach((/** @type {any} */ one, /** @type {number} */ row) => rows.set(row, [...pressed(one), 0, 0]));
      head.muscles.forEach((/** @type {any} */ one, /** @type {number} */ row) => muscles.set(row, [muscleShare(one, moment), 0, 0, 0]));
      rows.send();
      muscles.send();
      const pressing = (/** @type {string} */ side) => head.muscles.some((/** @type {any} */ one, /** @type {number} */ row) => one.leg === side && muscles.values[4 * row] > 0.02);
      for (const {side, regions, uniforms, bodies} of sides) {
        bodies.visible = shared.muscle.clear.value > 0.5 || pressing(side); // what is not seen costs nothing
        const all = regions.map((/** @type {string} */ region) => swellingOf(side, region));
        uniforms.uSwollen.value = all.map((/** @type {any} */ one) => one.shown);
        uniforms.uSwellingShare.value = all.map((/** @type {any} */ one) => one.share);
      }
    },
  };
}

/** @param {any[]} things @param {(one: any) => boolean} wanted @param {any} shared */
function linesOf(things, wanted, shared) {
  return things.map((one, row) => ({one, row})).filter(({one}) => wanted(one))
    .map(({one, row}) => ({row, points: shared.lineOf(one.line)}));
}

/** The leg without skin and fat. @param {import("venolymph/recording").Recording} recording @param {any} shared @param {string} side @param {any} skin @param {Rows} rows */
function musclesOf({head}, shared, side, skin, rows) {
  const hip = head.joints[side].hip[1];
  const {position, normal, cut} = skin.attributes;
  const {kept, triangles} = coarser(position.array, skin.index.array, GRAIN);
  const normals = rowsOf(normal.array, 3, kept);
  const vertices = rowsOf(position.array, 3, kept);
  for (let v = 0; v < vertices.length; v += 3) {
    const under = fat(vertices[v + 1], hip);
    for (let k = 0; k < 3; k += 1) vertices[v + k] -= under * normals[v + k];
  }
  const lines = linesOf(head.muscles, (one) => one.leg === side, shared);
  const geometry = new BufferGeometry();
  const columns = {position: vertices, normal: normals, places: nearestTwo(vertices, lines, head.muscles.length)};
  for (const [name, values] of Object.entries(columns)) geometry.setAttribute(name, new BufferAttribute(values, 3));
  geometry.setAttribute('cut', new BufferAttribute(rowsOf(cut.array, 1, kept), 1));
  geometry.setIndex(new BufferAttribute(triangles, 1));
  const mesh = new Mesh(geometry, new ShaderMaterial({
    // mixed with what is behind, but drawn before the veins, whose colours have to be read
    vertexShader: MUSCLE_VERTEX, fragmentShader: MUSCLE_FRAGMENT, blending: CustomBlending,
    uniforms: {...shared.uniforms, uRows: {value: rows.texture}, uSide: {value: sideNumber(side)},
      uClear: shared.muscle.clear, uLit: shared.muscle.lit, uBehind: shared.muscle.behind},
  }));
  shared.muscle.meshes.push(mesh);
  mesh.renderOrder = -1;
  mesh.frustumCulled = false;
  return mesh;
}
