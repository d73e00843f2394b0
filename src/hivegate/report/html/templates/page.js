"use strict";
(() => {
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const unfold = document.getElementById("unfold");
  const verdicts = [...document.querySelectorAll("tbody.verdict")];
  const plural = (count) => `${count} verdict${count === 1 ? "" : "s"}`;
  let linked = ""; // the verdict that the address names
  let order = ""; // "key" or "-key" where the reader sorted

  // Folding

  function setOpen(verdict, open) {
    verdict.classList.toggle("open", open);
    verdict.querySelector(".toggle").setAttribute("aria-expanded", String(open));
  }

  function tellFolds() {
    const visible = verdicts.filter((one) => !one.hidden);
    unfold.textContent = visible.length && visible.every((one) => one.classList.contains("open")) ? "Fold all" : "Unfold all";
  }

  // Those that weigh the least: a line each, made when they are seen

  const MORE = 100;
  const rest = document.getElementById("rest");
  const lines = rest ? JSON.parse(document.getElementById("lines").textContent) : [];
  let matching = [];
  let most = MORE;

  function cell(tag, className, text, small) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    if (small) made.append(Object.assign(document.createElement("small"), { textContent: small }));
    return made;
  }

  function tellRest() {
    if (!rest) return;
    rest.hidden = !matching.length;
    document.getElementById("others").textContent = `${matching.length} more, those that weigh the least`;
    document.getElementById("more").hidden = matching.length <= most;
    rest.querySelector("tbody").replaceChildren(...matching.slice(0, most).map(([label, , name, metric, value, interval, limit]) => {
      const row = document.createElement("tr");
      row.className = label;
      const title = cell("th", "name", name);
      title.scope = "row";
      row.append(cell("td", "outcome", label), title, cell("td", "metric", metric), cell("td", "number value", value || "–", interval), cell("td", "limit", limit || "–"));
      return row;
    }));
  }

  // Filtering

  const words = new Map(); // what of a verdict is searched, gathered when first asked for
  function textOf(verdict) {
    if (!words.has(verdict)) {
      const seen = verdict.querySelector(".name").textContent + verdict.querySelector(".why").textContent;
      words.set(verdict, `${seen} ${verdict.dataset.name} ${verdict.dataset.metric} ${verdict.dataset.outcome}`.toLowerCase());
    }
    return words.get(verdict);
  }

  const checked = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((one) => one.value);

  function filter() {
    const wanted = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = checked("outcome");
    const tiers = checked("tier");
    let count = 0;
    for (const one of verdicts) {
      const fits = (!outcomes.length || outcomes.includes(one.dataset.outcome))
        && (!tiers.length || tiers.includes(one.dataset.tier))
        && wanted.every((word) => textOf(one).includes(word));
      one.hidden = !fits;
      count += fits;
    }
    matching = lines.filter((one) => (!outcomes.length || outcomes.includes(one[0])) && (!tiers.length || tiers.includes(one[1]))
      && (!wanted.length || wanted.every((word) => `${one[2]} ${one[3]} ${one[0]}`.toLowerCase().includes(word))));
    most = MORE;
    count += matching.length;
    tellRest();
    const narrowed = Boolean(wanted.length || outcomes.length || tiers.length);
    shown.textContent = narrowed ? `${count} of ${plural(verdicts.length + lines.length)}` : plural(count);
    form.querySelector("[type=reset]").disabled = !narrowed;
    for (const list of document.querySelectorAll("section.list:not(#rest)")) {
      list.hidden = !list.querySelector("tbody.verdict:not([hidden])");
    }
    tellFolds();
  }

  // Sorting

  let sorted = "";
  function sort() {
    if (order === sorted) return;
    sorted = order;
    const key = order.replace(/^-/, "") || "order";
    const direction = order.startsWith("-") ? -1 : 1;
    const value = (one) => (one.dataset[key] === "" ? null : isNaN(one.dataset[key]) ? one.dataset[key] : Number(one.dataset[key]));
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === null || y === null) return (x === null) - (y === null); // what has no number stays last
      const found = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), "en", { numeric: true });
      return direction * found || a.dataset.order - b.dataset.order;
    };
    for (const table of document.querySelectorAll("section.list:not(#rest) table")) {
      table.append(...[...table.tBodies].sort(compare));
      for (const head of table.querySelectorAll("th[aria-sort]")) {
        const here = head.querySelector("button").dataset.key === key;
        head.setAttribute("aria-sort", here ? (direction > 0 ? "ascending" : "descending") : "none");
      }
    }
  }

  // The address: #VERDICT&q=…&outcome=a,b&tier=must&sort=-headroom

  function write() {
    const state = new URLSearchParams();
    if (form.elements.q.value) state.set("q", form.elements.q.value);
    for (const name of ["outcome", "tier"]) if (checked(name).length) state.set(name, checked(name).join(","));
    if (order) state.set("sort", order);
    const hash = [linked, state.toString()].filter(Boolean).join("&");
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  function read() {
    const hash = location.hash.slice(1);
    const [first] = hash.split("&", 1);
    linked = first.includes("=") ? "" : first;
    const state = new URLSearchParams(hash.slice(linked.length));
    form.elements.q.value = state.get("q") ?? "";
    for (const name of ["outcome", "tier"]) {
      const wanted = (state.get(name) ?? "").split(",");
      for (const box of form.querySelectorAll(`input[name=${name}]`)) box.checked = wanted.includes(box.value);
    }
    const keys = [...document.querySelectorAll("th button")].map((one) => one.dataset.key);
    const asked = state.get("sort") ?? "";
    order = keys.includes(asked.replace(/^-/, "")) ? asked : "";
    sort();
    filter();
    follow();
  }

  function follow() {
    for (const one of verdicts) one.classList.toggle("linked", one.id === linked);
    const verdict = verdicts.find((one) => one.id === linked);
    if (!verdict) return;
    if (verdict.hidden) {
      form.reset();
      filter();
    }
    setOpen(verdict, true);
    tellFolds();
    verdict.scrollIntoView({ block: "start" });
    verdict.querySelector(".toggle").focus({ preventScroll: true });
  }

  // Theme

  const theme = document.getElementById("theme");
  const themes = ["auto", "light", "dark"];
  function setTheme(name) {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
    try {
      localStorage.setItem("hivegate-theme", name);
    } catch { /* a browser may forbid storage to files */ }
  }

  // Wiring

  document.addEventListener("click", (event) => {
    const self = event.target.closest("a.self, .closest a, .answers a:not(.file)");
    const sorter = event.target.closest("th[aria-sort] button");
    const row = event.target.closest("tbody.verdict > tr:first-child");
    if (self) {
      event.preventDefault();
      linked = self.hash.slice(1);
      write();
      follow();
    } else if (sorter) {
      const key = sorter.dataset.key;
      if (key === "order") order = order ? "" : "-order";
      else order = order === key ? `-${key}` : order === `-${key}` ? "" : key;
      sort();
      write();
    } else if (row && !String(getSelection())) {
      setOpen(row.parentElement, !row.parentElement.classList.contains("open"));
      tellFolds();
    }
  });
  unfold.addEventListener("click", () => {
    const open = unfold.textContent === "Unfold all";
    for (const one of verdicts) if (!one.hidden) setOpen(one, open);
    tellFolds();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { linked = ""; filter(); write(); });
  form.addEventListener("reset", () => setTimeout(() => { linked = ""; filter(); write(); }));
  theme.addEventListener("click", () => setTheme(themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % 3]));
  addEventListener("hashchange", read);
  document.getElementById("more")?.addEventListener("click", () => { most += MORE; tellRest(); });
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, textarea") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    form.elements.q.focus();
  });

  for (const one of verdicts) setOpen(one, one.classList.contains("open"));
  theme.textContent = `Theme: ${document.documentElement.dataset.theme ?? "auto"}`;
  theme.hidden = form.hidden = false;
  read();
})();
