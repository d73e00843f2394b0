"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const differs = data.kind === "difference";
  const here = differs ? 1 : 0; // the side that is told: head, or the only one
  const ROW = 22;

  // Nodes come depth first as [depth, frame, width, totals, owns, lines]; give them parents and places.
  const nodes = data.nodes.map(([depth, frame, width, total, own, lines], index) =>
    ({ index, depth, frame: data.frames[frame], frameIndex: frame, width, total, own, lines, parent: null, children: [], left: 0 }));
  const roots = [];
  {
    const open = [];
    for (const node of nodes) {
      open.length = node.depth;
      node.parent = open[node.depth - 1] ?? null;
      (node.parent ? node.parent.children : roots).push(node);
      open.push(node);
    }
    const place = (siblings, start) => { for (const node of siblings) { node.left = start; start += node.width; } };
    place(roots, 0);
    for (const node of nodes) place(node.children, node.left);
  }
  const whole = roots.reduce((sum, node) => sum + node.width, 0) || 1;
  const deepest = nodes.reduce((most, node) => Math.max(most, node.depth), 0);

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const byId = (id) => document.getElementById(id);
  const UNITS = data.unit === "bytes"
    ? [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]]
    : [[1, "s"], [1e-3, "ms"], [1e-6, "us"], [1e-9, "ns"]];
  const amount = (value) => {
    const size = Math.abs(value);
    const [scale, unit] = UNITS.find(([one]) => size >= one) ?? UNITS[UNITS.length - 1];
    return size === 0 ? "0" : `${Number((value / scale).toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 2 })} ${unit}`;
  };
  const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "") + amount(Math.abs(value));
  const percent = (share) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
  const change = (node) => node.total[1] - node.total[0];

  // ---- header, legend, notes
  byId("kind").textContent = data.headline;
  for (const [name, value] of data.facts) {
    const pair = make("div");
    pair.append(make("dt", "", name), make("dd", "", value));
    byId("facts").append(pair);
  }
  for (const note of data.notes) byId("notes").append(make("li", "", note));

  // A total of n samples has an error of sqrt(n) samples; below some of them nothing is claimed.
  const isSure = (node) => Math.abs(change(node)) > data.sure * Math.sqrt(node.total[0] * data.perSample[0] + node.total[1] * data.perSample[1]);
  // The strongest colour is for the largest change, or for a tenth of all where every change is smaller.
  const most = Math.max(...nodes.map((node) => differs ? Math.abs(change(node)) : 0), whole / 10, 1e-12);
  const hash = (text) => { let sum = 7; for (const char of text) sum = (sum * 31 + char.codePointAt(0)) % 9973; return sum; };
  const paint = (element, node) => {
    const [name, file, origin] = node.frame;
    if (differs) {
      const part = isSure(node) ? change(node) / most : 0;
      element.style.setProperty("--h", part >= 0 ? "var(--grew)" : "var(--shrank)");
      const strength = Math.sqrt(Math.abs(part));
      element.style.setProperty("--s", `${Math.round(6 + 78 * strength)}%`);
      element.style.setProperty("--strength", String(strength));
    } else if (node.depth === 0) {
      element.classList.add(name === data.title ? "root" : "beside");
    } else {
      element.classList.add(origin);
      element.style.setProperty("--shift", String(hash(name + file) % 5 / 2 - 1));
    }
  };
  const LEGEND = differs
    ? [["hsl(var(--grew) 80% var(--frame-l))", "takes more than base"], ["hsl(var(--shrank) 80% var(--frame-l))", "takes less"], ["hsl(0 6% var(--frame-l))", "the same, or too little to tell"]]
    : [["project", "the project"], ["package", "installed packages"], ["python", "Python's own library"], ["native", "built in"], ["beside", "other threads and processes"]];
  const seenOrigins = new Set(nodes.filter((node) => node.depth).map((node) => node.frame[2]));
  if (roots.length > 1) seenOrigins.add("beside");
  for (const [colour, text] of LEGEND) {
    if (!differs && !seenOrigins.has(colour)) continue;
    const item = make("li");
    const box = make("i", differs ? "" : colour);
    box.style.background = differs ? colour : "hsl(var(--h) var(--s, var(--frame-s)) var(--frame-l))";
    item.append(box, text);
    byId("legend").append(item);
  }

  // ---- the flame
  const flame = byId("flame");
  const tip = byId("tip");
  let zoomed = null; // the node that fills the width, null for all
  let focused = roots[0] ?? null;
  let hits = null; // frame indices that the search found
  const shown = new Map(); // node index -> element

  const label = (node) => {
    const share = percent(node.total[here] / data.perCall);
    const base = `${node.frame[0]}, ${amount(node.total[here])} per call, ${share}`;
    return differs ? `${base}, ${signed(change(node))} against base` : base;
  };
  const isAbove = (node) => { for (let one = zoomed?.parent; one; one = one.parent) if (one === node) return true; return false; };

  const draw = () => {
    const from = zoomed ? zoomed.left : 0;
    const span = zoomed ? zoomed.width : whole;
    const pixels = flame.clientWidth || 1200;
    const smallest = span / pixels * 0.6;
    flame.replaceChildren();
    shown.clear();
    flame.classList.toggle("searching", hits !== null);
    let depth = 0;
    for (const node of nodes) {
      const above = isAbove(node);
      if (!above && (node.width < smallest || node.left + node.width <= from + span * 1e-9 || node.left >= from + span * (1 - 1e-9))) continue;
      const left = above ? 0 : Math.max(0, (node.left - from) / span);
      const width = above ? 1 : Math.min(1 - left, node.width / span);
      const element = make("div", "frame");
      if (width * pixels < 26) element.classList.add("narrow"); else element.textContent = node.frame[0];
      element.style.left = `${left * 100}%`;
      element.style.width = `max(calc(${width * 100}% - 1px), 1px)`;
      element.style.top = `${node.depth * ROW}px`;
      element.setAttribute("role", "treeitem");
      element.setAttribute("aria-level", String(node.depth + 1));
      element.setAttribute("aria-label", label(node));
      element.tabIndex = node === focused ? 0 : -1;
      element.classList.toggle("above", above);
      element.classList.toggle("hit", hits !== null && hits.has(node.frameIndex));
      paint(element, node);
      element.dataset.node = String(node.index);
      flame.append(element);
      shown.set(node.index, element);
      depth = Math.max(depth, node.depth);
    }
    if (focused && !shown.has(focused.index)) {
      focused = zoomed ?? roots[0];
      const element = shown.get(focused.index);
      if (element) element.tabIndex = 0;
    }
    flame.style.height = `${(depth + 1) * ROW + 2}px`;
    byId("reset").disabled = zoomed === null;
    byId("path").textContent = zoomed ? `${percent(zoomed.total[here] / data.perCall)} of a call · ${zoomed.frame[0]}` : "";
  };

  const zoom = (node) => { zoomed = node && node.parent === null && roots.length === 1 ? null : node; draw(); };
  const focus = (node) => {
    if (!node) return;
    if (!shown.has(node.index)) return;
    if (focused && shown.has(focused.index)) shown.get(focused.index).tabIndex = -1;
    focused = node;
    const element = shown.get(node.index);
    element.tabIndex = 0;
    element.focus({ preventScroll: false });
  };

  // ---- tooltip
  const tell = (node, x, y) => {
    const [name, file] = node.frame;
    const table = make("table");
    const row = (title, ...cells) => {
      const line = table.insertRow();
      line.append(make("td", "", title), ...cells.map((text) => make("td", "number", text)));
    };
    const share = (value) => percent(value / data.perCall);
    if (differs) {
      row("base, with callees", amount(node.total[0]));
      row("head, with callees", amount(node.total[1]));
      row("difference", signed(change(node)));
      row("of it in itself", signed(node.own[1] - node.own[0]));
    } else {
      row("with what it calls", amount(node.total[0]), share(node.total[0]));
      row("in itself", amount(node.own[0]), share(node.own[0]));
      if (data.perSample[0] > 0) row("samples", String(Math.round(node.total[0] / data.perSample[0])));
    }
    for (const [line, amount] of node.lines) row(`line ${line}`, amount(amount), share(amount));
    tip.replaceChildren(make("b", "", name), make("small", "", file || (node.depth ? "built in" : "the benchmark")), table);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - box.width - 8))}px`;
    tip.style.top = `${y + 22 + box.height > innerHeight ? Math.max(4, y - box.height - 12) : y + 22}px`;
  };
  const nodeOf = (event) => {
    const element = event.target.closest?.(".frame");
    return element ? nodes[Number(element.dataset.node)] : null;
  };
  flame.addEventListener("mousemove", (event) => {
    const node = nodeOf(event);
    if (node) tell(node, event.clientX, event.clientY); else tip.hidden = true;
  });
  flame.addEventListener("mouseleave", () => { tip.hidden = true; });
  flame.addEventListener("focusin", (event) => {
    const node = nodeOf(event);
    if (!node || !event.target.matches(":focus-visible")) return;
    const box = event.target.getBoundingClientRect();
    tell(node, Math.max(box.left, 0), box.top);
  });
  flame.addEventListener("focusout", () => { tip.hidden = true; });
  flame.addEventListener("click", (event) => {
    const node = nodeOf(event);
    if (!node) return;
    focused = node;
    zoom(node);
    shown.get(node.index)?.focus();
  });

  // ---- keyboard
  const visibleOnes = (siblings) => siblings.filter((node) => shown.has(node.index));
  const step = (node, by) => {
    const level = visibleOnes(nodes.filter((one) => one.depth === node.depth));
    return level[level.indexOf(node) + by];
  };
  const MOVES = {
    ArrowUp: (node) => node.parent,
    ArrowDown: (node) => visibleOnes(node.children)[0],
    ArrowLeft: (node) => step(node, -1),
    ArrowRight: (node) => step(node, 1),
    Home: () => roots[0],
  };
  flame.addEventListener("keydown", (event) => {
    const node = nodeOf(event);
    if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[event.key]) {
      event.preventDefault();
      focus(MOVES[event.key](node));
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      zoom(node);
      focus(node);
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      byId("search").focus();
    } else if (event.key === "Escape") {
      if (hits) { byId("search").value = ""; look(); } else { zoom(zoomed?.parent ?? null); if (!typing) focus(focused); }
      tip.hidden = true;
    }
  });

  // ---- search
  const look = () => {
    const wanted = byId("search").value.trim().toLowerCase();
    hits = wanted === "" ? null : new Set(data.frames.flatMap(([name, file], index) =>
      `${name} ${file}`.toLowerCase().includes(wanted) ? [index] : []));
    let found = 0;
    if (hits) {
      // A function inside another that was found is in its time already.
      const covered = new Set();
      for (const node of nodes) {
        if (covered.has(node.parent)) covered.add(node);
        else if (hits.has(node.frameIndex)) { covered.add(node); found += node.total[here]; }
      }
    }
    byId("found").textContent = hits ? `${percent(found / data.perCall)} of a call, ${amount(found)}` : "";
    draw();
  };
  byId("search").addEventListener("input", look);
  byId("reset").addEventListener("click", () => zoom(null));

  // ---- theme
  const THEMES = ["auto", "light", "dark"];
  byId("theme").addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
    if (next === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = next;
    byId("theme").textContent = `Theme: ${next}`;
  });

  // ---- the table below
  const tableOf = (title, heads, rows) => {
    if (rows.length === 0) return;
    const table = make("table");
    const head = table.createTHead().insertRow();
    for (const [text, kind] of heads) { const cell = make("th", kind, text); cell.scope = "col"; head.append(cell); }
    const body = table.createTBody();
    for (const cells of rows) body.insertRow().append(...cells);
    const scroll = make("div", "scroll");
    scroll.append(table);
    byId("table").append(make("h2", "", title), scroll);
  };
  const nameCell = (name, file) => {
    const cell = make("td", "name");
    const button = make("button", "", name);
    button.type = "button";
    button.addEventListener("click", () => { byId("search").value = name; look(); flame.scrollIntoView({ block: "nearest" }); });
    cell.append(button, make("small", "", file));
    return cell;
  };
  const barCell = (share, origin) => {
    const cell = make("td", "bar");
    const bar = make("i", origin);
    bar.style.width = `${Math.min(100, Math.max(0.5, share * 100))}%`;
    cell.append(bar);
    return cell;
  };
  // What grew: the answer, above the picture.
  const KINDS = { "+": "plus", "-": "minus", "@": "at" };
  const hunkOf = (text) => {
    const block = make("pre", "hunk");
    for (const line of text.split("\n")) block.append(make("span", KINDS[line[0]] ?? "", line));
    return block;
  };
  const grewOf = ({ name, file, line, source, base, head, error, hunks, through }, index) => {
    const item = make("li");
    const first = make("p", "what");
    first.append(make("b", "", signed(head - base)), " ", make("span", "name", name), " ", make("small", "", line ? `${file}:${line}` : file));
    const second = make("p", "how", `${amount(base)} → ${amount(head)} a call${error ? ` (± ${amount(error)})` : ""}`);
    if (source) second.append(" ", make("code", "", source));
    item.append(first, second);
    if (hunks.length) {
      const more = make("details");
      more.open = index === 0;
      more.append(make("summary", "", through ? `changed on the way to it: ${through}` : "what changed in it"), ...hunks.map(hunkOf));
      item.append(more);
    } else if (data.knowsChanges) {
      item.append(make("p", "how", "git shows no change in it, nor in what calls it"));
    }
    return item;
  };
  if (differs) {
    const list = make("ol");
    list.append(...data.increases.slice(0, 10).map(grewOf));
    byId("grew").append(make("h2", "", data.increases.length ? "What takes more than in base" : "Nothing surely takes more than in base"), list);
  }

  if (differs) {
    tableOf(data.unit === "bytes" ? "Functions that hold more or less at the peak" : "Functions whose own time surely moved, slower and faster",
      [["Function", ""], ["Base", "number"], ["Head", "number"], ["Difference per call", "number"], ["Standard error", "number"]],
      data.moved.slice(0, 30).map(([name, file, base, head, error]) => [nameCell(name, file), make("td", "number", amount(base)),
        make("td", "number", amount(head)), make("td", "number", signed(head - base)), make("td", "number", error ? `± ${amount(error)}` : "exact")]));
  } else {
    const sums = new Map();
    for (const node of nodes) {
      const sum = sums.get(node.frameIndex) ?? { frame: node.frame, own: 0, total: 0 };
      sum.own += node.own[0];
      let caller = node.parent;
      while (caller && caller.frameIndex !== node.frameIndex) caller = caller.parent;
      if (!caller) sum.total += node.total[0];
      sums.set(node.frameIndex, sum);
    }
    const ranked = [...sums.values()].filter((one) => one.own > 0).sort((one, other) => other.own - one.own).slice(0, 25);
    tableOf(data.unit === "bytes" ? "Functions by what they hold themselves" : "Functions by their own time",
      [["Function", ""], ["In itself", "number"], ["", "number"], ["", "bar"], ["With what it calls", "number"]],
      ranked.map(({ frame, own, total }) => [nameCell(frame[0], frame[1]), make("td", "number", amount(own)),
        make("td", "number", percent(own / data.perCall)), barCell(own / data.perCall, frame[2]), make("td", "number", amount(total))]));
  }

  let width = 0;
  new ResizeObserver(() => { if (flame.clientWidth !== width) { width = flame.clientWidth; draw(); } }).observe(flame);
  flame.style.minHeight = `${Math.min(deepest + 1, 4) * ROW}px`;
  if (nodes.length === 0) flame.append(make("p", "", "No sample fell on the benchmark."));
  draw();
})();
