"use strict";
// The report's charts. One window of time for all; hover, drag to zoom, legend to choose lines, arrow keys to read.
// Data: see page.py. Traces come as the lowest and highest value of each stretch of time ("bin"), in 16 bits.
(async () => {
  const gzipped = Uint8Array.from(atob(document.getElementById("data").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = await new Response(stream).json();
  const LEFT = 58, RIGHT = 10, TOP = 8, BOTTOM = 22, PLOT = 210, ROW = 22;
  const MISSING = 65535;
  const STATE_COLOURS = ["#c3c8cd", "#9ecae1", "#0072b2", "#d55e00"];

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const time = new Float32Array(bytes(data.time).buffer); // edges of the bins, s: one more than there are bins
  const bins = time.length - 1;
  const span = [time[0], time[bins]];
  for (const panel of data.panels)
    for (const series of panel.series)
      series.data = series.data.map((packed) => {
        const open = (text) => {
          const raw = new Uint16Array(bytes(text).buffer), values = new Float32Array(raw.length);
          for (let i = 0; i < raw.length; i++) values[i] = raw[i] === MISSING ? NaN : packed.low + raw[i] * packed.step;
          return values;
        };
        const lo = open(packed.lo);
        return { lo, hi: packed.hi ? open(packed.hi) : lo };
      });
  if (data.valves) data.valves.state = data.valves.state.map(bytes);
  const valveState = (member, valve, bin) => {
    const at = valve * bins + bin;
    return (data.valves.state[member][at >> 2] >> (2 * (at & 3))) & 3;
  };

  let view = [...span];
  let cursor = null;                                   // s, or null
  let shown = data.members.map((_, i) => i).slice(0, 2);
  let allValves = false;
  const charts = [];                                   // what is drawn at present

  // ------------------------------------------------------------------ helpers
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes))
      key.startsWith("on") ? node.addEventListener(key.slice(2), value) : node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const clock = (t, fine = view[1] - view[0] < 20) => {
    const sign = t < 0 ? "-" : "", s = Math.abs(t), digits = fine ? 2 : 0;
    if (span[1] < 120) return sign + s.toFixed(fine ? 2 : 1) + " s";
    const whole = fine ? Math.floor(s * 100 + 0.5) / 100 : Math.round(s);
    const hours = Math.floor(whole / 3600), minutes = Math.floor((whole % 3600) / 60), rest = (whole % 60).toFixed(digits);
    const two = (x) => (parseFloat(x) < 10 ? "0" : "") + x;
    return sign + (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(rest);
  };
  const number = (v) => (Number.isNaN(v) ? "no value" : Math.abs(v) >= 100 ? v.toFixed(0) : Math.abs(v) >= 10 ? v.toFixed(1) : v.toFixed(2));
  const ticks = (low, high, count) => {
    const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
    const found = [];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) found.push(Math.abs(v) < step * 1e-6 ? 0 : v);
    return found;
  };
  const timeTicks = (low, high, count) => {
    const raw = (high - low) / count;
    if (raw < 5) return ticks(low, high, count);
    const step = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400].find((s) => s >= raw) || 604800;
    const found = [];
    for (let v = Math.ceil(low / step) * step; v <= high; v += step) found.push(v);
    return found;
  };
  const binAt = (t) => {
    let low = 0, high = bins - 1;
    while (low < high) { const middle = (low + high) >> 1; if (time[middle + 1] < t) low = middle + 1; else high = middle; }
    return low;
  };
  const bandAt = (t) => data.bands.find((band) => t <= band.stop) || data.bands[data.bands.length - 1];
  const kindColour = (kind) => data.kinds[kind] || "#eeeeee";

  // ------------------------------------------------------------------ drawing
  function surface(canvas, height) {
    const ratio = Math.max(window.devicePixelRatio || 1, 1), width = canvas.parentElement.clientWidth;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
      canvas.style.height = height + "px";
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "12px system-ui, sans-serif";
    return [pen, width];
  }
  const xOf = (t, width) => LEFT + ((t - view[0]) / (view[1] - view[0])) * (width - LEFT - RIGHT);
  const tOf = (x, width) => view[0] + ((x - LEFT) / (width - LEFT - RIGHT)) * (view[1] - view[0]);

  function ground(pen, width, height) { // bands of posture, time axis
    for (const band of data.bands) {
      if (band.stop < view[0] || band.start > view[1]) continue;
      const x0 = Math.max(xOf(band.start, width), LEFT), x1 = Math.min(xOf(band.stop, width), width - RIGHT);
      pen.fillStyle = kindColour(band.kind); pen.fillRect(x0, TOP, x1 - x0, height - TOP - BOTTOM);
    }
    pen.fillStyle = "#444"; pen.strokeStyle = "#00000022"; pen.lineWidth = 1; pen.textBaseline = "top"; pen.textAlign = "center";
    for (const t of timeTicks(view[0], view[1], Math.max(3, Math.floor((width - LEFT) / 90)))) {
      const x = Math.round(xOf(t, width)) + 0.5;
      pen.beginPath(); pen.moveTo(x, TOP); pen.lineTo(x, height - BOTTOM); pen.stroke();
      pen.fillText(clock(t, view[1] - view[0] < 5), Math.min(Math.max(x, LEFT + 8), width - 26), height - BOTTOM + 5);
    }
  }
  function range(panel) { // shared by all members so that they compare
    let low = Infinity, high = -Infinity;
    const from = binAt(view[0]), to = binAt(view[1]);
    for (const series of panel.series) {
      if (!series.shown) continue;
      for (const member of shown) {
        const { lo, hi } = series.data[member];
        for (let i = from; i <= to; i++) { if (lo[i] < low) low = lo[i]; if (hi[i] > high) high = hi[i]; }
      }
    }
    if (!(low <= high)) return [0, 1];
    if (low > 0 && low < 0.4 * high) low = 0;
    const room = Math.max((high - low) * 0.06, 1e-3 * Math.max(Math.abs(high), 1));
    return [low === 0 ? 0 : low - room, high + room];
  }
  // The bins in view as points to draw: as they are where they are wider than a pixel, else pixel by pixel, with the
  // line through the mean of the pixels around so that fast swings show as a pale band and their mean.
  function condensed({ lo, hi }, width) {
    const from = Math.max(binAt(view[0]) - 1, 0), to = Math.min(binAt(view[1]) + 1, bins - 1), points = [];
    for (let i = from; i <= to; ) {
      const x0 = xOf(time[i], width);
      let j = i, low = NaN, high = NaN, sum = 0, weight = 0, x1 = x0;
      do {
        x1 = xOf(time[j + 1], width);
        if (!Number.isNaN(lo[j])) {
          low = low <= lo[j] ? low : lo[j]; high = high >= hi[j] ? high : hi[j];
          sum += (lo[j] + hi[j]) * 0.5 * (time[j + 1] - time[j]); weight += time[j + 1] - time[j];
        }
        j++;
      } while (j <= to && xOf(time[j + 1], width) - x0 <= 1);
      const many = j - i > 1;
      points.push({ x0, x1, x: many || hi[i] > lo[i] ? (x0 + x1) / 2 : x1, lo: low, hi: high, own: weight ? sum / weight : NaN, many });
      i = j;
    }
    points.forEach((p, i) => {
      p.mean = p.own;
      if (!p.many || !(p.hi - p.lo > 0)) return;
      let sum = 0, count = 0;
      for (let k = Math.max(i - 4, 0); k <= Math.min(i + 4, points.length - 1); k++)
        if (points[k].many && !Number.isNaN(points[k].own)) { sum += points[k].own; count++; }
      if (count) p.mean = sum / count;
    });
    return points;
  }
  function drawLines(chart) {
    const { panel, member, base } = chart, height = PLOT;
    const [pen, width] = surface(base, height), [low, high] = range(panel);
    const yOf = (v) => height - BOTTOM - ((v - low) / (high - low)) * (height - TOP - BOTTOM);
    ground(pen, width, height);
    pen.textAlign = "right"; pen.textBaseline = "middle"; pen.fillStyle = "#444";
    for (const v of ticks(low, high, 5)) {
      const y = Math.round(yOf(v)) + 0.5;
      pen.strokeStyle = v === 0 ? "#00000088" : "#0000001c";
      pen.beginPath(); pen.moveTo(LEFT, y); pen.lineTo(width - RIGHT, y); pen.stroke();
      pen.fillText(String(+v.toPrecision(6)), LEFT - 6, y);
    }
    pen.save(); pen.translate(11, (height - BOTTOM) / 2); pen.rotate(-Math.PI / 2); pen.textAlign = "center"; pen.fillText(panel.unit, 0, 0); pen.restore();
    pen.save(); pen.beginPath(); pen.rect(LEFT, TOP, width - LEFT - RIGHT, height - TOP - BOTTOM); pen.clip();
    for (const series of panel.series) {
      if (!series.shown) continue;
      const points = condensed(series.data[member], width);
      pen.strokeStyle = pen.fillStyle = series.colour; pen.lineWidth = 1.6; pen.lineJoin = "round";
      pen.globalAlpha = 0.28; pen.beginPath();           // the stretch between lowest and highest
      for (const p of points) if (p.hi > p.lo) pen.rect(p.x0, yOf(p.hi), Math.max(p.x1 - p.x0, 0.8), yOf(p.lo) - yOf(p.hi));
      pen.fill(); pen.globalAlpha = 1; pen.setLineDash(series.dashed ? [6, 3] : []);
      pen.beginPath();
      let down = false;
      for (const p of points) {
        if (Number.isNaN(p.mean)) { down = false; continue; }
        down ? pen.lineTo(p.x, yOf(p.mean)) : pen.moveTo(p.x, yOf(p.mean));
        down = true;
      }
      pen.stroke(); pen.setLineDash([]);
    }
    pen.restore();
    pen.strokeStyle = "#8a9096"; pen.strokeRect(LEFT + 0.5, TOP + 0.5, width - LEFT - RIGHT, height - TOP - BOTTOM);
  }
  const valveRows = () => data.valves.names.map((_, i) => i).filter((i) => allValves || data.valves.chief[i]);
  function drawValves(chart) {
    const rows = valveRows(), height = TOP + BOTTOM + rows.length * ROW;
    const [pen, width] = surface(chart.base, height);
    ground(pen, width, height);
    const from = binAt(view[0]), to = binAt(view[1]), heights = [2, 4, 5, 9]; // shape says the state as well as colour
    rows.forEach((valve, row) => {
      const top = TOP + row * ROW;
      for (let i = from; i <= to; ) {
        const state = valveState(chart.member, valve, i);
        let j = i + 1;
        while (j <= to && valveState(chart.member, valve, j) === state) j++;
        const x0 = Math.max(xOf(time[i], width), LEFT), x1 = Math.min(xOf(time[j], width), width - RIGHT);
        pen.fillStyle = STATE_COLOURS[state];
        pen.fillRect(x0, top + ROW - 1 - heights[state], Math.max(x1 - x0, 0.7), heights[state]);
        i = j;
      }
      pen.fillStyle = "#222"; pen.textAlign = "left"; pen.textBaseline = "top"; pen.font = "11px system-ui, sans-serif";
      pen.fillText(data.valves.names[valve], LEFT + 4, top + 1);
    });
    pen.strokeStyle = "#8a9096"; pen.strokeRect(LEFT + 0.5, TOP + 0.5, width - LEFT - RIGHT, height - TOP - BOTTOM);
  }
  const heightOf = (chart) => (chart.valves ? TOP + BOTTOM + valveRows().length * ROW : PLOT);
  function drawCursor(chart) {
    const height = heightOf(chart), [pen, width] = surface(chart.over, height);
    if (chart.drag) {
      pen.fillStyle = "#0072b233";
      pen.fillRect(Math.min(...chart.drag), TOP, Math.abs(chart.drag[1] - chart.drag[0]), height - TOP - BOTTOM);
    }
    if (cursor === null || cursor < view[0] || cursor > view[1]) return;
    const x = Math.round(xOf(cursor, width)) + 0.5;
    pen.strokeStyle = "#000000aa"; pen.beginPath(); pen.moveTo(x, TOP); pen.lineTo(x, height - BOTTOM); pen.stroke();
  }
  const paint = () => {
    for (const chart of charts) { chart.valves ? drawValves(chart) : drawLines(chart); drawCursor(chart); }
  };
  let asked = false;
  const draw = () => { // at most once a frame
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; paint(); });
  };

  function mark() { // where on the timeline the view is
    const part = document.getElementById("window"), whole = span[1] - span[0];
    part.style.left = (100 * (view[0] - span[0])) / whole + "%";
    part.style.width = (100 * (view[1] - view[0])) / whole + "%";
  }

  // ------------------------------------------------------------------ reading and moving
  function readout(chart, bin) {
    if (chart.valves) return valveRows().map((i) => [data.valves.names[i], data.states[valveState(chart.member, i, bin)], STATE_COLOURS[valveState(chart.member, i, bin)]]);
    return chart.panel.series.filter((s) => s.shown).map((s) => {
      const lo = s.data[chart.member].lo[bin], hi = s.data[chart.member].hi[bin];
      return [s.name, (hi > lo ? number(lo) + " to " + number(hi) : number(lo)) + " " + chart.panel.unit, s.colour];
    });
  }
  const tip = document.getElementById("tip"), now = document.getElementById("now");
  function point(chart, t, event) {
    cursor = t;
    for (const other of charts) drawCursor(other);
    if (t === null) { tip.style.display = "none"; now.textContent = ""; return; }
    const bin = binAt(t), head = clock(t, true) + ", " + bandAt(t).label;
    now.textContent = head;
    if (!event) {
      const who = data.members.length > 1 ? data.members[chart.member].label + ": " : "";
      document.getElementById("spoken").textContent = who + head + ": " + readout(chart, bin).map(([n, v]) => n + " " + v).join("; ");
    }
    let rows = readout(chart, bin);
    if (chart.valves) {
      const row = event ? Math.floor((event.offsetY - TOP) / ROW) : -1;
      rows = rows.filter((_, i) => i === row);
    }
    tip.replaceChildren(el("div", {}, el("b", {}, head)), ...rows.map(([name, value, colour]) =>
      el("div", {}, el("span", { style: "color:" + colour }, "\u25a0 "), name + ": ", el("b", {}, value))));
    tip.style.display = "block";
    const box = chart.over.getBoundingClientRect();
    const x = event ? event.clientX : box.left + xOf(t, box.width), y = event ? event.clientY : box.top + 20;
    tip.style.left = (x + 18 + tip.offsetWidth > window.innerWidth ? Math.max(x - tip.offsetWidth - 14, 0) : x + 14) + "px";
    tip.style.top = Math.max(Math.min(y + 12, window.innerHeight - tip.offsetHeight - 4), 0) + "px";
  }
  function zoom(low, high) {
    const least = Math.max((span[1] - span[0]) * 1e-5, 0.05);
    if (high - low < least) { const middle = (low + high) / 2; low = middle - least / 2; high = middle + least / 2; }
    const width = Math.min(high - low, span[1] - span[0]);
    low = Math.min(Math.max(low, span[0]), span[1] - width);
    view = [low, low + width];
    mark();
    draw();
  }
  const scale = (factor, about = cursor !== null && cursor >= view[0] && cursor <= view[1] ? cursor : (view[0] + view[1]) / 2) =>
    zoom(about - (about - view[0]) * factor, about + (view[1] - about) * factor);
  function keys(chart, event) {
    const width = view[1] - view[0], t = cursor === null ? (view[0] + view[1]) / 2 : cursor;
    const step = (way) => {
      let next = event.shiftKey ? t + way * 0.1 * width : t + way * Math.max(width / 200, 1e-6);
      next = Math.min(Math.max(next, span[0]), span[1]);
      if (next < view[0] || next > view[1]) zoom(view[0] + next - t, view[1] + next - t);
      point(chart, next);
    };
    const act = { ArrowLeft: () => step(-1), ArrowRight: () => step(1), "+": () => scale(0.5), "=": () => scale(0.5), "-": () => scale(2),
      Home: () => zoom(...span), 0: () => zoom(...span), Escape: () => point(chart, null) }[event.key];
    if (act) { event.preventDefault(); act(); }
  }
  function listen(chart) {
    const { over } = chart;
    over.addEventListener("pointermove", (event) => {
      const width = over.clientWidth, x = Math.min(Math.max(event.offsetX, LEFT), width - RIGHT);
      if (chart.drag) chart.drag[1] = x;
      point(chart, tOf(x, width), event);
    });
    over.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      const x = Math.min(Math.max(event.offsetX, LEFT), over.clientWidth - RIGHT);
      chart.drag = [x, x]; over.setPointerCapture(event.pointerId);
    });
    const end = () => {
      const drag = chart.drag; chart.drag = null;
      if (drag && Math.abs(drag[1] - drag[0]) > 5) zoom(tOf(Math.min(...drag), over.clientWidth), tOf(Math.max(...drag), over.clientWidth));
      else drawCursor(chart);
    };
    over.addEventListener("pointerup", end);
    over.addEventListener("pointercancel", () => { chart.drag = null; drawCursor(chart); });
    over.addEventListener("pointerleave", () => { if (!chart.drag) point(chart, null); });
    over.addEventListener("dblclick", () => zoom(...span));
    over.addEventListener("keydown", (event) => keys(chart, event));
    over.addEventListener("blur", () => point(chart, null));
  }

  // ------------------------------------------------------------------ building the page
  function columns(make) {
    return el("div", { class: "columns" + (shown.length > 1 ? " two" : "") }, ...shown.map((member) => {
      const chart = { member, base: el("canvas"), over: el("canvas", { class: "over", tabindex: "0", role: "img" }), drag: null, ...make };
      const what = chart.valves ? "State of the valves" : chart.panel.title;
      chart.over.setAttribute("aria-label", what + ", " + data.members[member].label + ". Arrow keys read values, plus and minus zoom, Home shows the whole run.");
      charts.push(chart); listen(chart);
      const who = data.members.length > 1 ? [el("div", { class: "who" }, data.members[member].label)] : [];
      return el("div", {}, ...who, el("div", { class: "chart" }, chart.base, chart.over));
    }));
  }
  function sample(colour, dashed) {
    const space = document.getElementById("svg").namespaceURI, svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "line");
    for (const [k, v] of Object.entries({ width: 24, height: 8, "aria-hidden": "true" })) svg.setAttribute(k, v);
    for (const [k, v] of Object.entries({ x1: 0, y1: 4, x2: 24, y2: 4, stroke: colour, "stroke-width": 3, "stroke-dasharray": dashed ? "7 3" : "" })) line.setAttribute(k, v);
    svg.append(line);
    return svg;
  }
  function legend(panel) {
    return el("div", { class: "legend", role: "group", "aria-label": "Lines of the chart" }, ...panel.series.map((series) => {
      const button = el("button", { type: "button", "aria-pressed": String(series.shown), title: "show or hide; with Shift: only this one" }, sample(series.colour, series.dashed), series.name);
      button.addEventListener("click", (event) => {
        if (event.shiftKey) panel.series.forEach((other) => { other.shown = other === series; });
        else series.shown = !series.shown;
        [...button.parentElement.children].forEach((b, i) => b.setAttribute("aria-pressed", String(panel.series[i].shown)));
        draw();
      });
      return button;
    }));
  }
  function valveLegend() {
    const box = el("div", { class: "legend" }, ...data.states.map((name, i) => el("span", { class: "note" }, el("span", { style: "color:" + STATE_COLOURS[i] }, "\u25a0 "), name)));
    const some = data.valves.chief.filter(Boolean).length;
    if (some < data.valves.names.length)
      box.append(el("button", { type: "button", class: "screen", onclick: () => { allValves = !allValves; build(); } },
        allValves ? "show the chief valves only" : "show all " + data.valves.names.length + " valves"));
    return box;
  }
  function build() {
    charts.length = 0;
    const place = document.getElementById("charts");
    place.replaceChildren(...data.panels.map((panel) =>
      el("section", { class: "panel", id: "chart-" + panel.key }, el("h3", {}, panel.title), el("p", { class: "note" }, panel.note), legend(panel), columns({ panel }))));
    if (data.valves) {
      place.append(el("section", { class: "panel", id: "chart-valves" }, el("h3", {}, "State of the valves"),
        el("p", { class: "note" }, "Thin grey: closed. Blue: open. Tall orange: blood runs backwards through the valve."), valveLegend(), columns({ valves: true })));
    }
    paint(); // at once: a page in a hidden tab, or on its way to a printer, may never get a frame
  }
  function controls() {
    const whole = span[1] - span[0], line = document.getElementById("timeline");
    for (const band of data.bands) {
      const share = (100 * (band.stop - band.start)) / whole;
      line.append(el("button", { type: "button", title: band.label + ", " + clock(band.start, false) + " to " + clock(band.stop, false), tabindex: share < 2 ? "-1" : "0",
        style: "left:" + (100 * (band.start - span[0])) / whole + "%;width:" + share + "%;background:" + kindColour(band.kind),
        onclick: () => zoom(band.start, band.stop) }, share > 3 ? band.label : ""));
    }
    line.append(el("div", { id: "window" }));
    mark();
    const jump = document.getElementById("jump");
    data.bands.forEach((band, i) => jump.append(el("option", { value: String(i) }, clock(band.start, false) + "  " + band.label)));
    jump.addEventListener("change", () => { if (jump.value === "") zoom(...span); else { const band = data.bands[+jump.value]; zoom(band.start, band.stop); } });
    document.getElementById("in").addEventListener("click", () => scale(0.5));
    document.getElementById("out").addEventListener("click", () => scale(2));
    document.getElementById("all").addEventListener("click", () => { jump.value = ""; zoom(...span); });
    const who = document.getElementById("who");
    if (data.members.length > 2)
      [0, 1].forEach((side) => {
        const select = el("select", { "aria-label": side ? "right column" : "left column" }, ...data.members.map((m, i) => el("option", { value: String(i) }, m.label)));
        select.value = String(shown[side]);
        select.addEventListener("change", () => { shown[side] = +select.value; build(); });
        who.append(side ? " beside " : "Show ", select);
      });
  }
  controls();
  build();
  new ResizeObserver(draw).observe(document.getElementById("charts"));
  window.addEventListener("beforeprint", () => { zoom(...span); paint(); });
  document.documentElement.setAttribute("data-ready", "yes");
})();
