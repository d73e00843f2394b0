
// One series as a picture: points with their intervals, the levels between changes, and where they changed.

const HEIGHT = 304;
const STRAYS = 0.01; // the share of values on either side that the scale need not hold, at least one
const FEW = 10; // values, which all are to be in view
const MARGIN = { top: 40, right: 14, bottom: 26, left: 66 };
const ROW = 15; // of the labels above, which stand in two rows

/** Choose round ticks between two values. */
function ticksOf(low, high, most) {
  const raw = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= raw) || raw;
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-9; tick += step) found.push(tick);
  return found;
}

/** Choose 1, 2 and 5 of each power of ten, where values lie so far apart that even ticks would not do. */
function powersOf(low, high) {
  const found = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    found.push(...(high / low > 100 ? [1] : [1, 2, 5]).map((one) => one * power).filter((one) => one >= low && one <= high));
  }
  return found;
}

class Chart {
  /** Draw into a figure; `series` is of a chart file, `runs` are those of its environment. */
  constructor(series, runs, metric, onChoose) {
    Object.assign(this, { series, runs, metric, onChoose });
    this.from = 0;
    this.to = series.values.length - 1;
    this.chosen = this.to;
    this.scale = "fitted"; // or "zero" or "log"
    this.root = svg("svg", { class: "chart", tabindex: "0", role: "group" });
    this.root.addEventListener("pointermove", (event) => this.hover(event));
    this.root.addEventListener("pointerleave", () => this.leave());
    this.root.addEventListener("pointerdown", (event) => this.press(event));
    this.root.addEventListener("pointerup", (event) => this.release(event));
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("keyup", (event) => { if (event.key !== "Tab") this.onChoose(this.chosen, true); });
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  show(count) {
    const last = this.series.values.length - 1;
    [this.from, this.to] = [count ? Math.max(0, last - count + 1) : 0, last];
    this.chosen = Math.min(this.to, Math.max(this.from, this.chosen));
    this.draw();
  }

  /** The ends of the scale: of what is shown, but for a few values far away, which are drawn at its edge. */
  range() {
    const { values, low, high } = this.series;
    const sorted = values.slice(this.from, this.to + 1).sort((a, b) => a - b);
    const [first, last] = [sorted[0], sorted[sorted.length - 1]];
    const aside = sorted.length < FEW ? 0 : Math.max(1, Math.floor(sorted.length * STRAYS));
    const [inner, outer] = [sorted[aside], sorted[sorted.length - 1 - aside]];
    const reach = Math.max(outer - inner, Math.abs(outer) * 0.01) || 1;
    let [least, most] = [first < inner - reach ? inner : first, last > outer + reach ? outer : last];
    const [floor, ceiling] = [least - reach / 2, most + reach / 2];
    for (let i = this.from; low && i <= this.to; i++) {
      if (low[i] !== null) least = Math.min(least, Math.max(floor, low[i]));
      if (high[i] !== null) most = Math.max(most, Math.min(ceiling, high[i]));
    }
    if (this.scale === "log" && inner > 0) return [Math.max(least, inner / 2) / 1.05, most * 1.05];
    const pad = (most - least || Math.abs(most) * 0.02 || 1) * 0.08;
    return [this.scale === "zero" && least > 0 ? 0 : least - pad, most + pad];
  }

  draw() {
    const width = this.root.clientWidth;
    if (!width) return;
    const height = this.root.clientHeight || HEIGHT;
    const [low, high] = this.range();
    const inner = width - MARGIN.left - MARGIN.right;
    const steps = Math.max(1, this.to - this.from);
    this.x = (i) => MARGIN.left + (this.to === this.from ? inner / 2 : ((i - this.from) / steps) * inner);
    this.holds = (value) => value >= low && value <= high;
    const on = this.scale === "log" && low > 0 ? (value) => Math.log(Math.max(value, low / 2)) : (value) => value;
    this.y = (value) => MARGIN.top + (1 - (on(value) - on(low)) / (on(high) - on(low))) * (height - MARGIN.top - MARGIN.bottom);
    this.at = (x) => Math.round(this.from + Math.min(1, Math.max(0, (x - MARGIN.left) / inner)) * steps);
    this.size = { width, height };
    this.overlay = svg("g");
    this.root.replaceChildren(
      ...this.grid(low, high), ...this.unsure(), ...this.band(), this.line(), this.dots(),
      ...this.levels(), ...this.marks(), this.overlay,
    );
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.root.setAttribute("aria-label", this.spoken());
    this.choose(this.chosen, false);
  }

  spoken() {
    const { values, changes } = this.series;
    const told = changes.map((one) => `${signed(ratioOf(one.before, one.after))} on ${day(this.runs[one.bad][2])}`);
    return `${this.metric[0]}: ${values.length} runs, now ${quantity(values[values.length - 1], this.metric[1])}. ` +
      (told.length ? `Changes: ${told.join("; ")}. ` : "No change found. ") + "Arrow keys go from run to run.";
  }

  grid(low, high) {
    const { width, height } = this.size;
    const like = Math.max(Math.abs(low), Math.abs(high));
    const rows = (this.scale === "log" && low > 0 && high / low > 4 ? powersOf(low, high) : ticksOf(low, high, 5)).flatMap((tick) => [
      svg("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: this.y(tick), y2: this.y(tick) }),
      svg("text", { x: MARGIN.left - 8, y: this.y(tick) + 4, "text-anchor": "end" }, this.tick(tick, this.scale === "log" ? tick : like)),
    ]);
    const most = Math.max(2, Math.floor((width - MARGIN.left) / 150));
    const count = Math.min(most, this.to - this.from + 1);
    const columns = [];
    for (let i = 0; i < count; i++) {
      const at = Math.round(this.from + (count === 1 ? 0 : (i / (count - 1)) * (this.to - this.from)));
      const anchor = count === 1 ? "middle" : i === 0 ? "start" : i === count - 1 ? "end" : "middle";
      columns.push(svg("text", { x: this.x(at), y: height - 6, "text-anchor": anchor }, day(this.run(at)[2])));
    }
    return [...rows, ...columns];
  }

  tick(value, like) {
    const [size, unit] = unitOf(like, this.metric[1]);
    return `${Number((value / size).toPrecision(4))} ${unit}`.trim();
  }

  run(at) {
    return this.runs[this.series.runs[at]];
  }

  band() {
    const { low, high } = this.series;
    if (!low) return [];
    const upper = [], lower = [];
    for (let i = this.from; i <= this.to; i++) {
      if (low[i] === null || high[i] === null) continue;
      upper.push(`${this.x(i).toFixed(1)},${this.clip(high[i])}`);
      lower.push(`${this.x(i).toFixed(1)},${this.clip(low[i])}`);
    }
    return upper.length > 1 ? [svg("polygon", { class: "band", points: [...upper, ...lower.reverse()].join(" ") })] : [];
  }

  clip(value) {
    return Math.min(this.size.height - MARGIN.bottom, Math.max(MARGIN.top, this.y(value))).toFixed(1);
  }

  line() {
    const points = [];
    for (let i = this.from; i <= this.to; i++) points.push(`${this.x(i).toFixed(1)},${this.clip(this.series.values[i])}`);
    return svg("polyline", { class: "line", points: points.join(" ") });
  }

  /** All points as one path: a thousand elements would make the page slow. */
  dots() {
    const r = this.to - this.from > 400 ? 1.5 : this.to - this.from > 120 ? 2.1 : 3;
    let path = "";
    for (let i = this.from; i <= this.to; i++) {
      if (!this.holds(this.series.values[i])) { path += this.stray(i); continue; }
      path += `M${(this.x(i) - r).toFixed(1)} ${this.y(this.series.values[i]).toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
    }
    return svg("path", { class: "dots", d: path });
  }

  /** An arrow at the edge towards a value that lies beyond it. */
  stray(i) {
    const y = Number(this.clip(this.series.values[i]));
    const way = y <= MARGIN.top ? 1 : -1;
    return `M${this.x(i).toFixed(1)} ${y - 2 * way}l-4 ${7 * way}h8z`;
  }

  levels() {
    const { values, changes } = this.series;
    const ends = [...changes.map((one) => one.at), values.length];
    return ends.flatMap((end, index) => {
      if (!changes.length) return [];
      const start = Math.max(this.from, index ? ends[index - 1] : 0);
      const stop = Math.min(this.to, end - 1);
      if (stop < start) return [];
      const y = this.y(index ? changes[index - 1].after : changes[0].before);
      const [x1, x2] = start === stop ? [this.x(start) - 4, this.x(start) + 4] : [this.x(start), this.x(stop)];
      return [svg("line", { class: "level", x1, x2, y1: y, y2: y })];
    });
  }

  inView() {
    return this.series.changes.filter((one) => one.at > this.from && one.at <= this.to);
  }

  unsure() {
    const place = new Map(this.series.runs.map((run, at) => [run, at]));
    return this.inView().map((one) => {
      const x1 = this.x(Math.max(this.from, place.get(one.from) ?? one.at - 1));
      const x2 = this.x(Math.min(this.to, place.get(one.to) ?? one.at));
      const height = this.size.height - MARGIN.top - MARGIN.bottom;
      return svg("rect", { class: `unsure ${tone(one.worse, one.cause)}`, x: x1, y: MARGIN.top, width: Math.max(1, x2 - x1), height });
    });
  }

  marks() {
    const free = [-Infinity, -Infinity];
    return this.inView().map((one) => {
      const x = (this.x(one.at) + this.x(one.at - 1)) / 2;
      const label = signed(ratioOf(one.before, one.after)) + (one.cause === "code" ? "" : ` ${one.cause}`);
      const half = label.length * 3.6 + 4;
      const middle = Math.min(Math.max(x, half), this.size.width - half);
      const row = free.findIndex((end) => middle - half > end);
      const group = svg("g", { class: `mark ${tone(one.worse, one.cause)}` },
        svg("line", { class: "mark-line", x1: x, x2: x, y1: MARGIN.top - 4, y2: this.size.height - MARGIN.bottom }));
      if (row >= 0) {
        free[row] = middle + half;
        group.append(svg("text", { class: "mark-text", x: middle, y: MARGIN.top - 9 - row * ROW, "text-anchor": "middle" }, label));
      }
      return group;
    });
  }

  choose(at, told = true) {
    this.chosen = Math.min(this.to, Math.max(this.from, at));
    const [x, y] = [this.x(this.chosen), this.clip(this.series.values[this.chosen])];
    this.overlay.replaceChildren(
      svg("line", { class: "cross", x1: x, x2: x, y1: MARGIN.top, y2: this.size.height - MARGIN.bottom }),
      svg("circle", { class: "chosen", cx: x, cy: y, r: 4.5 }),
    );
    this.onChoose(this.chosen, told);
  }

  /** Choose a run wherever it is, as from the table of changes. */
  pick(at) {
    if (at < this.from || at > this.to) this.show(0);
    this.choose(at);
    this.root.scrollIntoView({ block: "nearest" });
    this.root.focus({ preventScroll: true });
  }

  place(event) {
    return event.clientX - this.root.getBoundingClientRect().left;
  }

  hover(event) {
    if (!this.x) return;
    if (this.pressed !== undefined) this.drawBrush(this.place(event));
    const at = this.at(this.place(event));
    const { values, low, high } = this.series;
    const run = this.run(at);
    const like = values[at];
    const known = low && low[at] !== null && high[at] !== null;
    const between = known ? `${quantity(low[at], this.metric[1], like)} .. ${quantity(high[at], this.metric[1], like)}` : "";
    showTip(event.clientX, event.clientY,
      el("p", {}, el("b", {}, quantity(like, this.metric[1])), between ? el("span", { class: "soft" }, `  ${between}`) : ""),
      el("p", {}, day(run[2]), " ", el("span", { class: "sha" }, SHA.test(run[1]) ? run[1].slice(0, 9) : run[1])),
      run[3] ? el("p", { class: "soft" }, run[3]) : "");
  }

  leave() {
    hideTip();
    if (this.brush) this.brush.remove();
    this.pressed = undefined;
  }

  press(event) {
    if (event.button !== 0 || event.pointerType === "touch") return;
    this.pressed = this.place(event);
  }

  drawBrush(x) {
    const [left, right] = [Math.min(x, this.pressed), Math.max(x, this.pressed)];
    if (this.brush) this.brush.remove();
    this.brush = svg("rect", { class: "brush", x: left, y: MARGIN.top, width: right - left, height: this.size.height - MARGIN.top - MARGIN.bottom });
    this.root.append(this.brush);
  }

  /** A drag shows what it went over; a click chooses a run. */
  release(event) {
    const [start, end] = [this.pressed, this.place(event)];
    this.pressed = undefined;
    if (this.brush) this.brush.remove();
    const [left, right] = [this.at(Math.min(start ?? end, end)), this.at(Math.max(start ?? end, end))];
    if (start !== undefined && Math.abs(end - start) > 12 && right - left > 1) {
      [this.from, this.to] = [left, right];
      this.chosen = right;
      this.draw();
      this.onChoose(this.chosen, true);
    } else {
      this.choose(this.at(end));
    }
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
    if (step !== undefined) this.choose(this.chosen + step, false);
    else if (event.key === "Home") this.choose(this.from, false);
    else if (event.key === "End") this.choose(this.to, false);
    else if (event.key === "Escape") this.show(0);
    else return;
    event.preventDefault();
  }
}

function showTip(x, y, ...children) {
  const tip = document.getElementById("tip");
  tip.replaceChildren(...children.filter((child) => child !== ""));
  tip.hidden = false;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? y - height - 14 : y + 18}px`;
}

function hideTip() {
  document.getElementById("tip").hidden = true;
}
