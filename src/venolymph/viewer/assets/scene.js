/** The picture: figures side by side, drawn when something changed and never in between. */
import {DataTexture, LinearFilter, RGBAFormat, UnsignedByteType, Vector3, WebGLRenderer} from 'three';
import {mapTable, rgb} from 'venolymph/colours';
import {subjectOf} from 'venolymph/subject';

/** Colours of what has no value, by theme, sRGB. */
const THEMES = {
  dark: {
    background: '#141a22', uSkin: '#e2b296', uBody: '#8fa3b8', uMuscle: '#8e4038', uMuscleLit: '#ff9a6a', uMark: '#ffffff',
    uNoValue: '#8d949c', uPickedColour: '#fff2a8', uLymph: '#7fae6a', uWave: '#d8ff7a', uGarment: '#3fa7a0', uHand: '#ffd34d', uReflux: '#ff5a0a', uLeaflet: '#cfc8ba',
  },
  light: {
    background: '#f4f6f8', uSkin: '#c98f70', uBody: '#5d7083', uMuscle: '#a8564b', uMuscleLit: '#ff7a45', uMark: '#ffffff',
    uNoValue: '#8a9198', uPickedColour: '#ffe680', uLymph: '#4f8a3f', uWave: '#a4d92f', uGarment: '#1f8a84', uHand: '#e0a800', uReflux: '#f04e00', uLeaflet: '#e2d9c8',
  },
};

const SLOW = 1 / 14; // s a picture
const COARSEST = 0.5;

const PROCESSOR = /swiftshader|llvmpipe|softpipe|software|basic render/i; // names of what draws without graphics hardware

/** What draws in three dimensions in this browser: `hardware`, the `processor`, or `nothing`. @type {string | undefined} */
let drawer;

/** Whether the browser can draw in three dimensions. */
export function hasWebGL() {
  drawer ??= findDrawer();
  return drawer !== 'nothing';
}

function findDrawer() {
  try {
    const gl = document.createElement('canvas').getContext('webgl2');
    if (!gl) return 'nothing';
    const named = gl.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER;
    const name = gl.getParameter(named);
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    return PROCESSOR.test(name) ? 'processor' : 'hardware';
  } catch {
    return 'nothing';
  }
}

export class Stage {
  /**
   * @param {HTMLElement} element in which the picture lies
   * @param {import("venolymph/recording").Recording[]} recordings
   * @param {{antialias?: boolean}} options left out: edges are smoothed where that costs little
   */
  constructor(element, recordings, options) {
    this.element = element;
    this.detail = 1; // share of the screen's pixels across
    this.pace = 0; // s from picture to picture, smoothed
    this.renderer = new WebGLRenderer({antialias: options.antialias ?? (hasWebGL() && drawer === 'hardware'), powerPreference: 'low-power'});
    this.canvas = this.renderer.domElement;
    this.canvas.className = 'vl-canvas';
    element.append(this.canvas);
    const {data, width, height} = mapTable();
    const maps = new DataTexture(data, width, height, RGBAFormat, UnsignedByteType);
    maps.minFilter = LinearFilter;
    maps.magFilter = LinearFilter;
    maps.needsUpdate = true;
    /** @type {Record<string, {value: any}>} */
    this.uniforms = {
      uMaps: {value: maps},
      ...Object.fromEntries(Object.keys(THEMES.dark).filter((name) => name.startsWith('u')).map((name) => [name, {value: [0, 0, 0]}])),
    };
    this.figures = recordings.map((one) => subjectOf(one.head).makeFigure(one, this.uniforms, recordings.length === 1));
    this.setTheme('dark');
  }

  /** Give the picture back to the browser. */
  dispose() {
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.canvas.remove();
  }

  /** @param {'dark' | 'light'} name */
  setTheme(name) {
    const theme = THEMES[name];
    for (const [key, hex] of Object.entries(theme)) {
      if (key.startsWith('u')) this.uniforms[key].value = rgb(hex).map((one) => one / 255);
    }
    this.background = rgb(theme.background);
    // colours go to the screen as they stand, so no conversion here either
    this.renderer.setClearColor(theme.background, 1);
  }

  /** Width and height in CSS pixels. */
  get size() {
    return [Math.max(1, this.element.clientWidth), Math.max(1, this.element.clientHeight)];
  }

  /** Take the size of the element. */
  resize() {
    const [width, height] = this.size;
    this.renderer.setDrawingBufferSize(width, height, this.detail * Math.min(2, globalThis.devicePixelRatio || 1));
  }

  /** Draw coarser while time runs, where drawing is too slow to follow it. @param {number} passed since the last picture, s */
  keepPace(passed) {
    this.pace = passed ? 0.7 * this.pace + 0.3 * Math.min(passed, 3 * SLOW) : 0; // the first is slow everywhere: programs are compiled
    if (this.pace < SLOW || this.detail <= COARSEST) return;
    this.detail = Math.max(COARSEST, this.detail * 0.8);
    this.pace = 0;
    this.resize();
  }

  /** Draw as finely as the screen can. */
  sharpen() {
    if (this.detail === 1) return;
    this.detail = 1;
    this.resize();
  }

  /** Where each figure is drawn, CSS pixels from the upper left: side by side, or one over the other where it is narrow. */
  get areas() {
    const [width, height] = this.size;
    const count = this.figures.length;
    const beside = width >= height * 0.9 || count === 1;
    return this.figures.map((_, i) => (beside
      ? {x: (i * width) / count, y: 0, width: width / count, height}
      : {x: 0, y: (i * height) / count, width, height: height / count}));
  }

  /** @param {any} camera @param {number[]} [part] of each figure's picture from left to right, 0 to 1: nothing else is drawn */
  draw(camera, [from, to] = [0, 1]) {
    const {renderer} = this;
    const [, height] = this.size;
    renderer.setScissorTest(true);
    this.areas.forEach((area, i) => {
      camera.place(area.width / area.height, this.figures[i]);
      const up = height - area.y - area.height;
      renderer.setViewport(area.x, up, area.width, area.height);
      renderer.setScissor(area.x + from * area.width, up, (to - from) * area.width, area.height);
      renderer.render(this.figures[i].scene, camera.three);
    });
  }

  /**
   * Where a point of a figure's straight body is in the picture, CSS pixels and the distance from the camera.
   * @param {number} which figure
   * @param {any} camera placed for that figure
   * @param {Vector3} point in the room
   */
  onScreen(which, camera, point) {
    const area = this.areas[which];
    const far = point.distanceTo(camera.three.position);
    const {x, y, z} = point.clone().project(camera.three);
    return {x: area.x + 0.5 * (x + 1) * area.width, y: area.y + 0.5 * (1 - y) * area.height, far, seen: z < 1};
  }

  /** The picture's own pixels, where it was just drawn. */
  pixels() {
    const gl = this.renderer.getContext();
    const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    const data = new Uint8Array(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, data);
    let lit = 0;
    const [r, g, b] = data; // a corner is background
    for (let i = 0; i < data.length; i += 4) {
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) > 12) lit += 1;
    }
    return {width, height, data, lit: lit / (width * height)};
  }
}
