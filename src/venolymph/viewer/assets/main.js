/** Where a page begins: mount a viewer, of recordings that were read or fetched. */
import {Viewer} from 'venolymph/viewer';

export {Recording, fetchRecording, readFile, recordingOf} from 'venolymph/recording';

/** Viewers that hold a picture; a browser gives few of them.
 * @type {Set<Viewer>} */
const living = new Set();

/**
 * Show one recording, or two beside each other.
 * @param {HTMLElement} element whose content is replaced
 * @param {import("venolymph/recording").Recording[]} recordings
 * @param {{autoplay?: boolean, antialias?: boolean, hash?: boolean, state?: any, more?: any}} [options]
 */
export function mount(element, recordings, options) {
  for (const one of living) {
    if (one.element !== element && one.picture.isConnected) continue;
    one.dispose();
    living.delete(one);
  }
  const viewer = new Viewer(element, recordings, options);
  living.add(viewer);
  Object.assign(globalThis, {venolymph: viewer});
  return viewer;
}
