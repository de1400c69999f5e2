/** A run that is watched: frames as they are computed, how far it is, and a button that stops it. */
import {h, withCode} from 'venolymph/dom';
import {mount, readFile, recordingOf} from 'venolymph/main';

const {runs, names, token} = JSON.parse(document.getElementById('shown')?.textContent ?? '{}');
const words = JSON.parse(document.getElementById('words')?.textContent ?? '{}');
const place = /** @type {HTMLElement} */ (document.getElementById('state'));
const said = /** @type {HTMLElement} */ (document.getElementById('said'));
const stage = /** @type {HTMLElement} */ (document.getElementById('viewer'));
const headers = {'x-venolymph-token': token};

/** Ask the server to do something with a run. @param {string} run @param {string} method @param {string} [what] */
async function ask(run, method, what = '') {
  const answer = await fetch(`/api/runs/${run}${what}`, {method, headers});
  if (!answer.ok) tell(run, {state: 'failed', error: (await answer.json()).detail});
}

/** Say how far a run is. @param {string} run @param {any} told */
function tell(run, told) {
  const done = told.progress?.total ? told.progress.done / told.progress.total : null;
  const parts = [h('p', {}, `${words.states[told.state] ?? told.state}${told.error ? `: ${told.error.message ?? told.error}` : ''}`)];
  if (told.error?.hint) parts.push(h('p', {}, told.error.hint));
  if (done !== null) parts.push(h('progress', {max: 1, value: done, 'aria-label': words.progress}));
  if (['queued', 'running'].includes(told.state)) parts.push(h('button', {type: 'button', class: 'quiet', onclick: () => ask(run, 'DELETE')}, words.stop));
  if (told.can_go_on) parts.push(h('button', {type: 'button', onclick: async () => { await ask(run, 'POST', '/resume'); location.reload(); }}, words.go_on));
  place.replaceChildren(...(told.state === 'complete' ? [] : parts));
  document.body.dataset.state = told.state;
}

/** Say what happened in a run, once its report is there. @param {string} run @param {number} [tries] how often it is asked for at most */
async function report(run, tries = 150) {
  const answer = await fetch(`/api/runs/${run}/report`);
  const found = answer.ok ? await answer.json() : {};
  if (found.comes && tries > 0) setTimeout(() => report(run, tries - 1), 2000);
  if (!found.ready) return;
  const name = runs.length > 1 ? `${names[runs.indexOf(run)]}: ` : '';
  const sentences = found.sentences.map((/** @type {string} */ one) => h('p', {}, ...withCode(one)));
  said.append(h('div', {}, h('h2', {}, `${name}${words.happened}`), ...sentences, h('p', {}, h('a', {href: `/runs/${run}/report.html`}, words.report))));
}

/** Read a run, piece by piece. @param {string} run @param {(recording: any) => void} begun */
function watch(run, begun) {
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/runs/${run}/live`);
  socket.binaryType = 'arraybuffer';
  /** @type {any} */
  let recording = null;
  socket.addEventListener('message', ({data}) => {
    if (typeof data === 'string') {
      tell(run, JSON.parse(data));
      return;
    }
    const file = readFile(data);
    if (file.header.kind === 'head') { // another one comes where a run has more to show than was said: hands
      recording = recordingOf([data]);
      begun(recording);
    } else recording.add(file);
  });
  socket.addEventListener('close', () => {
    report(run);
    if (!recording || recording.head.duration !== null) return;
    recording.head.duration = recording.duration; // it is as long as it became
    for (const heard of recording.listeners) heard();
  });
}

/** All frames of a stretch of a run; null where there are none. @param {number} which @param {number} from @param {number} to s */
async function more(which, from, to) {
  const answer = await fetch(`/api/runs/${runs[which]}/frames?from=${from}&to=${to}&every=1`);
  return answer.ok ? answer.arrayBuffer() : null;
}

/** @type {any[]} */
const recordings = [];
runs.forEach((/** @type {string} */ run, /** @type {number} */ i) => watch(run, async (recording) => {
  recordings[i] = recording;
  if (recordings.filter(Boolean).length < runs.length) return;
  const viewer = mount(stage, recordings, {more});
  await viewer.ready;
  document.body.dataset.ready = 'yes';
}));
