
// One benchmark: a chart for each machine, the changes with their revisions, and what is known of the run one points at.

const ROWS = 200;

function detailPage(benchmark, file, wanted) {
  const metrics = [...new Set(seriesOf(benchmark).map((one) => one[1]))];
  const metric = metrics.find((one) => INDEX.metrics[one][0] === wanted) ?? metrics[0];
  const page = [
    el("p", { class: "crumbs" }, el("a", { href: "#" }, "All benchmarks")),
    el("h1", { class: "name" }, benchmark[0]),
    file.node && file.node !== benchmark[0] ? el("p", { class: "under" }, file.node) : "",
  ];
  const charts = [];
  const figures = [];
  benchmark[2].forEach((one, place) => {
    if (one[1] !== metric || (state.environment !== null && one[0] !== state.environment)) return;
    figures.push(figureOf(file.series[place], INDEX.environments[one[0]], INDEX.metrics[metric], charts));
  });
  page.push(controls(benchmark, metrics, metric, charts), ...figures);
  return page.filter((part) => part !== "");
}

function controls(benchmark, metrics, metric, charts) {
  const bar = el("div", { class: "bar", role: "toolbar", "aria-label": "Chart" });
  if (metrics.length > 1) {
    bar.append(...metrics.map((one) => {
      const name = INDEX.metrics[one][0];
      const go = () => { location.hash = new URLSearchParams({ benchmark: benchmark[0], metric: name }); };
      return el("button", { class: "plain", type: "button", "aria-pressed": String(one === metric), onclick: go }, name);
    }), el("span", { class: "gap" }));
  }
  for (const [title, count] of [["All", 0], ["Last 200", 200], ["Last 50", 50]]) {
    bar.append(el("button", { class: "plain", type: "button", onclick: () => charts.forEach((chart) => chart.show(count)) }, title));
  }
  const zero = el("button", { class: "plain", type: "button", "aria-pressed": "false" }, "From zero");
  zero.addEventListener("click", () => {
    const on = zero.getAttribute("aria-pressed") !== "true";
    zero.setAttribute("aria-pressed", String(on));
    charts.forEach((chart) => { chart.fromZero = on; chart.draw(); });
  });
  bar.append(zero);
  return bar;
}

function figureOf(series, environment, metric, charts) {
  const point = el("div", { class: "point", "aria-live": "polite" });
  const chart = new Chart(series, environment[2], metric, (at) => point.replaceChildren(...pointOf(series, environment[2], metric, at)));
  charts.push(chart);
  const direction = metric[2] ? "higher is better" : "lower is better";
  return el("section", { class: "figure" },
    el("h2", {}, environment[1]),
    el("p", { class: "soft" }, `${metric[0]}, ${direction}; ${series.values.length} runs. Drag over the chart to look closer, Esc shows all.`),
    chart.root, point, creepOf(series, environment[2], metric), changesOf(series, environment[2], metric), numbersOf(series, environment[2], metric));
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
  if (run[7]) links.push(el("a", { href: `#${new URLSearchParams({ run: run[0] })}` }, "verdicts"));
  if (run[8]) links.push(outward(run[8], "report"));
  return links;
}

function creepOf(series, runs, metric) {
  const { creep } = series;
  if (!creep || creep.low <= 1.005) return null;
  return el("p", { class: "creep" },
    `Now ${quantity(creep.current, metric[1])}, ${signed(creep.ratio)} against the best level that was sustained, ` +
    `${quantity(creep.best, metric[1])} from ${day(runs[creep.first][2])} to ${day(runs[creep.last][2])}.`);
}

function changesOf(series, runs, metric) {
  if (!series.changes.length) return el("h3", {}, "No change was found.");
  const rows = [...series.changes].reverse().map((one) => {
    const [older, newer] = [runs[one.good], runs[one.bad]];
    return el("tr", {},
      el("td", {}, chip(one.before > 0 ? one.after / one.before : null, one.worse, one.cause)),
      el("td", { class: "when" }, day(newer[2])),
      el("td", { class: "number" }, `${quantity(one.before, metric[1], one.after)} → ${quantity(one.after, metric[1])}`),
      el("td", {}, rangeLink(older[1], newer[1])),
      el("td", { class: "name" }, CAUSES[one.cause] || newer[3] || "", one.shared ? ` (${signed(one.shared)} for most)` : ""));
  });
  const head = ["Change", "On", "Level", "Between", "What"].map((name, at) => el("th", { scope: "col", class: at === 2 ? "number" : null }, name));
  return el("div", {}, el("h3", {}, "Changes"),
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))));
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
    folded.append(el("div", { class: "scroll" }, el("table", {}, el("tbody", {}, rows))), rest);
  });
  return folded;
}

/** The verdicts on one run. */
function runPage(run, environment, judged) {
  const order = { failed: 0, slower: 0, missing: 1, invalid: 1, "not judged": 2, waived: 3, faster: 4, passed: 5, new: 6 };
  const rows = [...judged].sort((a, b) => (order[a[0]] ?? 9) - (order[b[0]] ?? 9)).map(([outcome, benchmark, kind, tier, metric, limit, reason]) => {
    const known = INDEX.benchmarks.find((one) => one[0] === benchmark);
    return el("tr", {},
      el("td", {}, el("span", { class: `chip ${outcome.replace(" ", "-")}` }, outcome)),
      el("td", { class: "name" }, known ? el("a", { href: address(benchmark) }, benchmark) : benchmark),
      el("td", {}, [metric, limit].filter(Boolean).join(", ")), el("td", { class: "name" }, `${reason}${tier ? ` (${tier})` : ""}`));
  });
  const head = ["Verdict", "Benchmark", kindOf(judged), "Reason"].map((name) => el("th", { scope: "col" }, name));
  return [
    el("p", { class: "crumbs" }, el("a", { href: "#" }, "All benchmarks")),
    el("h1", {}, `Verdicts of ${minute(run[2])}`),
    el("p", { class: "under" }, commitLink(run[1]), run[5] ? " with changes" : "", run[4] ? ` on ${run[4]}` : "", run[3] ? `: ${run[3]}` : ""),
    el("p", { class: "under" }, environment[1], ...(run[8] ? [" · ", outward(run[8], "report")] : [])),
    el("div", { class: "bar" }),
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows))),
  ];
}

const kindOf = (judged) => (judged.every((one) => one[2] === "regression") ? "Budget" : "Limit");
