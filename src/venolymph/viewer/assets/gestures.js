/** Pointer, wheel and keys. */

/** Listen to what people do on the picture. @param {any} viewer @param {HTMLCanvasElement} canvas */
export function listenToPointer(viewer, canvas) {
  /** @type {Map<number, {x: number, y: number}>} */
  const held = new Map();
  let moved = 0;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, {x: event.offsetX, y: event.offsetY});
    if (held.size === 1) moved = 0;
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = held.get(event.pointerId);
    if (!last) {
      if (event.pointerType !== 'touch') viewer.point(event.offsetX, event.offsetY);
      return;
    }
    const [dx, dy] = [event.offsetX - last.x, event.offsetY - last.y];
    moved += Math.abs(dx) + Math.abs(dy);
    if (held.size === 2) pinch(viewer, held, event);
    else if (event.shiftKey || event.buttons === 2 || event.buttons === 4) viewer.shift(dx, dy);
    else viewer.turn(-0.4 * dx, 0.3 * dy);
    held.set(event.pointerId, {x: event.offsetX, y: event.offsetY});
  });
  canvas.addEventListener('pointerup', (event) => {
    held.delete(event.pointerId);
    if (moved >= 5) return;
    viewer.point(event.offsetX, event.offsetY);
    if (viewer.hovered) viewer.togglePin(viewer.idOf(viewer.hovered.thing));
  });
  canvas.addEventListener('pointercancel', (event) => held.delete(event.pointerId));
  canvas.addEventListener('pointerleave', () => viewer.point(-1, -1));
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    viewer.zoom(Math.exp(-0.0012 * event.deltaY));
  }, {passive: false});
}

/** Two fingers: nearer or farther, and aside. @param {any} viewer @param {Map<number, any>} held @param {PointerEvent} event */
function pinch(viewer, held, event) {
  const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, one]) => one);
  const last = held.get(event.pointerId);
  const before = Math.hypot(last.x - other.x, last.y - other.y);
  const now = Math.hypot(event.offsetX - other.x, event.offsetY - other.y);
  if (before > 5) viewer.zoom(now / before);
  viewer.shift(0.5 * (event.offsetX - last.x), 0.5 * (event.offsetY - last.y));
}

/** What keys do, in a sentence. */
export const KEYS = 'Keys: space plays, arrows move by a second (with shift ten), comma and full stop by a sample, brackets by a phase, '
  + 'Home and End; a, d, w, s turn, plus and minus zoom, 0 goes back.';

/**
 * Do what a key asks for; false where it asks for nothing here.
 * @param {any} viewer
 * @param {KeyboardEvent} event
 */
export function actOnKey(viewer, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  const target = /** @type {HTMLElement} */ (event.target);
  const {tagName} = target;
  const range = tagName === 'INPUT' && /** @type {HTMLInputElement} */ (target).type === 'range';
  if (tagName === 'SELECT' || (tagName === 'INPUT' && !range)) return false; // these have keys of their own
  if (tagName === 'BUTTON' && (event.key === ' ' || event.key === 'Enter')) return false;
  const step = event.shiftKey ? 10 : 1;
  /** @type {Record<string, () => void>} */
  const acts = {
    ' ': () => viewer.setPlaying(!viewer.playing),
    ArrowLeft: () => viewer.setTime(viewer.time - step),
    ArrowRight: () => viewer.setTime(viewer.time + step),
    Home: () => viewer.setTime(0),
    End: () => viewer.setTime(viewer.duration),
    '[': () => viewer.toPhase(-1),
    ']': () => viewer.toPhase(1),
    ',': () => viewer.toFrame(-1),
    '.': () => viewer.toFrame(1),
    a: () => viewer.turn(-10, 0),
    d: () => viewer.turn(10, 0),
    w: () => viewer.turn(0, 8),
    s: () => viewer.turn(0, -8),
    '+': () => viewer.zoom(1.25),
    '=': () => viewer.zoom(1.25),
    '-': () => viewer.zoom(0.8),
    0: () => viewer.reset(),
    Escape: () => viewer.set({focus: ''}),
  };
  const act = acts[event.key];
  act?.();
  return act !== undefined;
}
