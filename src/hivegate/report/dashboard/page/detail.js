
// One benchmark: a chart for each machine, the changes with their revisions, and what is known of the run one points at.

const ROWS = 200;

function detailPage(benchmark, file, query) {
  const metrics = [...new Set(seriesOf(benchmark).map((one) => one[1]))];
  const metric = metrics.find((one) => INDEX.metrics[one][0] === query.get("metric")) ?? metrics[0];
  const charts = [];
  const figures = benchmark[2].flatMap((one, place) => {
    if (one[1] !== metric || (state.environment !== null && one[0] !== state.environment)) return [];
    return [figureOf(benchmark[0], file.series[place], INDEX.environments[one[0]], INDEX.metrics[metric], Number(query.get("at")), charts)];
  });
  return [
    el("p", { class: "crumbs" }, crumb()),
    named(benchmark[0], el("h1")),
    file.node && file.node !== benchmark[0] ? named(file.node, el("p", { class: "under" })) : "",
    controls(benchmark, metrics, metric, charts), ...figures,
  ].filter((part) => part !== "");
}

/** Buttons of which one is on. */
function choices(known, chosen, choose) {
  const buttons = known.map(([value, title]) => {
    const button = el("button", { class: "plain", type: "button", "aria-pressed": String(value === chosen) }, title);
    button.addEventListener("click", () => {
      buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
      choose(value);
    });
    return button;
  });
  return el("div", { class: "choices" }, buttons);
}

function controls(benchmark, metrics, metric, charts) {
  const bar = el("div", { class: "bar", role: "group", "aria-label": "What the charts show" });
  const turn = (one) => { location.hash = benchmarkAddress(benchmark[0], INDEX.metrics[one][0]); };
  if (metrics.length > 1) bar.append(choices(metrics.map((one) => [one, INDEX.metrics[one][0]]), metric, turn));
  const most = Math.max(...charts.map((chart) => chart.series.values.length));
  const spans = [[0, "All runs"], [200, "Last 200"], [50, "Last 50"]].filter(([count]) => count < most);
  if (spans.length > 1) bar.append(choices(spans, 0, (count) => charts.forEach((chart) => chart.show(count))));
  const scale = (value) => charts.forEach((chart) => { chart.scale = value; chart.draw(); });
  bar.append(choices([["fitted", "Fitted"], ["zero", "From zero"], ["log", "Logarithmic"]], "fitted", scale));
  return bar;
}

function figureOf(name, series, environment, metric, at, charts) {
  const runs = environment[2];
  const point = el("div", { class: "point", "aria-live": "polite" });
  const chart = new Chart(series, runs, metric, (place, told) => {
    point.replaceChildren(...pointOf(series, runs, metric, place));
    if (told) notePlace(benchmarkAddress(name, metric[0], runs[series.runs[place]][0]));
  });
  const asked = series.runs.findIndex((place) => runs[place][0] === at);
  if (asked >= 0) chart.chosen = asked;
  charts.push(chart);
  const direction = metric[2] ? "higher is better" : "lower is better";
  const count = series.values.length;
  return el("section", { class: count < 3 ? "figure few" : "figure" },
    named(environment[1], el("h2"), /(?<=; )/),
    el("p", { class: "soft" }, `${metric[0]}, ${direction}; ${count} run${count === 1 ? "" : "s"}.${count < 3 ? "" : " Drag over the chart to look closer, Esc shows all."}`),
    chart.root, legendOf(series), point, creepOf(series, runs, metric), changesOf(series, runs, metric, chart), numbersOf(series, runs, metric));
}

/** What the chart's signs mean, as far as they occur. */
function legendOf(series) {
  const causes = new Set(series.changes.map((one) => one.cause));
  const signs = [
    [Boolean(series.low), "band", "interval of each run"],
    [causes.size, "level", "level"],
    [causes.has("code"), "code", "change"],
    [series.changes.some((one) => one.from !== one.good || one.to !== one.bad), "unsure", "where it may also have come"],
    [["machine", "either", "outside"].some((cause) => causes.has(cause)), "machine", causes.has("either") ? "the machine, or either" : "the machine, not the code"],
    [causes.has("benchmark"), "benchmark", "the benchmark was edited"],
  ];
  const told = signs.filter(([known]) => known).map(([, kind, title]) => el("li", { class: kind }, title));
  return told.length ? el("ul", { class: "legend" }, told) : null;
}

/** What is known of one run: its value, its commit, and where to read on. */
function pointOf(series, runs, metric, at) {
  const run = runs[series.runs[at]];
  const value = series.values[at];
  const known = series.low && series.low[at] !== null && series.high[at] !== null;
  const parts = [el("b", {}, quantity(value, metric[1]))];
  if (known) parts.push(el("span", { class: "soft" }, `${quantity(series.low[at], metric[1], value)} .. ${quantity(series.high[at], metric[1], value)}`));
  parts.push(el("span", {}, minute(run[2])), el("span", {}, commitLink(run[1]), run[5] ? " with changes" : ""));
  if (run[3]) parts.push(el("span", { class: "name" }, run[3]));
  if (run[6]) parts.push(el("span", { class: `chip ${run[6].replace(" ", "-")}` }, run[6]));
  parts.push(...reportLinks(run));
  return parts;
}

