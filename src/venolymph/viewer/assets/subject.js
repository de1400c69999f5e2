/** What a leg and a face are shown with: figure, camera, parts, layers, and the state that a page begins with. */
import {Camera, DIRECTIONS, FRAMES} from 'venolymph/camera';
import {FACE_DIRECTIONS, FACE_FRAMES, FaceCamera} from 'venolymph/face_camera';
import {FaceFigure} from 'venolymph/face_figure';
import {SKIN_MAPS} from 'venolymph/face_regions';
import {Figure} from 'venolymph/figure';
import {FACE_PEELS, FACE_PEEL_TITLES, PEELS, PEEL_TITLES} from 'venolymph/peels';
import {DEFAULTS} from 'venolymph/state';
import {SPEEDS} from 'venolymph/timeline';

const SHOWN_IN = 30; // s in which a whole run of a face is played, so that a night is seen to swell

const LEG = {
  name: 'leg', frames: FRAMES, directions: DIRECTIONS, peels: PEELS, peelTitles: PEEL_TITLES,
  views: [['slant', 'front, slant'], ['front', 'front'], ['inner', 'inner side'], ['outer', 'outer side'], ['back', 'back']],
  firstPins: ['vein:great saphenous, calf [2]', 'vein:posterior tibial [3]'],
  makeCamera: () => new Camera(),
  makeFigure: (/** @type {any[]} */ ...given) => new Figure(given[0], given[1], given[2]),
  /** @param {any} recording */
  usual: (recording) => ({
    lymph: recording.has('lymph_volume'), azimuth: (recording.head.index_side === 'right' ? -1 : 1) * DEFAULTS.azimuth,
  }),
  /** Azimuths are told towards the outer side of the leg in question. @param {any} head */
  sign: (head) => (head.index_side === 'right' ? -1 : 1),
  /** @param {any} _mode @param {string} layer */
  layerFor: (_mode, layer) => layer,
};

const FACE = {
  name: 'face', frames: FACE_FRAMES, directions: FACE_DIRECTIONS, peels: FACE_PEELS, peelTitles: FACE_PEEL_TITLES,
  views: [['front', 'front'], ['slant', 'front, slant'], ['left', 'left side'], ['right', 'right side'], ['back', 'back']],
  firstPins: ['tissue:left lower lid, medial', 'tissue:left cheek, medial'],
  makeCamera: () => new FaceCamera(),
  makeFigure: (/** @type {any[]} */ ...given) => new FaceFigure(given[0], given[1]),
  /** @param {any} recording */
  usual: (recording) => ({
    lymph: recording.has('lymph_volume'), mode: 'skin', frame: 'face', azimuth: 0, elevation: 0, exaggeration: 1, column: true,
    speed: SPEEDS.find((one) => one * SHOWN_IN >= (recording.head.duration ?? 0)) ?? SPEEDS.at(-1),
  }),
  sign: () => 1,
  /** Skin is shown whole where it is what has a colour, and as glass where vessels have. @param {string} mode @param {string} layer */
  layerFor: (mode, layer) => (mode === 'skin' || SKIN_MAPS.has(mode) ? 'skin' : layer === 'skin' ? 'fascia' : layer),
};

/** @param {any} head of a recording @returns {any} */
export function subjectOf(head) {
  return head.body === 'face' ? FACE : LEG;
}
