/**
 * Where one looks from. Directions belong to the body: "front" is the front of the leg, standing or lying. As the body
 * lies down it turns in the picture, head to the side, so that lying looks like lying from everywhere.
 */
import {Vector3} from 'three';
import {RADIAN, Viewpoint} from 'venolymph/viewpoint';

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
export class Camera extends Viewpoint {
  constructor() {
    super(26, 'leg');
    this.roll = 1; // to which side the head goes when the body lies
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
    const middle = toWorld(own);
    const towards = (/** @type {number[]} */ d) => toWorld(own.map((one, i) => one + d[i])).sub(middle);
    const back = towards(this.direction());
    const head = towards([0, 1, 0]);
    const up = head.clone().multiplyScalar(Math.cos(turned)).addScaledVector(new Vector3().crossVectors(back, head), Math.sin(turned));
    this.aim(middle, back, up, needed / this.zoom, aspect, 600);
  }
}
