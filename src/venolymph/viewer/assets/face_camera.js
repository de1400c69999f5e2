/** Where one looks at a face from: with the head, whose crown is then up in the picture however it lies, or in the room. */
import {Vector3} from 'three';
import {Viewpoint} from 'venolymph/viewpoint';

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
export class FaceCamera extends Viewpoint {
  constructor() {
    super(20, 'face');
    this.held = 'face';
  }

  /** Put the camera where it belongs. @param {number} aspect width over height @param {any} figure */
  place(aspect, figure) {
    const {middle, tall, wide} = FACE_FRAMES[/** @type {keyof typeof FACE_FRAMES} */ (this.frame)];
    const {scale, toRoom} = figure;
    const needed = scale * Math.max(tall, wide / aspect, this.held === 'room' ? Math.max(wide, tall / aspect) : 0);
    const back = new Vector3(...this.direction());
    const up = new Vector3(0, 1, 0);
    if (this.held === 'room') {
      const toHead = toRoom.clone().invert();
      back.applyQuaternion(toHead);
      up.applyQuaternion(toHead);
    }
    this.aim(new Vector3(...middle).multiplyScalar(scale), back, up, needed / this.zoom, aspect, 200);
  }
}
