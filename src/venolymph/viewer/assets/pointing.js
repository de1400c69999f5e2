/** Which thing is under the pointer. */

const NEAR = 11; // CSS pixels
const PREFERRED = {valve: 3, node: 2}; // small things win over the veins they lie on

/**
 * @param {import("venolymph/scene").Stage} stage
 * @param {any} camera
 * @param {number} x CSS pixels from the left of the picture
 * @param {number} y from its top
 * @param {any} view
 * @returns {{figure: number, thing: any} | null}
 */
export function thingAt(stage, camera, x, y, view) {
  const which = stage.areas.findIndex((one) => x >= one.x && x < one.x + one.width && y >= one.y && y < one.y + one.height);
  if (which < 0) return null;
  const figure = stage.figures[which];
  const area = stage.areas[which];
  camera.place(area.width / area.height, figure);
  let best = null;
  let least = Infinity;
  for (const thing of figure.things) {
    if (!isShown(figure, thing, view)) continue;
    const {points} = thing;
    const step = points.length > 12 ? 2 : 1;
    let before = null;
    for (let i = 0; i < points.length; i += step) {
      const here = stage.onScreen(which, camera, figure.inRoom(points[i], thing.leg));
      const far = distance(x, y, before ?? here, here);
      const score = far - (PREFERRED[/** @type {keyof typeof PREFERRED} */ (thing.kind)] ?? 0) + 0.05 * here.far;
      if (far < NEAR && score < least) [best, least] = [thing, score];
      before = here;
    }
  }
  best ??= skinAt(figure, camera, (x - area.x) / area.width, (y - area.y) / area.height);
  return best && {figure: which, thing: best};
}

/** The region of a face's skin at a place, in shares of its picture. @param {any} figure @param {any} camera @param {number} x @param {number} y */
function skinAt(figure, camera, x, y) {
  return figure.regionAt?.(camera.three, 2 * x - 1, 1 - 2 * y) ?? null;
}

/** @param {any} figure @param {any} thing @param {any} view */
function isShown(figure, thing, view) {
  if (!figure.isSeen(thing)) return false;
  if (thing.kind === 'muscle' || thing.kind === 'tissue') return false; // asked for by the list; they are everywhere
  if (thing.kind === 'collector' || thing.kind === 'node') return view.lymph && !(figure.recording.head.body === 'face' && view.layer === 'skin');
  const {vessels, valves, body} = figure.recording.head;
  if (body === 'face' && view.layer === 'skin') return false; // the skin covers them
  const vessel = thing.kind === 'vein' ? vessels[thing.index] : vessels[valves[thing.index].vessel];
  return view.layer !== 'deep' || vessel?.layer === 'deep';
}

/** From a point to a line between two, pixels. @param {number} x @param {number} y @param {any} a @param {any} b */
function distance(x, y, a, b) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const size = dx * dx + dy * dy;
  const share = size ? Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / size)) : 0;
  return Math.hypot(x - a.x - share * dx, y - a.y - share * dy);
}
