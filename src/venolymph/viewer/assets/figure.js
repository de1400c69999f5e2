/** One recorded person as a scene: everything that is drawn of them, and how it follows the time. */
import {BackSide, FrontSide, Matrix4, Vector3} from 'three';
import {makeBody, makeFloor} from 'venolymph/body';
import {mapRow, share} from 'venolymph/colours';
import {handAt, makeHands} from 'venolymph/hands';
import {PEELS} from 'venolymph/peels';
import {posed, postureOf, setPosture} from 'venolymph/pose';
import {makeSkin, skinMesh} from 'venolymph/skin';
import {VesselFigure} from 'venolymph/vessel_figure';

const RADIAN = Math.PI / 180;
const HAND = [0, 60]; // mmHg of a hand, from clear to full colour
const SLACK = 9; // how far the body rises or sinks in the picture before the camera follows, cm

export class Figure extends VesselFigure {
  /** @param {import("venolymph/recording").Recording} recording @param {any} uniforms what all figures share @param {boolean} alone one of several is drawn more simply */
  constructor(recording, uniforms, alone) {
    const {head} = recording;
    super(recording, uniforms, head.joints, (point) => outward(point, head.joints));
    this.hip = head.joints[head.index_side].hip[1];
    Object.assign(this.shared.uniforms, {uShowSwelling: {value: 0}});
    Object.assign(this.shared, {
      skin: {clear: {value: 0.1}, dense: {value: 0.7}, faces: alone ? [BackSide, FrontSide] : [FrontSide]},
      muscle: {clear: {value: 0.05}, lit: {value: 0.4}, behind: {value: 0}, meshes: []},
      swellingMap: {value: 0},
    });
    this.skin = makeSkin(recording, this.shared);
    this.hands = makeHands(recording, this.shared);
    this.body = makeBody(recording, this.shared);
    this.floor = makeFloor(this.shared);
    this.root.matrixAutoUpdate = false;
    for (const one of [this.vessels, this.valves, this.skin, this.lymph, this.hands, this.body]) this.root.add(one.object3d);
    this.scene.add(this.floor);
    /** @type {string[]} */
    this.seen = ['left', 'right'];
    this.soles = solesOf(recording);
    this.posture = postureOf([90, 0, 0, 0, 0, 0, 0, 0, 0]);
    this.tiltMatrix = new Matrix4();
    this.rollMatrix = new Matrix4();
    this.roll = 0; // of the body about its length, 0 on the back, degrees
    this.lift = 0; // of the body over where it stands straight, cm
    this.garments = new Map((head.garments ?? []).map((/** @type {any} */ one) => [`${one.leg} ${one.region}`, one.row]));
  }

  /** Show a time. @param {number} time s @param {any} view the state of the viewer @param {Figure | null} reference to subtract */
  update(time, view, reference) {
    const {recording, shared} = this;
    const moment = recording.at(time);
    if (!moment) return;
    this.stand(recording.pose(moment));
    const peel = PEELS[/** @type {keyof typeof PEELS} */ (view.layer)];
    const colours = this.colour(moment, view, reference, peel.veins);
    shared.swellingMap.value = mapRow('swelling');
    shared.uniforms.uShowSwelling.value = view.mode === 'swelling' ? 1 : 0;
    [shared.skin.clear.value, shared.skin.dense.value] = peel.skin;
    [shared.muscle.clear.value, shared.muscle.lit.value] = peel.muscle;
    shared.muscle.behind.value = view.layer === 'fascia' ? 1.6 : 0;
    this.showSides(view);
    for (const mesh of shared.muscle.meshes) mesh.material.depthWrite = view.layer === 'fascia';
    this.lymph.object3d.visible = view.lymph;
    const frame = {
      moment, posture: this.posture, ...colours,
      pressed: (/** @type {any} */ one) => this.pressed(one, moment),
      swellingOf: (/** @type {string} */ side, /** @type {string} */ region) => this.swelling(side, region, moment, view.swollen),
      muscleShare: (/** @type {any} */ one) => this.muscleShare(one, moment),
    };
    for (const one of [this.vessels, this.valves, this.skin, this.lymph, this.hands]) one.update(frame);
  }