function reportLinks(run) {
  const links = [];
  if (run[7]) links.push(el("a", { href: hashOf({ run: run[0], machine: machineKey() }) }, "verdicts"));
  if (run[8]) links.push(outward(run[8], "report"));
  return links;
}

function creepOf(series, runs, metric) {
  const { drift } = series;
  if (!drift || drift.low <= CREPT) return null;
  return el("p", { class: "drift" },
    `Now ${quantity(drift.current, metric[1])}, ${signed(ratioOf(drift.best, drift.current))} against the best level that was sustained, ` +
    `${quantity(drift.best, metric[1])} from ${day(runs[drift.first][2])} to ${day(runs[drift.last][2])}.`);
}

function changesOf(series, runs, metric, chart) {
  if (!series.changes.length) return el("h3", {}, "No change was found.");
  const rows = [...series.changes].reverse().map((one) => {
    const [older, newer] = [runs[one.good], runs[one.bad]];
    const mark = chip(ratioOf(one.before, one.after), one.worse, one.cause);
    const wider = one.from !== one.good || one.to !== one.bad;
    return el("tr", {},
      el("td", {}, el("button", { class: "pick", type: "button", title: "Show the first run that has it", onclick: () => chart.pick(one.at) }, mark)),
      el("td", { class: "when" }, day(newer[2])),
      el("td", { class: "number" }, `${quantity(one.before, metric[1], one.after)} → ${quantity(one.after, metric[1])}`),
      el("td", {}, rangeLink(older[1], newer[1]), wider ? el("small", {}, "at the widest ", rangeLink(runs[one.from][1], runs[one.to][1])) : ""),
      el("td", { class: "name" }, CAUSES[one.cause] || newer[3] || "", one.shared ? ` (${signed(one.shared)} for most)` : ""));
  });
  return el("div", {}, el("h3", {}, "Changes"), tableIn("Changes", headOf("Change", "On", "Level", "Between", "What"), el("tbody", {}, rows)));
}

/** All numbers as a table, made when it is opened. */
function numbersOf(series, runs, metric) {
  const folded = el("details", {}, el("summary", { class: "soft" }, "The numbers"));
  folded.addEventListener("toggle", () => {
    if (!folded.open || folded.children.length > 1) return;
    const last = series.values.length - 1;
    const rows = Array.from({ length: Math.min(ROWS, last + 1) }, (_, back) => {
      const run = runs[series.runs[last - back]];
      return el("tr", {}, el("td", { class: "when" }, minute(run[2])), el("td", {}, commitLink(run[1])),
        el("td", { class: "number" }, quantity(series.values[last - back], metric[1])), el("td", { class: "name" }, run[3]), el("td", {}, reportLinks(run)));
    });
    const rest = last + 1 > ROWS ? el("p", { class: "soft" }, `The last ${ROWS} of ${last + 1}; hivegate history export writes all.`) : "";
    folded.append(tableIn("The numbers", headOf("Run", "Commit", "Level", "Subject", "More"), el("tbody", {}, rows)), rest);
  });
  return folded;
}

/** The verdicts on one run. */
function runPage(run, environment, judged) {
  const order = { failed: 0, slower: 0, missing: 1, invalid: 1, "inconclusive": 2, waived: 3, faster: 4, passed: 5, new: 6 };
  const rows = [...judged].sort((a, b) => (order[a[0]] ?? 9) - (order[b[0]] ?? 9)).map(([outcome, benchmark, kind, tier, metric, limit, reason]) => {
    const known = INDEX.benchmarks.find((one) => one[0] === benchmark);
    return el("tr", {},
      el("td", {}, el("span", { class: `chip ${outcome.replace(" ", "-")}` }, outcome)),
      el("td", {}, named(benchmark, known ? el("a", { href: benchmarkAddress(benchmark) }) : el("span"))),
      el("td", {}, [metric, limit].filter(Boolean).join(", ")), el("td", { class: "name" }, `${reason}${tier ? ` (${tier})` : ""}`));
  });
  return [
    el("p", { class: "crumbs" }, crumb()),
    el("h1", {}, `Verdicts of ${minute(run[2])}`),
    el("p", { class: "under" }, commitLink(run[1]), run[5] ? " with changes" : "", run[4] ? ` on ${run[4]}` : "", run[3] ? `: ${run[3]}` : ""),
    el("p", { class: "under" }, environment[1], ...(run[8] ? [" · ", outward(run[8], "report")] : [])),
    el("div", { class: "bar" }),
    tableIn("Verdicts", headOf("Verdict", "Benchmark", kindOf(judged), "Reason"), el("tbody", {}, rows)),
  ];
}

const kindOf = (judged) => (judged.every((one) => one[2] === "budget") ? "Budget" : "Limit");
