/** The first page: two legs that move. */
import {fetchRecording, mount} from 'venolymph/main';

const {recordings} = JSON.parse(document.getElementById('shown')?.textContent ?? '{}');
const read = await Promise.all(recordings.map(fetchRecording));
const stage = /** @type {HTMLElement} */ (document.getElementById('viewer'));
const viewer = mount(stage, read, {state: {time: 186, layer: 'skin'}});
await viewer.ready;
document.body.dataset.ready = 'yes';