  /** Whether a thing belongs to a leg that is seen now. @param {any} thing */
  isSeen(thing) {
    return !['left', 'right'].includes(thing.leg) || this.seen.includes(thing.leg);
  }

  /** What the therapist does at a time, in words; empty where nothing. @param {number} time s */
  handWords(time) {
    const hand = handAt(this.recording.head.hands ?? [], time);
    if (!hand) return '';
    return `hand: ${hand.title}, ${hand.pressure} mmHg${hand.from ? '' : ' (not on the leg)'}`;
  }

  /** Hide the other leg where it would stand before the one in question. @param {any} view */
  showSides(view) {
    const {index_side: side, sides} = this.recording.head;
    const inward = (side === 'right' ? -1 : 1) * view.azimuth;
    const alone = sides.length < 2 && (!['leg', 'body'].includes(view.frame) || (inward > -150 && inward < -60));
    const seen = alone ? [side] : ['left', 'right'];
    this.shared.uniforms.uSides.value = ['left', 'right'].map((one) => Number(seen.includes(one)));
    this.seen = seen;
    this.skin.show(seen);
  }

  /** Shares of a hand's and a garment's pressure on a place of tissue. @param {any} place @param {any} moment */
  pressed(place, moment) {
    const {recording} = this;
    const hand = place.row === null || !recording.has('hand') ? 0 : recording.valueIn('hand', place.row, moment);
    const row = this.garments.get(`${place.leg} ${place.region}`);
    const worn = row === undefined || !recording.has('garment') ? 0 : recording.valueIn('garment', row, moment);
    const top = recording.has('garment') ? recording.head.quantities.garment.range[1] : 60;
    return [share(hand || 0, HAND, 'hand'), Math.max(0, (worn || 0) / top)];
  }

  /** @param {any} muscle @param {any} moment */
  muscleShare(muscle, moment) {
    const value = muscle.row === null || !this.recording.has('muscle') ? 0 : this.recording.valueIn('muscle', muscle.row, moment);
    const [, high] = this.recording.has('muscle') ? this.recording.head.quantities.muscle.range : [0, 1];
    return Math.min(1, Math.max(0, (value || 0) / high));
  }

  /** @param {string} side @param {string} region @param {any} moment @param {number} times exaggeration */
  swelling(side, region, moment, times) {
    if (!this.recording.has('swelling')) return {shown: 0, share: 0};
    const {rows, range} = this.recording.head.quantities.swelling;
    const value = this.recording.valueIn('swelling', rows.indexOf(`${side} ${region}`), moment) || 0;
    return {shown: times * value, share: share(value, range, 'swelling') - 0.5};
  }

  /** Bend the body and put it on the floor. @param {number[]} numbers a row of poses */
  stand(numbers) {
    this.posture = postureOf(numbers);
    setPosture(this.shared.uniforms, this.posture);
    const {joints, index_side: side} = this.recording.head;
    const pivot = [0, 0.5 * this.hip, joints[side].knee[2]];
    const turn = new Matrix4().makeRotationX(this.posture.tilt - Math.PI / 2);
    this.tiltMatrix = new Matrix4().makeTranslation(0, pivot[1], pivot[2]).multiply(turn)
      .multiply(new Matrix4().makeTranslation(0, -pivot[1], -pivot[2]));
    const degrees = numbers[0];
    const upright = Math.min(1, Math.max(0, (degrees - 30) / 45));
    const lowest = Math.min(...this.soles.map(({point, leg}) =>
      new Vector3(...posed(point, leg, this.posture, joints)).applyMatrix4(this.tiltMatrix).y));
    const rest = Math.min(...this.soles.map(({point}) => point[1]));
    this.lift = upright * (rest - lowest);
    this.roll = numbers[9] ?? 0;
    this._turnOver(this.roll * RADIAN);
    this.root.matrix.makeTranslation(0, this.lift, 0).multiply(this.tiltMatrix).multiply(this.rollMatrix);
    this.root.matrixWorldNeedsUpdate = true;
    this.root.updateMatrixWorld(true);
    this.floor.position.set(0, rest, pivot[2]);
    this.floor.updateMatrixWorld();
    setDense(this.floor, 0.28 * upright);
    const sits = smooth(45, 75, degrees) * smooth(50, 75, Math.min(...Object.values(this.posture.legs).map(({hip}) => hip / RADIAN)));
    setDense(this.body.seat, 0.45 * sits);
    setDense(this.body.couch, 0.3 * Math.min(1, Math.max(0, (80 - degrees) / 15)));
  }

