/**
 * What materials share: light that comes from beside the viewer, whatever they look at, and a table of numbers per thing
 * that is written anew for each frame.
 */
import {DataTexture, FloatType, NearestFilter, RGBAFormat} from 'three';

/** Light on a surface: a sky, a lamp at the upper left, and a bright edge. Normals and directions in the camera's view. */
export const LIGHT_GLSL = /* glsl */ `
vec3 lit(vec3 colour, vec3 n, vec3 toward) {
  float sky = 0.62 + 0.38 * n.y;
  float lamp = max(0.0, dot(n, normalize(vec3(-0.45, 0.55, 0.7))));
  float shine = pow(max(0.0, dot(n, normalize(normalize(vec3(-0.45, 0.55, 0.7)) + toward))), 28.0);
  return colour * (0.7 * sky + 0.68 * lamp) + 0.14 * shine;
}`;

/** Colours by row of the table of maps; below 0 is no value. */
export const MAP_GLSL = /* glsl */ `
uniform sampler2D uMaps;
uniform float uMap; // middle of the row, 0 to 1
uniform vec3 uNoValue;
vec3 mapped(float at) {
  return at < -0.001 ? uNoValue : texture2D(uMaps, vec2(clamp(at, 0.002, 0.998), uMap)).rgb;
}`;

/** A row of four numbers for each thing, which the vertex shader reads. */
export class Rows {
  /** @param {number} count */
  constructor(count) {
    this.values = new Float32Array(4 * Math.max(1, count));
    this.texture = new DataTexture(this.values, Math.max(1, count), 1, RGBAFormat, FloatType);
    this.texture.minFilter = NearestFilter;
    this.texture.magFilter = NearestFilter;
  }

  /** @param {number} row @param {number[]} four */
  set(row, four) {
    this.values.set(four, 4 * row);
  }

  /** Hand the numbers over to the picture. */
  send() {
    this.texture.needsUpdate = true;
  }
}

/** The sides that shaders know. @param {string} leg */
export function sideNumber(leg) {
  return leg === 'left' ? 0 : leg === 'right' ? 1 : -1;
}
