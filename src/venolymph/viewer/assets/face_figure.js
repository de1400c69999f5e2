/** One recorded face as a scene: everything that is drawn of it, and how it follows the time. */
import {Group, Quaternion, Raycaster, Scene, Vector2, Vector3} from 'three';
import {mapRow} from 'venolymph/colours';
import {MODES, colouring} from 'venolymph/colouring';
import {FaceRegions, SKIN_MAPS} from 'venolymph/face_regions';
import {makeFaceScene} from 'venolymph/face_scene';
import {makeFaceSkin} from 'venolymph/face_skin';
import {makeLymph} from 'venolymph/lymph';
import {FACE_PEELS} from 'venolymph/peels';
import {poseUniforms} from 'venolymph/pose';
import {thingsOf} from 'venolymph/things';
import {makeValves} from 'venolymph/valves';
import {makeVessels} from 'venolymph/vessels';

const RADIAN = Math.PI / 180;
const NOWHERE = {hip: [0, 0, 0], knee: [0, 0, 0], ankle: [0, 0, 0]}; // no joint bends what belongs to no leg
const UP = new Vector3(0, 1, 0);

export class FaceFigure {
  /** @param {import("venolymph/recording").Recording} recording @param {any} uniforms what all figures share */
  constructor(recording, uniforms) {
    this.recording = recording;
    const {head, blocks} = recording;
    this.scale = head.face.scale;
    /** Points of a line, cm. @param {number[]} line */
    this.lineOf = ([first, count]) => Array.from({length: count}, (_, i) => [...blocks.points.subarray(3 * (first + i), 3 * (first + i) + 3)]);
    this.names = new Map(head.vessels.map((/** @type {any} */ one) => [one.name, one]));
    /** @type {any} */
    this.shared = {
      uniforms: {
        ...uniforms, ...poseUniforms({left: NOWHERE, right: NOWHERE}), uPicked: {value: [-9, -9]}, uMap: {value: 0}, uExaggerated: {value: 1},
        uLayers: {value: [1, 1, 1]}, uMarks: {value: 1}, uLeast: {value: 0.06}, uSides: {value: [1, 1]},
      },
      lineOf: this.lineOf,
      outward: (/** @type {number[]} */ [x, , z]) => [x / (Math.hypot(x, z + 1) || 1), 0, (z + 1) / (Math.hypot(x, z + 1) || 1)],
    };
    this.regions = new FaceRegions(recording);
    this.skin = makeFaceSkin(recording, this.shared, this.regions);
    this.vessels = makeVessels(recording, this.shared);
    this.valves = makeValves(recording, this.shared);
    this.lymph = makeLymph(recording, this.shared);
    this.around = makeFaceScene(recording, this.shared);
    this.root = new Group();
    for (const one of [this.vessels, this.valves, this.skin, this.lymph, this.around]) this.root.add(one.object3d);
    this.scene = new Scene();
    this.scene.add(this.root);
    this.things = thingsOf(recording, this.lineOf);
    this.toRoom = new Quaternion(); // turns the head's own axes to those of the room
    this.roll = 0; // seen with the head, nothing turns about it
    this.up = [0, 1, 0]; // direction that is up in the room, in the head's own axes
  }

  /** Show a time. @param {number} time s @param {any} view the state of the viewer @param {FaceFigure | null} reference to subtract */
  update(time, view, reference) {
    const {recording, shared} = this;
    const moment = recording.at(time);
    if (!moment) return;
    this.lie(recording.pose(moment));
    const other = reference && {recording: reference.recording, moment: reference.recording.at(time), names: reference.names};
    const colours = colouring(recording, view.mode, moment, other, (row) => this.vessels.journeys.isReflux(moment, row));
    const {clear, veins} = FACE_PEELS[/** @type {keyof typeof FACE_PEELS} */ (view.layer)];
    const {uniforms} = shared;
    uniforms.uMap.value = mapRow(colours.map);
    uniforms.uExaggerated.value = view.exaggeration;
    uniforms.uLayers.value = veins;
    uniforms.uMarks.value = view.mode === 'valves' || view.mode === 'lymph' ? 0.35 : 1;
    this.valves.material.uniforms.uMap.value = mapRow('opening');
    this.valves.material.uniforms.uByMap.value = view.mode === 'valves' ? 1 : 0;
    this.lymph.material.uMap.value = mapRow('pressure');
    this.lymph.material.uByMap.value = view.mode === 'lymph' ? 1 : 0;
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

  /** Light up what is pointed at and what is in focus. @param {(any | null)[]} things */
  pick(things) {
    const rows = (/** @type {string} */ kind) => [0, 1].map((i) => (things[i]?.kind === kind ? things[i].index : -9));
    this.shared.uniforms.uPicked.value = rows('vein');
    this.valves.material.uniforms.uPicked.value = rows('valve');
    this.lymph.material.uPicked.value = rows('collector');
    this.lymph.nodeMaterial.uPicked.value = rows('node');
  }
}
