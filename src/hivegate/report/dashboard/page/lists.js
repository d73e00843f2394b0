
// The start: what is known in numbers, what changed last, and every benchmark in a table that is searched and sorted.

const NEWS = 8;
const state = { query: "", sort: "name", down: false, news: NEWS, environment: null };

const seriesOf = (benchmark) => benchmark[2].filter((one) => state.environment === null || one[0] === state.environment);
const inEnvironment = (event) => state.environment === null || seriesAt(event)[0] === state.environment;
const seriesAt = (event) => INDEX.benchmarks[event[0]][2][event[1]];
const runOf = (series, place) => INDEX.environments[series[0]][2][place];

function address(benchmark, series) {
  const query = new URLSearchParams({ benchmark });
  if (series) query.set("metric", INDEX.metrics[series[1]][0]);
  return `#${query}`;
}

function startPage() {
  const list = el("tbody");
  const count = el("output", { for: "search" });
  const page = [el("h1", { class: "unseen" }, `Performance history of ${INDEX.project}`), facts(), news(), search(list, count), tableOf(list)];
  fill(list, count);
  return page;
}

function facts() {
  const shown = INDEX.benchmarks.filter((one) => seriesOf(one).length);
  const environments = state.environment === null ? INDEX.environments : [INDEX.environments[state.environment]];
  const runs = environments.flatMap((one) => one[2]);
  const commits = new Set(runs.map((run) => run[1]).filter(Boolean));
  const times = runs.map((run) => run[2]).sort();
  const worse = INDEX.events.filter((event) => inEnvironment(event) && event[7] && event[8] === "code");
  const crept = shown.filter((one) => crawl(seriesOf(one)[0]) > 1);
  const told = [
    ["benchmarks", shown.length], ["runs", runs.length], ["commits", commits.size],
    ["machines", environments.length],
    ["from", times.length ? day(times[0]) : "–"], ["to", times.length ? day(times[times.length - 1]) : "–"],
  ].map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value))));
  told.push(el("div", { class: worse.length ? "worse" : null }, el("dt", {}, "changes for the worse"), el("dd", {}, String(worse.length))));
  if (crept.length) told.push(el("div", { class: "worse" }, el("dt", {}, "crept up"), el("dd", {}, String(crept.length))));
  return el("dl", { class: "facts" }, told);
}

/** How far a series surely crept: the lower end of its interval, 1 where nothing is known. */
const crawl = (series) => (series && series[6] && series[6][1] > 1.005 ? series[6][1] : 1);

/** Put the moves of a machine, which most benchmarks share, into one piece of news. */
function grouped() {
  const shared = new Map();
  const found = [];
  for (const event of INDEX.events.filter(inEnvironment)) {
    if (event[8] !== "machine") { found.push([event]); continue; }
    const key = `${seriesAt(event)[0]} ${event[3]}`;
    if (!shared.has(key)) { shared.set(key, []); found.push(shared.get(key)); }
    shared.get(key).push(event);
  }
  return found;
}

function news() {
  const groups = grouped();
  const section = el("section", { "aria-labelledby": "news" }, el("h2", { id: "news" }, "What changed last"));
  if (!groups.length) {
    section.append(el("p", { class: "news empty" }, "No change was found in any series."));
    return section;
  }
  section.append(el("ul", { class: "news" }, groups.slice(0, state.news).map(newsItem)));
  if (groups.length > state.news) {
    const more = el("button", { class: "plain more", type: "button" }, `Show ${Math.min(40, groups.length - state.news)} more of ${groups.length - state.news}`);
    more.addEventListener("click", () => { state.news += 40; section.replaceWith(news()); });
    section.append(more);
  }
  return section;
}