  /** Turn the body about its length on the couch, which stays where it is. @param {number} angle rad */
  _turnOver(angle) {
    const {hip} = this.recording.head.joints[this.recording.head.index_side];
    this.rollMatrix = new Matrix4().makeTranslation(0, 0, hip[2]).multiply(new Matrix4().makeRotationY(angle))
      .multiply(new Matrix4().makeTranslation(0, 0, -hip[2]));
    const {couch} = this.body;
    couch.matrixAutoUpdate = false;
    couch.matrix.copy(this.rollMatrix).invert().multiply(new Matrix4().makeTranslation(...couch.position.toArray()));
  }

  /** Where a point of the straight body is in the room. @param {number[]} point @param {string} leg */
  inRoom(point, leg) {
    return new Vector3(...posed(point, leg, this.posture, this.recording.head.joints)).applyMatrix4(this.root.matrix);
  }

  /** What a camera needs to know to follow. @param {string} frame what part it shows @param {number} height of its middle, cm */
  pose(frame, height) {
    const {lift, posture, tiltMatrix} = this;
    const {joints, index_side: side} = this.recording.head;
    const beyond = Math.sign(lift) * Math.max(0, Math.abs(lift) - SLACK);
    const {knee} = joints[side];
    const straight = [knee[0], height, knee[2]];
    // in walking the leg moves in the picture; where it is held elsewhere, or only a part is seen, the picture follows
    const held = Math.max(smooth(60, 30, posture.tilt / RADIAN), smooth(45, 65, posture.legs[side].hip / RADIAN));
    const follows = frame === 'body' ? 0 : frame === 'leg' ? held : 1;
    const bent = posed(straight, side, posture, joints);
    const middle = straight.map((one, i) => one + follows * (bent[i] - one));
    return {
      tilt: posture.tilt,
      hip: this.hip,
      /** @type {number[]} whoever looks on does not turn with the body */
      middle: new Vector3(...middle).applyMatrix4(this.rollMatrix).toArray(),
      toWorld: (/** @type {number[]} */ point) => {
        const moved = new Vector3(...point).applyMatrix4(tiltMatrix);
        moved.y += follows > 0.99 ? lift : beyond;
        return moved;
      },
    };
  }
}

/** How dense a plain shape is; what is not seen costs nothing. @param {any} mesh @param {number} dense 0 to 1 */
function setDense(mesh, dense) {
  mesh.material.uniforms.uDense.value = dense;
  mesh.visible = dense > 0;
}

/** From 0 at one value to 1 at another. @param {number} from @param {number} to @param {number} x */
function smooth(from, to, x) {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Direction from the middle of the limb to the skin. @param {number[]} point @param {any} joints */
function outward([x, y, z], joints) {
  const {hip, knee, ankle} = joints[x >= 0 ? 'left' : 'right'];
  const [low, high] = y < knee[1] ? [ankle, knee] : [knee, hip];
  const at = Math.min(1, Math.max(0, (y - low[1]) / (high[1] - low[1])));
  const along = [0, 2].map((i) => low[i] + at * (high[i] - low[i]));
  const away = y < ankle[1] - 1 ? [x - ankle[0], y + 5, 0.2 * (z - ankle[2])] : [x - along[0], 0, z - along[1]];
  const size = Math.hypot(...away) || 1;
  return away.map((one) => one / size);
}

/** Points of the soles, enough to find the lowest one. @param {import("venolymph/recording").Recording} recording */
function solesOf(recording) {
  return Object.keys(recording.head.skin).flatMap((leg) => {
    const {vertices} = skinMesh(recording, leg);
    const found = [];
    for (let v = 0; v < vertices.length; v += 3) {
      if (vertices[v + 1] < -4.5 && (v / 3) % 7 === 0) found.push({leg, point: [vertices[v], vertices[v + 1], vertices[v + 2]]});
    }
    return found;
  });
}
