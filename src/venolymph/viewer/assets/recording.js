/**
 * A recording as the browser has it: what there is (the head) and how it changes (frames, that may come in pieces).
 */

const MAGIC = 'VLREC001';
const NOT_A_NUMBER = 65535;
const STEPS = 65534;
const MOST_WINDOWS = 8; // stretches with all frames that are kept beside a thinned whole

/**
 * @typedef {Object} Series one quantity in one piece: whole numbers between the lowest and highest value of each row
 * @property {Uint16Array} steps frame after frame
 * @property {Float64Array} low
 * @property {Float64Array} high
 * @property {number} rows
 */
/**
 * @typedef {Object} Piece frames that follow each other
 * @property {Record<string, Float64Array>} times of each clock (samples, exchange, pose), s
 * @property {boolean} thinned whether frames were left out
 * @property {Float32Array} pose
 * @property {number} poseColumns
 * @property {Record<string, Series>} series
 */
/** @typedef {{piece: Piece, frame: number}} Frame */
/** @typedef {{before: Frame, after: Frame, share: number}} Pair the frames on both sides of a time, and the share of the second */
/** @typedef {{time: number, samples: Pair, exchange: Pair | null, pose: Pair}} Moment */

/**
 * Read a packed file.
 * @param {ArrayBuffer} buffer
 * @returns {{header: any, blocks: Record<string, any>}} blocks as typed arrays; a packed series as a Series
 */
export function readFile(buffer) {
  const bytes = new Uint8Array(buffer);
  if (new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) throw new Error('this is not a recording');
  const length = new DataView(buffer).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
  const start = 12 + length;
  /** @type {Record<string, any>} */
  const types = {float32: Float32Array, float64: Float64Array, uint16: Uint16Array, uint32: Uint32Array, uint8: Uint8Array};
  /** @type {Record<string, any>} */
  const blocks = {};
  for (const [name, block] of Object.entries(header.blocks)) {
    const begin = start + block.offset;
    // a series, which is large, is unpacked where it lies; what is kept as it is holds no more than its own bytes
    if (block.packing === 'series') blocks[name] = unpackSeries(bytes.subarray(begin, begin + block.bytes), block.shape);
    else blocks[name] = new types[block.dtype](buffer.slice(begin, begin + block.bytes));
  }
  for (const [name, block] of Object.entries(header.blocks)) {
    if (block.packing === 'series') {
      Object.assign(blocks[name], {low: blocks[`${name}.low`], high: blocks[`${name}.high`]});
    }
  }
  return {header, blocks};
}

/**
 * Undo the packing: all low bytes, then all high bytes, of differences from frame to frame.
 * @param {Uint8Array} bytes
 * @param {number[]} shape frames, rows
 */
function unpackSeries(bytes, [frames, rows]) {
  const count = frames * rows;
  const steps = new Uint16Array(count);
  for (let i = 0; i < count; i += 1) {
    const difference = bytes[i] | (bytes[count + i] << 8);
    steps[i] = i < rows ? difference : steps[i - rows] + difference; // a Uint16Array keeps the rest of 65536
  }
  return {steps, rows};
}

/** @param {Series} series @param {number} frame @param {number} row */
function valueAt(series, frame, row) {
  const step = series.steps[frame * series.rows + row];
  if (step === NOT_A_NUMBER) return NaN;
  return series.low[row] + (step / STEPS) * (series.high[row] - series.low[row]);
}

/** The last index whose time is not later, -1 where all are. @param {ArrayLike<number>} times @param {number} time */
function lastNotAfter(times, time) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The last of several pieces that begins at a time or before it, or else the first. @param {Piece[]} pieces @param {string} clock @param {number} time */
function pieceAt(pieces, clock, time) {
  let which = pieces.length - 1;
  while (which > 0 && pieces[which].times[clock][0] > time) which -= 1; // one mostly looks at the newest
  return which;
}

