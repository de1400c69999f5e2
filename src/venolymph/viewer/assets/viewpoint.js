/** What cameras of a leg and of a face have in common: from where they look, and how they are aimed at what they show. */
import {PerspectiveCamera, Vector3} from 'three';

export const RADIAN = Math.PI / 180;

/** A camera that goes round something; what it shows, and from where, the page sets at each picture. */
export class Viewpoint {
  /** @param {number} field of view from top to bottom, degrees @param {string} frame what is in the picture at first */
  constructor(field, frame) {
    this.three = new PerspectiveCamera(field, 1, 5, 3000);
    this.tangent = Math.tan(0.5 * field * RADIAN);
    this.azimuth = 0; // degrees from the front
    this.elevation = 0;
    this.zoom = 1;
    this.pan = [0, 0]; // cm across and up the picture
    this.frame = frame;
    this.shownHeight = 0; // how much the picture shows from top to bottom, cm
  }

  /** Where the camera lies, seen from what it shows: of length one, first to the side, then up, then to the front. */
  direction() {
    const [a, e] = [this.azimuth * RADIAN, this.elevation * RADIAN];
    return [Math.sin(a) * Math.cos(e), Math.sin(e), Math.cos(a) * Math.cos(e)];
  }

  /**
   * Put the camera where the picture is as high as asked.
   * @param {Vector3} target in the middle of the picture @param {Vector3} back from there to the camera @param {Vector3} up
   * @param {number} shown height of the picture, cm @param {number} aspect width over height
   * @param {number} beyond how far behind the target one still sees, cm
   */
  aim(target, back, up, shown, aspect, beyond) {
    const {three} = this;
    const distance = shown / (2 * this.tangent);
    three.aspect = aspect;
    three.near = 0.05 * distance;
    three.far = distance + beyond;
    three.up.copy(up);
    three.position.copy(target).addScaledVector(back, distance);
    three.lookAt(target);
    three.updateMatrixWorld();
    const [across, upward] = [new Vector3(), new Vector3()];
    three.matrixWorld.extractBasis(across, upward, new Vector3());
    three.position.addScaledVector(across, -this.pan[0]).addScaledVector(upward, -this.pan[1]);
    three.updateProjectionMatrix();
    three.updateMatrixWorld();
    this.shownHeight = shown;
  }
}
