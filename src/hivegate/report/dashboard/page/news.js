
// What changed, the newest first: what got worse before all else; of one revision together, and a machine's move as one.

const NEWS = 6;
const MOVES = 4;
const KINDS = [["worse", "Got worse"], ["drifted", "Crept up"], ["better", "Got better"], ["benchmark", "Benchmark edited"], ["machine", "Machine"], ["all", "All changes"]];
const CREPT = 1.005; // the lower end of what counts as drift
const drifted = (series) => Boolean(series[6] && series[6][1] > CREPT);

/** Every change of the metrics that tell of a benchmark, as { benchmark, series, change, kind, older, newer }. */
function changesShown() {
  return INDEX.benchmarks.flatMap((benchmark) => seriesOf(benchmark)
    .filter((one) => one[1] === benchmark[2][0][1] || INDEX.metrics[one[1]][3])
    .flatMap((series) => series[7].map((change) => ({
      benchmark, series, change, kind: tone(change[4], change[5]), older: runOf(series, change[0]), newer: runOf(series, change[1]),
    }))));
}

/** Put together what came with one revision, or with one machine's move; the newest first, the largest first in each. */
function together(changes) {
  const groups = new Map();
  for (const one of changes) {
    const revisions = one.older[1] && one.newer[1] && one.change[5] !== "machine";
    const key = revisions ? `${one.older[1]} ${one.newer[1]}` : `${one.kind} ${one.series[0]} ${one.change[0]} ${one.change[1]}`;
    if (groups.has(key)) groups.get(key).push(one);
    else groups.set(key, [one]);
  }
  const size = ({ change }) => Math.abs(Math.log(ratioOf(change[2], change[3]) || 1e9));
  const found = [...groups.values()].map((group) => group.sort((a, b) => size(b) - size(a)));
  return found.sort((a, b) => (a[0].newer[2] < b[0].newer[2] ? 1 : a[0].newer[2] > b[0].newer[2] ? -1 : b[0].change[1] - a[0].change[1]));
}

function news() {
  const changes = changesShown();
  const drifting = INDEX.benchmarks.flatMap((benchmark) => seriesOf(benchmark).slice(0, 1).filter(drifted).map((series) => ({ benchmark, series })));
  drifting.sort((a, b) => b.series[6][0] - a.series[6][0]);
  const items = {
    drifted: drifting.map((one) => () => creepItem(one)),
    all: together(changes).map((group) => () => newsItem(group)),
  };
  for (const [kind] of KINDS) items[kind] ??= together(changes.filter((one) => one.kind === kind)).map((group) => () => newsItem(group));
  const counts = { drifted: drifting.length, all: changes.length, machine: items.machine.length };
  const list = el("ul", { class: "news" });
  const more = el("button", { class: "plain more", type: "button" });
  let shown = NEWS;
  const buttons = KINDS.filter(([kind]) => items[kind].length).map(([kind, title]) => {
    const count = counts[kind] ?? changes.filter((one) => one.kind === kind).length;
    const button = el("button", { class: `plain ${kind}`, type: "button", "data-kind": kind }, title, " ", el("b", {}, String(count)));
    button.addEventListener("click", () => { shown = NEWS; state.show = kind; notePlace(startAddress()); fillNews(); });
    return button;
  });
  function fillNews() {
    const kind = items[state.show]?.length ? state.show : buttons[0].dataset.kind;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    list.replaceChildren(...items[kind].slice(0, shown).map((make) => make()));
    more.textContent = `Show ${Math.min(40, items[kind].length - shown)} more of ${items[kind].length - shown}`;
    more.hidden = items[kind].length <= shown;
  }
  more.addEventListener("click", () => { shown += 40; fillNews(); });
  const section = el("section", { "aria-labelledby": "news" }, el("div", { class: "filter" }, el("h2", { id: "news" }, "What changed"), buttons));
  if (!buttons.length) section.append(el("p", { class: "news empty" }, "No change was found in any series."));
  else { section.append(list, more); fillNews(); }
  return section;
}

function newsItem(group) {
  const [{ older, newer, series, change, kind }] = group;
  const body = el("div", { class: "moves" });
  const several = new Set(group.map((one) => one.series[0])).size > 1;
  if (change[5] === "machine") {
    body.append(el("p", { class: "move" }, chip(change[6] ?? ratioOf(change[2], change[3]), change[4], change[5]),
      el("span", {}, el("b", {}, `${group.length} series moved together: the machine, not the code`))));
  } else {
    const move = (one) => moveOf(one, several);
    body.append(...group.slice(0, MOVES).map(move));
    if (group.length > MOVES) {
      const rest = el("button", { class: "plain more", type: "button" }, `and ${group.length - MOVES} more`);
      rest.addEventListener("click", () => rest.replaceWith(...group.slice(MOVES).map(move)));
      body.append(rest);
    }
  }
  return el("li", {}, el("div", { class: "when" }, day(newer[2]), " ", rangeLink(older[1], newer[1]), newer[3] ? el("small", { class: "name" }, newer[3]) : "", several ? "" : whichMachine(series)), body);
}

function creepItem({ benchmark, series }) {
  const [, , best, current, since] = series[6];
  const run = runOf(series, since);
  return el("li", {}, el("div", { class: "when" }, "since ", day(run[2]), " ", commitLink(run[1]), whichMachine(series)),
    el("div", { class: "moves" }, line(benchmark, series, el("span", { class: "chip worse" }, signed(ratioOf(best, current))), best, current, ", best sustained → now")));
}

function moveOf({ benchmark, series, change }, several) {
  const told = change[5] === "code" ? "" : `, ${CAUSES[change[5]]}`;
  const found = line(benchmark, series, chip(ratioOf(change[2], change[3]), change[4], change[5]), change[2], change[3], told);
  if (several) found.children[1].append(whichMachine(series));
  return found;
}

function line(benchmark, series, mark, before, after, told) {
  const metric = INDEX.metrics[series[1]];
  return el("p", { class: "move" }, mark,
    el("span", {}, named(benchmark[0], el("a", { href: benchmarkAddress(benchmark[0], metric[0]) })),
      el("small", {}, `${metric[0]} ${quantity(before, metric[1], after)} → ${quantity(after, metric[1])}${told}`)),
    spark(series));
}

const whichMachine = (series) => (machines().length > 1 ? el("small", { class: "short", title: INDEX.environments[series[0]][1] }, INDEX.environments[series[0]][1]) : "");
