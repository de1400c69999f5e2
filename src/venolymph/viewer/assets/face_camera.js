/** Where one looks at a face from: with the head, whose crown is then up in the picture however it lies, or in the room. */
import {PerspectiveCamera, Vector3} from 'three';

const FIELD = 20; // degrees
const TAN = Math.tan((FIELD * Math.PI) / 360);
const RADIAN = Math.PI / 180;

/** Directions by name: azimuth from the front, positive to the left side of the face, degrees. */
export const FACE_DIRECTIONS = {front: 0, slant: 35, left: 90, right: -90, back: 180};

/** What is in the picture: its middle, and how high and wide it is, cm of the reference head. */
export const FACE_FRAMES = {
  face: {title: 'Face', middle: [0, 29, 2], tall: 24, wide: 19},
  eyes: {title: 'Eyes', middle: [0, 30, 6], tall: 8, wide: 13},
  head: {title: 'Head and neck', middle: [0, 25, 0], tall: 38, wide: 24},
  neck: {title: 'Neck', middle: [0, 15, 1], tall: 24, wide: 20},
  body: {title: 'To the heart', middle: [0, 19, 0], tall: 52, wide: 44},
};

/** A camera that goes round a head. */
export class FaceCamera {
  constructor() {
    this.three = new PerspectiveCamera(FIELD, 1, 5, 3000);
    this.azimuth = 0;
    this.elevation = 0;
    this.zoom = 1;
    this.pan = [0, 0];
    this.frame = 'face';
    this.held = 'face';
    this.shownHeight = 0;
  }

  /** Put the camera where it belongs. @param {number} aspect width over height @param {any} figure */
  place(aspect, figure) {
    const {middle, tall, wide} = FACE_FRAMES[/** @type {keyof typeof FACE_FRAMES} */ (this.frame)];
    const {scale, toRoom} = figure;
    const needed = scale * Math.max(tall, wide / aspect, this.held === 'room' ? Math.max(wide, tall / aspect) : 0) / this.zoom;
    const distance = needed / (2 * TAN);
    const [a, e] = [this.azimuth * RADIAN, this.elevation * RADIAN];
    const back = new Vector3(Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e));
    const up = new Vector3(0, 1, 0);
    if (this.held === 'room') {
      const toHead = toRoom.clone().invert();
      back.applyQuaternion(toHead);
      up.applyQuaternion(toHead);
    }
    const target = new Vector3(...middle).multiplyScalar(scale);
    const {three} = this;
    three.aspect = aspect;
    three.near = 0.05 * distance;
    three.far = distance + 200;
    three.up.copy(up);
    three.position.copy(target).addScaledVector(back, distance);
    three.lookAt(target);
    three.updateMatrixWorld();
    const [across, upward] = [new Vector3(), new Vector3()];
    three.matrixWorld.extractBasis(across, upward, new Vector3());
    three.position.addScaledVector(across, -this.pan[0]).addScaledVector(upward, -this.pan[1]);
    three.updateProjectionMatrix();
    three.updateMatrixWorld();
    this.shownHeight = needed;
  }
}
