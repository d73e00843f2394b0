
// The start: what is known in numbers, what changed, and every benchmark in a table that is searched and sorted.

const CHUNK = 60; // rows made at once; more follow as one comes to their end

function startPage() {
  return [el("h1", { class: "unseen" }, `Performance history of ${INDEX.project}`), facts(), news(), ...searched()];
}

function facts() {
  const runs = machines().flatMap((one) => one[2]);
  const times = runs.map((run) => run[2]).sort();
  const many = (count, name) => `${count} ${name}${count === 1 ? "" : "s"}`;
  return el("p", { class: "facts" },
    `${many(INDEX.benchmarks.filter((one) => seriesOf(one).length).length, "benchmark")}, ${many(runs.length, "run")} of ` +
    `${many(new Set(runs.map((run) => run[1]).filter(Boolean)).size, "commit")} on ${many(machines().length, "machine")}` +
    (times.length ? `, ${day(times[0])} to ${day(times[times.length - 1])}` : ""));
}

/** The change that a row tells of: the last of the code or the benchmark, else the machine's. */
const lastOf = (series) => series[7].findLast((one) => one[5] !== "machine") ?? series[7].at(-1);

const COLUMNS = [
  ["name", "Benchmark", "", (row) => row.lower],
  ["trend", "Trend", "wide", null],
  ["level", "Level", "number", (row) => row.series[3]],
  ["change", "Last change", "number", (row) => (row.last ? Math.abs(Math.log(ratioOf(row.last[2], row.last[3]) || 1e9)) : -1)],
  ["when", "On", "wide", (row) => (row.last ? runOf(row.series, row.last[1])[2] : "")],
  ["drift", "Crept", "number wide", (row) => (drifted(row.series) ? row.series[6][0] : 0)],
];

/** The table with its search; rows are sorted once, and typing only chooses among them. */
function searched() {
  const list = el("tbody");
  const count = el("output", { for: "search" });
  const input = el("input", { id: "search", type: "search", placeholder: "Search benchmarks ( / )", "aria-label": "Search benchmarks", autocomplete: "off", spellcheck: "false" });
  const more = el("button", { class: "plain more", type: "button" });
  const rows = INDEX.benchmarks.map((one) => ({ name: one[0], lower: one[0].toLowerCase(), all: seriesOf(one), series: seriesOf(one)[0] })).filter((row) => row.series);
  rows.forEach((row) => { row.last = lastOf(row.series); });
  let chosen = rows;
  const addRows = () => {
    list.append(...chosen.slice(list.childElementCount, list.childElementCount + CHUNK).map(rowOf));
    more.hidden = list.childElementCount >= chosen.length;
    more.textContent = `Show more of ${chosen.length - list.childElementCount}`;
  };
  const fill = () => {
    const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    chosen = rows.filter((row) => words.every((word) => row.lower.includes(word)));
    list.replaceChildren();
    addRows();
    if (!chosen.length) list.append(el("tr", {}, el("td", { class: "empty", colspan: COLUMNS.length }, "No benchmark has all these words in its name.")));
    count.textContent = chosen.length === rows.length ? `${rows.length}` : `${chosen.length} of ${rows.length}`;
  };
  const order = () => {
    const by = (COLUMNS.find(([key, , , known]) => known && key === state.sort) ?? COLUMNS[0])[3];
    rows.sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0) * (state.down ? -1 : 1));
    fill();
  };
  input.value = state.search;
  let frame = 0;
  const search = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    state.search = input.value;
    notePlace(startAddress());
    fill();
  };
  // Letters that come faster than pictures wait for the next one together.
  input.addEventListener("input", () => { frame ||= requestAnimationFrame(search); });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    search();
    if (chosen.length) location.hash = benchmarkAddress(chosen[0].name);
  });
  more.addEventListener("click", addRows);
  new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting) && !more.hidden) addRows(); }, { rootMargin: "600px" }).observe(more);
  order();
  return [el("div", { class: "filter" }, el("h2", {}, "Benchmarks"), input, count),
    el("div", { class: "scroll" }, el("table", {}, headed(order), list)), more];
}

function headed(order) {
  const cells = COLUMNS.map(([key, title, kind, by]) => {
    const cell = el("th", { class: kind, scope: "col" }, by ? el("button", { type: "button", "data-key": key }, title) : title);
    if (by) cell.firstChild.addEventListener("click", () => {
      [state.down, state.sort] = [state.sort === key ? !state.down : key !== "name", key];
      notePlace(startAddress());
      mark();
      order();
    });
    return cell;
  });
  const mark = () => cells.forEach((cell) => {
    if (cell.firstChild.dataset?.key === state.sort) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  });
  mark();
  return el("thead", {}, el("tr", {}, cells));
}

/** What the last runs say where they left the level and are too few to be another. */
function latestOf(series, metric) {
  const latest = series[8];
  if (!latest) return "";
  return el("small", { class: "latest" }, `latest ${quantity(latest[0], metric[1])} (${latest[1]} run${latest[1] === 1 ? "" : "s"}, not confirmed)`);
}

function rowOf({ name, all, series, last }) {
  const metric = INDEX.metrics[series[1]];
  const others = new Set(all.map((one) => one[0])).size - 1;
  const none = () => el("span", { class: "soft" }, "–");
  return el("tr", {},
    el("td", {}, named(name, el("a", { href: benchmarkAddress(name) })), others ? el("small", {}, ` and on ${others} other machine${others === 1 ? "" : "s"}`) : ""),
    el("td", { class: "wide" }, spark(series)),
    el("td", { class: "number" }, quantity(series[3], metric[1]), el("small", {}, ` ${metric[0]}`), latestOf(series, metric)),
    el("td", { class: "number" }, last ? chip(ratioOf(last[2], last[3]), last[4], last[5]) : none()),
    el("td", { class: "wide soft when" }, last ? day(runOf(series, last[1])[2]) : ""),
    el("td", { class: "number wide" }, drifted(series) ? el("span", { class: "chip worse" }, signed(ratioOf(series[6][2], series[6][3]))) : none()));
}

/** A small picture of a series: its course, and since its last change in the colour of that. */
function spark(series) {
  const [heights, last] = [series[5], lastOf(series)];
  const step = 100 / Math.max(1, heights.length - 1);
  const course = (from, to) => heights.slice(from, to).map((height, at) => `${at ? "L" : "M"}${((from + at) * step).toFixed(1)} ${99 - height}`).join("");
  if (heights.length === 1) return svg("svg", { class: "spark one", viewBox: "0 0 100 99", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: "M50 50h.1" }));
  const at = last ? Math.max(0, last[7] - 1) : heights.length;
  return svg("svg", { class: "spark", viewBox: "0 0 100 99", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("path", { d: course(0, at + 1) }), last ? svg("path", { class: tone(last[4], last[5]), d: course(at) }) : "");
}
