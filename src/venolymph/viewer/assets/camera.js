/**
 * Where one looks from. Directions belong to the body: "front" is the front of the leg, standing or lying. As the body
 * lies down it turns in the picture, head to the side, so that lying looks like lying from everywhere.
 */
import {PerspectiveCamera, Vector3} from 'three';

const FIELD = 26; // degrees
const TAN = Math.tan((FIELD * Math.PI) / 360);
const RADIAN = Math.PI / 180;

/** Directions by name: azimuth from the front, positive to the outer side of the leg in question, degrees. */
export const DIRECTIONS = {front: 0, inner: -100, outer: 75, back: 180, slant: -38};

/** What is in the picture: from and to, in shares of the hip's height over the malleolus, and the width in the same. */
export const FRAMES = {
  body: {title: 'Whole body', from: -0.14, to: 2.08, width: 0.8},
  leg: {title: 'Leg', from: -0.14, to: 1.14, width: 0.72},
  thigh: {title: 'Thigh', from: 0.5, to: 1.12, width: 0.34},
  calf: {title: 'Calf', from: -0.02, to: 0.56, width: 0.3},
  foot: {title: 'Foot', from: -0.13, to: 0.2, width: 0.3},
};

/** A camera that goes round the body. */
export class Camera {
  constructor() {
    this.three = new PerspectiveCamera(FIELD, 1, 5, 3000);
    this.azimuth = -38; // of the body, degrees
    this.elevation = 4;
    this.zoom = 1;
    this.pan = [0, 0]; // cm across and up the picture
    this.frame = 'leg';
    this.shownHeight = 0; // how much the picture shows from top to bottom, cm
    this.roll = 1; // to which side the head goes when the body lies
  }

  /** Look from a direction. @param {string} name of DIRECTIONS @param {string} side of the leg */
  look(name, side) {
    const sign = side === 'right' ? -1 : 1;
    this.azimuth = sign * DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (name)];
    this.elevation = 4;
    this.pan = [0, 0];
  }

  /** Go round by degrees. @param {number} around @param {number} up */
  orbit(around, up) {
    this.azimuth = ((this.azimuth + around + 540) % 360) - 180;
    this.elevation = Math.min(80, Math.max(-60, this.elevation + up));
  }

  /** @param {number} factor */
  zoomBy(factor) {
    this.zoom = Math.min(12, Math.max(0.4, this.zoom * factor));
  }

  /**
   * Put the camera where it belongs.
   * @param {number} aspect width over height of the picture
   * @param {import("venolymph/figure").Figure} figure
   */
  place(aspect, figure) {
    const {from, to, width} = FRAMES[/** @type {keyof typeof FRAMES} */ (this.frame)];
    const {tilt, hip, middle: own, toWorld} = figure.pose(this.frame, 0.5 * (from + to) * figure.hip);
    const sideways = Math.sin(this.azimuth * RADIAN);
    if (Math.abs(sideways) > 0.3) this.roll = Math.sign(sideways);
    const turned = this.roll * (Math.PI / 2 - tilt);
    const [c, s] = [Math.abs(Math.cos(turned)), Math.abs(Math.sin(turned))];
    const [tall, wide] = [(to - from) * hip, width * hip];
    const needed = Math.max(tall * c + wide * s, (tall * s + wide * c) / aspect);
    const distance = needed / (2 * TAN * this.zoom);
    const [a, e] = [this.azimuth * RADIAN, this.elevation * RADIAN];
    const middle = toWorld(own);
    const direction = (/** @type {number[]} */ d) => toWorld(own.map((one, i) => one + d[i])).sub(middle);
    const back = direction([Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)]);
    const head = direction([0, 1, 0]);
    const up = head.clone().multiplyScalar(Math.cos(turned)).addScaledVector(new Vector3().crossVectors(back, head), Math.sin(turned));
    const {three} = this;
    three.aspect = aspect;
    three.near = 0.05 * distance;
    three.far = distance + 600;
    three.up.copy(up);
    three.position.copy(middle).addScaledVector(back, distance);
    three.lookAt(middle);
    three.updateMatrixWorld();
    const [across, upward] = [new Vector3(), new Vector3()];
    three.matrixWorld.extractBasis(across, upward, new Vector3());
    three.position.addScaledVector(across, -this.pan[0]).addScaledVector(upward, -this.pan[1]);
    three.updateProjectionMatrix();
    three.updateMatrixWorld();
    this.shownHeight = needed / this.zoom
  }
}
