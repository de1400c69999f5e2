/** Where a page begins: mount a viewer, of recordings that were read or fetched. */
import {Viewer} from 'venolymph/viewer';

export {Recording, fetchRecording, readFile, recordingOf} from 'venolymph/recording';

/**
 * Show one recording, or two beside each other.
 * @param {HTMLElement} element whose content is replaced
 * @param {import("venolymph/recording").Recording[]} recordings
 * @param {{autoplay?: boolean, antialias?: boolean, hash?: boolean, state?: any}} [options]
 */
export function mount(element, recordings, options) {
  const viewer = new Viewer(element, recordings, options);
  Object.assign(globalThis, {venolymph: viewer});
  return viewer;
}