function newsItem(events) {
  const [event] = events;
  const [benchmark, series] = [INDEX.benchmarks[event[0]], seriesAt(event)];
  const [older, newer] = [runOf(series, event[2]), runOf(series, event[3])];
  const metric = INDEX.metrics[series[1]];
  const machine = event[8] === "machine";
  const levels = `${quantity(event[4], metric[1], event[5])} → ${quantity(event[5], metric[1])}`;
  const title = machine && events.length > 1
    ? el("span", {}, `${events.length} series moved together: the machine, not the code`)
    : el("a", { href: address(benchmark[0], series), class: "name" }, benchmark[0]);
  const under = machine ? "" : el("small", { class: "name" }, `${metric[0]} ${levels}${newer[3] ? ` · ${newer[3]}` : ""}`);
  return el("li", {},
    el("span", { class: "soft" }, day(newer[2])), el("span", {}, chip(machine ? event[9] ?? event[6] : event[6], event[7], event[8])),
    el("span", {}, title, under), el("span", {}, rangeLink(older[1], newer[1])));
}

function search(list, count) {
  const input = el("input", { id: "search", type: "search", placeholder: "Search benchmarks", "aria-label": "Search benchmarks", autocomplete: "off", spellcheck: "false" });
  input.value = state.query;
  input.addEventListener("input", () => { state.query = input.value; fill(list, count); });
  return el("div", { class: "filter" }, el("h2", {}, "Benchmarks"), input, count);
}

const COLUMNS = [
  ["name", "Benchmark", "", (row) => row.name.toLowerCase()],
  ["trend", "Trend", "wide", null],
  ["level", "Now", "number", (row) => row.series[3]],
  ["change", "Last change", "number", (row) => (row.last ? Math.abs(Math.log(row.last[1] || 1)) : -1)],
  ["when", "On", "wide", (row) => (row.last ? runOf(row.series, row.last[0])[2] : "")],
  ["creep", "Crept", "number wide", (row) => crawl(row.series)],
];

function tableOf(list) {
  const head = COLUMNS.map(([key, title, kind, by]) => {
    const cell = el("th", { class: kind, scope: "col", "aria-sort": state.sort === key ? (state.down ? "descending" : "ascending") : null });
    cell.append(by ? el("button", { type: "button", onclick: () => sortBy(key) }, title) : title);
    return cell;
  });
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, head)), list));
}

function sortBy(key) {
  [state.down, state.sort] = [state.sort === key ? !state.down : key !== "name", key];
  render();
}

function fill(list, count) {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const all = INDEX.benchmarks.filter((one) => seriesOf(one).length);
  const by = COLUMNS.find(([key]) => key === state.sort)[3];
  const rows = all.filter((one) => words.every((word) => one[0].toLowerCase().includes(word))).map((one) => {
    const series = seriesOf(one)[0];
    return { name: one[0], series, last: series[7][series[7].length - 1] };
  });
  rows.sort((a, b) => (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0) * (state.down ? -1 : 1));
  list.replaceChildren(...rows.map(rowOf));
  if (!rows.length) list.append(el("tr", {}, el("td", { class: "empty", colspan: COLUMNS.length }, "No benchmark has all these words in its name.")));
  count.textContent = rows.length === all.length ? `${all.length}` : `${rows.length} of ${all.length}`;
}

function rowOf({ name, series, last }) {
  const metric = INDEX.metrics[series[1]];
  const crept = crawl(series);
  return el("tr", {},
    el("td", { class: "name" }, el("a", { href: address(name) }, name)),
    el("td", { class: "wide" }, spark(series[5])),
    el("td", { class: "number" }, quantity(series[3], metric[1]), el("small", {}, ` ${metric[0]}`)),
    el("td", { class: "number" }, last ? chip(last[1], last[2], last[3]) : el("span", { class: "soft" }, "–")),
    el("td", { class: "wide soft" }, last ? day(runOf(series, last[0])[2]) : ""),
    el("td", { class: "number wide" }, crept > 1 ? el("span", { class: "chip worse" }, signed(series[6][0])) : el("span", { class: "soft" }, "–")));
}

/** A small picture of a series: only its course. */
function spark(heights) {
  const step = heights.length > 1 ? 100 / (heights.length - 1) : 0;
  const path = heights.map((height, at) => `${at ? "L" : "M"}${(at * step).toFixed(1)} ${99 - height}`).join("");
  const drawn = heights.length > 1 ? path : `M0 ${99 - heights[0]}L100 ${99 - heights[0]}`;
  return svg("svg", { class: "spark", viewBox: "0 0 100 99", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("path", { d: drawn }));
}
