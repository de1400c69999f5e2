/** The front page: packaged recordings that move, a form that asks for a run, and runs as they are computed. */
import {h} from 'venolymph/dom';
import {Recording, fetchRecording, mount, readFile} from 'venolymph/main';

const {token, recordings, words} = JSON.parse(document.getElementById('watch')?.textContent ?? '{}');
const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const headers = {'X-Venolymph-Token': token};
let socket = /** @type {WebSocket | null} */ (null);

/** Ask the server. @param {string} path @param {RequestInit} [init] */
async function ask(path, init) {
  const answer = await fetch(path, init);
  const content = await answer.json();
  if (!answer.ok) throw new Error([content.detail || content.title, content.hint].filter(Boolean).join(' '));
  return content;
}

/** Say something on the page. @param {string} text */
function say(text) {
  find('told').textContent = text;
}

/** How far a run is, in words. @param {any} run */
function toldOf(run) {
  const {progress} = run;
  const far = progress?.total ? ` ${Math.round(100 * progress.done / progress.total)} % (${progress.label})` : '';
  return `${words.states[run.state] ?? run.state}${far}${run.error ? `: ${run.error.message}` : ''}`;
}

/** Show recordings in place of those that are shown. @param {Recording[]} shown */
async function show(shown) {
  const element = h('div', {});
  find('viewer').replaceChildren(element);
  await mount(element, shown, {hash: false}).ready;
  document.body.dataset.ready = 'yes';
}

/** Watch a run, as it is computed or as it was. @param {string} id */
function watch(id) {
  socket?.close();
  history.replaceState(null, '', `?run=${encodeURIComponent(id)}`);
  const own = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/runs/${encodeURIComponent(id)}/live`);
  own.binaryType = 'arraybuffer';
  let recording = /** @type {Recording | null} */ (null);
  let shown = false;
  own.addEventListener('message', ({data}) => {
    if (typeof data === 'string') {
      const run = JSON.parse(data);
      say(`${run.title}: ${toldOf(run)}`);
      return;
    }
    const file = readFile(data);
    if (!recording) recording = new Recording(file);
    else recording.add(file);
    if (!shown && recording.overview.length) {
      shown = true;
      show([recording]);
    }
  });
  own.addEventListener('close', list);
  socket = own;
}

/** A run as a line of the list. @param {any} run */
function line(run) {
  const act = (/** @type {string} */ name, /** @type {RequestInit} */ init, path = '') => h('button', {type: 'button', class: 'quiet', onclick: async () => {
    try { await ask(`/api/runs/${encodeURIComponent(run.id)}${path}`, {headers, ...init}); } catch (error) { say(String(error)); }
    await list();
  }}, name);
  const acts = [];
  if (run.state === 'running' || run.state === 'queued') acts.push(act(words.stop, {method: 'DELETE'}));
  if (run.can_go_on) acts.push(act(words.go_on, {method: 'POST'}, '/resume'));
  return h('li', {}, h('button', {type: 'button', class: 'quiet', onclick: () => watch(run.id)}, run.title), ` ${toldOf(run)} `, ...acts);
}

/** Show which runs there are. */
async function list() {
  const runs = await ask('/api/runs');
  find('runs').replaceChildren(...runs.map(line));
}

find('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (event.target)));
  try {
    const run = await ask('/api/runs', {method: 'POST', headers: {...headers, 'Content-Type': 'application/json'}, body: JSON.stringify(fields)});
    watch(run.id);
    await list();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
});

/** Fill a choice. @param {string} name @param {any[]} choices @param {string} title */
function offer(name, choices, title) {
  document.querySelector(`select[name="${name}"]`)?.replaceChildren(...choices.map((one) => h('option', {value: one.name}, one[title])));
}

const asked = new URLSearchParams(location.search).get('run');
if (asked) watch(asked);
else await show(await Promise.all(recordings.map(fetchRecording)));
offer('person', await ask('/api/people'), 'label');
offer('regimen', await ask('/api/regimens'), 'title');
await list();
