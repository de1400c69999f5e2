/** What is drawn of a leg and of a face alike: veins, valves and lymph vessels in the colours of what is shown of them. */
import {Group, Scene} from 'three';
import {mapRow} from 'venolymph/colours';
import {colouring} from 'venolymph/colouring';
import {makeLymph} from 'venolymph/lymph';
import {poseUniforms} from 'venolymph/pose';
import {thingsOf} from 'venolymph/things';
import {makeValves} from 'venolymph/valves';
import {makeVessels} from 'venolymph/vessels';

const BESIDE = new Set(['valves', 'lymph', 'swelling']); // modes that are not about blood in veins

export class VesselFigure {
  /**
   * @param {import("venolymph/recording").Recording} recording @param {any} uniforms what all figures share
   * @param {any} joints about which the body bends @param {(point: number[]) => number[]} outward direction to the skin
   */
  constructor(recording, uniforms, joints, outward) {
    this.recording = recording;
    const {head, blocks} = recording;
    /** Points of a line, cm. @param {number[]} line */
    this.lineOf = ([first, count]) => Array.from({length: count}, (_, i) => [...blocks.points.subarray(3 * (first + i), 3 * (first + i) + 3)]);
    this.names = new Map(head.vessels.map((/** @type {any} */ one) => [one.name, one]));
    /** @type {any} */
    this.shared = {
      uniforms: {
        ...uniforms, ...poseUniforms(joints), uPicked: {value: [-9, -9]}, uMap: {value: 0}, uExaggerated: {value: 1},
        uLayers: {value: [1, 1, 1]}, uMarks: {value: 1}, uLeast: {value: 0.02}, uSides: {value: [1, 1]},
      },
      lineOf: this.lineOf,
      outward,
    };
    this.vessels = makeVessels(recording, this.shared);
    this.valves = makeValves(recording, this.shared);
    this.lymph = makeLymph(recording, this.shared);
    this.root = new Group();
    this.scene = new Scene();
    this.scene.add(this.root);
    this.things = thingsOf(recording, this.lineOf);
  }

  /**
   * Colours of all vessels at a moment.
   * @param {any} moment @param {any} view the state of the viewer @param {any} reference figure to subtract, or null
   * @param {number[]} layers how much of each layer of veins is seen
   */
  colour(moment, view, reference, layers) {
    const other = reference && {recording: reference.recording, moment: reference.recording.at(moment.time), names: reference.names};
    const colours = colouring(this.recording, view.mode, moment, other, (row) => this.vessels.journeys.isReflux(moment, row));
    const {uniforms} = this.shared;
    uniforms.uMap.value = mapRow(colours.map);
    uniforms.uExaggerated.value = view.exaggeration;
    uniforms.uLayers.value = layers;
    uniforms.uMarks.value = BESIDE.has(view.mode) ? 0.35 : 1;
    this.valves.material.uniforms.uMap.value = mapRow('opening');
    this.valves.material.uniforms.uByMap.value = view.mode === 'valves' ? 1 : 0;
    this.lymph.material.uMap.value = mapRow('pressure');
    this.lymph.material.uByMap.value = view.mode === 'lymph' ? 1 : 0;
    return colours;
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
