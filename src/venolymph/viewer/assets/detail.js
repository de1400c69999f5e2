/** All frames of the stretch that is looked at, where the whole is too long to have them all. */
import {readFile} from 'venolymph/recording';

const BEFORE = 2; // s of a stretch before the time that it is asked for at
const STRETCH = 30; // s
const FASTEST = 2; // beyond this many times the run's own pace the overview will do

export class Detail {
  /**
   * @param {import("venolymph/recording").Recording[]} recordings
   * @param {((which: number, from: number, to: number) => Promise<ArrayBuffer | null>) | undefined} more gives frames of a
   *   recording from one time to another as a packed file; null where there are none
   */
  constructor(recordings, more) {
    this.recordings = recordings;
    this.more = more;
    /** @type {Set<number>} */
    this.waiting = new Set(); // recordings of which a stretch is on its way
  }

  /**
   * Ask for what is missing around a time. One stretch at a time: who scrubs passes many, and would hold them all.
   * @param {number} time s
   * @param {number} speed
   */
  keep(time, speed) {
    const {more} = this;
    if (!more || speed > FASTEST) return;
    this.recordings.forEach((recording, which) => {
      const begin = Math.max(0, STRETCH * Math.floor(time / STRETCH) - BEFORE);
      if (!recording.head.thinned || this.waiting.has(which) || recording.hasDetail(time)) return;
      this.waiting.add(which);
      more(which, begin, begin + BEFORE + STRETCH).then((data) => { if (data) recording.add(readFile(data)); })
        .finally(() => this.waiting.delete(which)).catch(() => {}); // the overview is shown instead
    });
  }
}
