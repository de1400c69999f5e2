/** Layers that peel: what is seen of skin (clear, edge), muscles (clear, lit) and veins of skin, fascia and depth. */
export const PEELS = {
  skin: {skin: [0.2, 0.85], muscle: [0, 1.3], veins: [1, 1, 1]},
  fascia: {skin: [0, 0.3], muscle: [1, 0], veins: [1, 1, 0]},
  deep: {skin: [0.03, 0.5], muscle: [0, 1.3], veins: [0, 0, 1]},
};
export const PEEL_TITLES = {skin: 'Skin', fascia: 'Muscles', deep: 'Deep'};

/** Layers of a face: how clear its skin is (null: not at all), and which veins are seen. */
export const FACE_PEELS = {
  skin: {clear: null, veins: [0, 0, 0]},
  fascia: {clear: [0.16, 0.75], veins: [1, 1, 1]},
  deep: {clear: [0.05, 0.5], veins: [0, 0, 1]},
};
export const FACE_PEEL_TITLES = {skin: 'Skin', fascia: 'Vessels', deep: 'Deep vessels'};
