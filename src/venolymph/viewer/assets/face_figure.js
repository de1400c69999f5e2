/** One recorded face as a scene: everything that is drawn of it, and how it follows the time. */
import {Quaternion, Raycaster, Vector2, Vector3} from 'three';
import {mapRow} from 'venolymph/colours';
import {MODES} from 'venolymph/colouring';
import {FaceRegions, SKIN_MAPS} from 'venolymph/face_regions';
import {makeFaceScene} from 'venolymph/face_scene';
import {makeFaceSkin} from 'venolymph/face_skin';
import {FACE_PEELS} from 'venolymph/peels';
import {VesselFigure} from 'venolymph/vessel_figure';

const RADIAN = Math.PI / 180;
const NOWHERE = {hip: [0, 0, 0], knee: [0, 0, 0], ankle: [0, 0, 0]}; // no joint bends what belongs to no leg
const UP = new Vector3(0, 1, 0);

export class FaceFigure extends VesselFigure {
  /** @param {import("venolymph/recording").Recording} recording @param {any} uniforms what all figures share */
  constructor(recording, uniforms) {
    super(recording, uniforms, {left: NOWHERE, right: NOWHERE}, outward);
    this.scale = recording.head.face.scale;
    this.shared.uniforms.uLeast.value = 0.06;
    this.regions = new FaceRegions(recording);
    this.skin = makeFaceSkin(recording, this.shared, this.regions);
    this.around = makeFaceScene(recording, this.shared);
    for (const one of [this.vessels, this.valves, this.skin, this.lymph, this.around]) this.root.add(one.object3d);
    this.toRoom = new Quaternion(); // turns the head's own axes to those of the room
    this.roll = 0; // seen with the head, nothing turns about it
    this.up = [0, 1, 0]; // direction that is up in the room, in the head's own axes
  }

  /** Show a time. @param {number} time s @param {any} view the state of the viewer @param {FaceFigure | null} reference to subtract */
  update(time, view, reference) {
    const {recording} = this;
    const moment = recording.at(time);
    if (!moment) return;
    this.lie(recording.pose(moment));
    const {clear, veins} = FACE_PEELS[/** @type {keyof typeof FACE_PEELS} */ (view.layer)];
    const colours = this.colour(moment, view, reference, veins);
    this.lymph.object3d.visible = view.lymph && view.layer !== 'skin';
    this.vessels.object3d.visible = view.layer !== 'skin';
    this.valves.object3d.visible = view.layer !== 'skin';
    this.skin.peel(clear);
    const {map, quantity} = MODES[view.mode];
    this.skin.uniforms.uMapped.value = SKIN_MAPS.has(view.mode) ? 1 : 0;
    this.skin.uniforms.uMap.value = mapRow(map);
    this.skin.update(moment, view, {map, quantity});
    this.around.eyes.visible = view.layer === 'skin';
    const frame = {moment, ...colours};
    if (view.layer !== 'skin') for (const one of [this.vessels, this.valves, this.lymph]) one.update(frame);
  }

  /** Lie or sit as the run does. @param {number[]} numbers elevation of the trunk and of the head's axes, degrees */
  lie([, up, forward, left]) {
    this.up = [left, up, forward].map((one) => Math.sin(one * RADIAN));
    this.toRoom.setFromUnitVectors(new Vector3(...this.up).normalize(), UP);
    this.around.lay(this.up, up);
  }

  /** Whether a thing is seen. @param {any} thing */
  isSeen(thing) {
    return Boolean(thing);
  }

  /** What hands do is seen on the skin. @param {number} _time */
  handWords(_time) {
    return '';
  }

  /** Where a point is in the picture's own axes: those of the head. @param {number[]} point */
  inRoom(point) {
    return new Vector3(...point);
  }

  /** The region of the skin that a ray from the camera meets. @param {any} camera @param {number} x @param {number} y from -1 to 1 */
  regionAt(camera, x, y) {
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2(x, y), camera);
    const {mesh} = this.skin;
    mesh.geometry.boundingSphere = null; // the mesh moved
    const [hit] = ray.intersectObject(mesh);
    if (!hit?.face) return null;
    const {blocks, head} = this.recording;
    const slots = Array.from({length: 6}, (_, k) => 6 * Number(hit.face?.a) + k);
    const best = slots.reduce((a, b) => (blocks['face.shares'][b] > blocks['face.shares'][a] ? b : a));
    const name = head.face.regions[blocks['face.regions'][best]];
    return this.things.find((one) => one.kind === 'tissue' && one.name === name) ?? null;
  }

  /** The colour of a region of the skin. @param {any} thing @param {any} moment @param {string} tone @returns {number[]} linear red, green and blue */
  colourOf(thing, moment, tone) {
    return this.regions.colour(this.recording.head.face.regions.indexOf(thing.name), moment, tone);
  }
}

/** Direction from the middle of the head to the skin, level. @param {number[]} point */
function outward([x, , z]) {
  const size = Math.hypot(x, z + 1) || 1;
  return [x / size, 0, (z + 1) / size];
}