/** The frames of a clock on both sides of a time, in one of several pieces that follow each other. @param {Piece[]} pieces @param {number} which @param {string} clock @param {number} time @returns {Pair} */
function pairIn(pieces, which, clock, time) {
  const piece = pieces[which];
  const times = piece.times[clock];
  const frame = Math.max(0, lastNotAfter(times, time));
  const before = {piece, frame};
  let after = before;
  if (frame + 1 < times.length) after = {piece, frame: frame + 1};
  else if (pieces[which + 1]?.times[clock].length) after = {piece: pieces[which + 1], frame: 0};
  const [from, to] = [times[frame], after.piece.times[clock][after.frame]];
  const share = to > from ? Math.min(1, Math.max(0, (time - from) / (to - from))) : 0;
  return {before, after, share};
}

/** What is known of one person in one regimen. */
export class Recording {
  /** @param {{header: any, blocks: Record<string, any>}} head */
  constructor(head) {
    this.head = head.header;
    this.blocks = head.blocks;
    /** @type {Piece[]} */
    this.overview = [];
    /** @type {Piece[]} */
    this.windows = [];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Piece[]} */
    this.exchanges = []; // records of tissue and lymph, which go through the whole run
    this._known = new Map();
  }

  /** Frames more, in any order. @param {{header: any, blocks: Record<string, any>}} file */
  add({header, blocks}) {
    /** @type {Record<string, Series>} */
    const series = {};
    /** @type {Record<string, Series>} */
    const exchanged = {};
    for (const [name, {clock}] of Object.entries(this.head.quantities)) if (blocks[name]) (clock === 'exchange' ? exchanged : series)[name] = blocks[name];
    const none = new Float64Array(0);
    const times = {samples: blocks.time, exchange: none, pose: blocks['time.pose']};
    const piece = {times, thinned: header.detail === 'thinned', pose: blocks.pose, poseColumns: header.blocks.pose.shape[1], series};
    const records = blocks['time.exchange'] ?? none;
    this._keepRecords(header.first_record ?? 0, {...piece, times: {samples: none, exchange: records, pose: none}, pose: new Float32Array(0), series: exchanged});
    if (times.samples.length) this._keepFrames(piece);
    this._known.clear();
    for (const listener of this.listeners) listener();
  }

  /** Keep frames: of the whole run, or of a stretch of it that is looked at. @param {Piece} piece */
  _keepFrames(piece) {
    const thinned = this.overview.some((one) => one.thinned);
    if (piece.thinned && !thinned) this.windows.push(...this.overview.splice(0));
    const pieces = piece.thinned || !thinned ? this.overview : this.windows;
    pieces.push(piece);
    if (this.windows.length > MOST_WINDOWS) this.windows.splice(0, this.windows.length - MOST_WINDOWS); // memory stays bounded
    if (pieces === this.overview) pieces.sort((a, b) => a.times.samples[0] - b.times.samples[0]);
  }

  /** Keep records of tissue and lymph where they go on from those known, or are more. @param {number} first how many come before @param {Piece} records */
  _keepRecords(first, records) {
    const known = this.exchanges.reduce((sum, one) => sum + one.times.exchange.length, 0);
    const more = records.times.exchange.length;
    if (more && first === known) this.exchanges.push(records);
    else if (first === 0 && more > known) this.exchanges = [records];
  }

  /** Time of the last frame or, where the run is finished, its end, s. */
  get duration() {
    return this.head.duration ?? this.lastTime;
  }

  /** Time of the first frame, s. */
  get firstTime() {
    return this.overview.length ? this.overview[0].times.samples[0] : 0;
  }

  /** Time of the last frame, s. */
  get lastTime() {
    return this.overview.at(-1)?.times.samples.at(-1) ?? 0;
  }

  /** Whether all frames around a time are known. @param {number} time s */
  hasDetail(time) {
    return this.windows.some(({times: {samples}}) => samples[0] <= time && time <= samples[samples.length - 1]);
  }

  /**
   * What lies on both sides of a time.
   * @param {number} time s
   * @returns {Moment | null} null where there are no frames
   */
  at(time) {
    const own = this.windows.find(({times: {samples}}) => samples[0] <= time && time <= samples[samples.length - 1]);
    const pieces = own ? [own] : this.overview;
    if (!pieces.length) return null;
    const which = pieceAt(pieces, 'samples', time);
    const exchange = this.exchanges.length ? pairIn(this.exchanges, pieceAt(this.exchanges, 'exchange', time), 'exchange', time) : null;
    return {time, samples: pairIn(pieces, which, 'samples', time), exchange, pose: pairIn(pieces, pieceAt(pieces, 'pose', time), 'pose', time)};
  }

  /** Whether the run has a quantity. @param {string} quantity */
  has(quantity) {
    return quantity in this.head.quantities;
  }

  /**
   * A value between two frames; not a number where there is none.
   * @param {string} quantity
   * @param {number | null} row
   * @param {Moment | null} moment
   */
  valueIn(quantity, row, moment) {
    const clock = this.head.quantities[quantity]?.clock;
    const pair = clock === 'exchange' ? moment?.exchange : moment?.samples;
    if (!pair || row === null) return NaN;
    const {before, after, share} = pair;
    const first = before.piece.series[quantity];
    if (!first || row < 0 || row >= first.rows) return NaN;
    const from = valueAt(first, before.frame, row);
    if (share === 0 || !after.piece.series[quantity]) return from;
    return from + share * (valueAt(after.piece.series[quantity], after.frame, row) - from);
  }

  /** A value at a time (s). @param {string} quantity @param {number} row @param {number} time */
  value(quantity, row, time) {
    return this.valueIn(quantity, row, this.at(time));
  }

  /** How the body stands between two frames. @param {Moment | null} moment @returns {number[]} */
  pose(moment) {
    if (!moment) return [90, 0, 0, 0, 0, 0, 0, 0, 0];
    const {before, after, share} = moment.pose;
    const columns = before.piece.poseColumns;
    return Array.from({length: columns}, (_, column) => {
      const from = before.piece.pose[before.frame * columns + column];
      return from + share * (after.piece.pose[after.frame * columns + column] - from);
    });
  }

  /**
   * A row of a quantity over the whole run, as far as it is known.
   * @param {string} quantity
   * @param {number} row
   * @returns {{time: Float64Array, values: Float64Array}}
   */
  series(quantity, row) {
    const key = `${quantity}/${row}`;
    if (!this._known.has(key)) this._known.set(key, this._wholeSeries(quantity, row));
    return this._known.get(key);
  }

  /** @param {string} quantity @param {number} row */
  _wholeSeries(quantity, row) {
    const {clock} = this.head.quantities[quantity];
    const pieces = clock === 'exchange' ? this.exchanges : this.overview;
    const count = pieces.reduce((sum, one) => sum + one.times[clock].length, 0);
    const [time, values] = [new Float64Array(count), new Float64Array(count)];
    let at = 0;
    for (const piece of pieces) {
      const own = piece.series[quantity];
      const times = piece.times[clock];
      time.set(times, at);
      for (let frame = 0; frame < times.length; frame += 1) values[at + frame] = own ? valueAt(own, frame, row) : NaN;
      at += times.length;
    }
    return {time, values};
  }

  /** The phase at a time, null where there is none. @param {number} time s */
  phase(time) {
    const {phases} = this.head;
    return phases[Math.max(0, lastNotAfter(phases.map((/** @type {any} */ one) => one.start), time))] ?? null;
  }
}

/**
 * A recording of packed files.
 * @param {ArrayBuffer[]} files the head, then frames
 */
export function recordingOf(files) {
  const [head, ...frames] = files.map(readFile);
  const recording = new Recording(head);
  for (const one of frames) recording.add(one);
  return recording;
}

/** Fetch packed files and make a recording of them. @param {string[]} addresses the head's, then those of frames */
export async function fetchRecording(addresses) {
  return recordingOf(await Promise.all(addresses.map(async (one) => {
    const answer = await fetch(one);
    if (!answer.ok) throw new Error(`${one} could not be read: ${answer.status} ${answer.statusText}`);
    return answer.arrayBuffer();
  })));
}
