
// The page: what the address names is shown; a benchmark's numbers are loaded when they are asked for.

const INDEX = JSON.parse(document.getElementById("index").textContent);
const FILES = /^(data\/[0-9a-f]{16}|runs\/[0-9]+)\.js$/;
const POLICY = window.trustedTypes
  ? trustedTypes.createPolicy("hivegate", { createScriptURL: (name) => (FILES.test(name) ? name : "") })
  : { createScriptURL: (name) => (FILES.test(name) ? name : "") };
const loaded = new Map();
const waiting = new Map();
let startHeight = 0; // where the start was left

// What the files call with their content.
const hivegate = Object.freeze({
  chart: (name, content) => arrived(`data/${name}.js`, content),
  report: (run, content) => arrived(`runs/${run}.js`, content),
});

function arrived(file, content) {
  loaded.set(file, content);
  (waiting.get(file) || (() => {}))(content);
}

function load(file) {
  if (loaded.has(file)) return Promise.resolve(loaded.get(file));
  return new Promise((resolve, reject) => {
    waiting.set(file, resolve);
    const script = document.createElement("script");
    script.src = POLICY.createScriptURL(file);
    script.addEventListener("error", () => reject(new Error(file)));
    document.head.append(script);
  });
}

function show(title, ...parts) {
  hideTip();
  document.title = [title, `${INDEX.project}: performance history`].filter(Boolean).join(" · ");
  document.getElementById("environment").value = machineKey() ?? "";
  document.getElementById("content").replaceChildren(...parts);
}

const nothing = (...told) => show("", el("p", { class: "empty" }, ...told, " ", crumb()));
const crumb = () => el("a", { href: startAddress() }, "All benchmarks");

async function render() {
  const asked = location.hash;
  const query = readPlace();
  try {
    if (query.has("benchmark")) await renderBenchmark(query, asked);
    else if (query.has("run")) await renderRun(Number(query.get("run")), asked);
    else show("", ...startPage());
  } catch (fault) {
    nothing(`${fault.message} cannot be read. It belongs beside this page: copy the whole folder, or make it anew with hivegate history dashboard.`);
  }
}

async function renderBenchmark(query, asked) {
  const benchmark = INDEX.benchmarks.find((one) => one[0] === query.get("benchmark"));
  if (!benchmark) return nothing("This history has no benchmark of that name.");
  const file = await load(`data/${benchmark[1]}.js`);
  if (location.hash !== asked) return undefined;
  if (!seriesOf(benchmark).length) state.environment = null;
  return show(benchmark[0], ...detailPage(benchmark, file, query));
}

async function renderRun(number, asked) {
  for (const environment of INDEX.environments) {
    const run = environment[2].find((one) => one[0] === number);
    if (!run || !run[7]) continue;
    const judged = await load(`runs/${number}.js`);
    if (location.hash === asked) show("Verdicts", ...runPage(run, environment, judged));
    return;
  }
  nothing("This history has no verdicts on that run.");
}

function prepareEnvironments() {
  const select = document.getElementById("environment");
  document.getElementById("environments").hidden = INDEX.environments.length < 2;
  select.append(el("option", { value: "" }, "All"), ...INDEX.environments.map((one) => el("option", { value: one[0] }, `${one[1]} (${one[2].length} runs)`)));
  select.addEventListener("change", () => {
    const query = new URLSearchParams(location.hash.slice(1));
    if (select.value) query.set("machine", select.value);
    else query.delete("machine");
    query.delete("at");
    notePlace(`#${query}`);
    render();
  });
}

const THEMES = ["auto", "light", "dark"];

function setTheme(theme) {
  document.getElementById("theme").textContent = `Theme: ${theme}`;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try { localStorage.setItem("hivegate-theme", theme); } catch { /* a page from a file may have no storage */ }
}

function prepareTheme() {
  let theme = "auto";
  try { theme = localStorage.getItem("hivegate-theme") || theme; } catch { /* the same */ }
  setTheme(THEMES.includes(theme) ? theme : "auto");
  document.getElementById("theme").addEventListener("click", (event) => {
    const now = event.target.textContent.replace("Theme: ", "");
    setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
  });
}

const onStart = () => document.getElementById("search") !== null;

/** Show another place; the start is found again where it was left. */
async function go() {
  await render();
  scrollTo(0, onStart() ? startHeight : 0);
  document.getElementById("content").focus({ preventScroll: true });
}

addEventListener("scroll", () => { if (onStart()) startHeight = scrollY; }, { passive: true });
addEventListener("hashchange", go);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // its address would be taken for a place
  document.getElementById("content").focus();
});
addEventListener("keydown", async (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT)$/.test(document.activeElement?.tagName)) return;
  event.preventDefault();
  if (!onStart()) {
    history.pushState(null, "", startAddress());
    await render();
  }
  document.getElementById("search").focus();
});
document.getElementById("about").textContent =
  `Made ${minute(INDEX.made)}${INDEX.branch ? ` from the runs of ${INDEX.branch}` : ""}. ` +
  "Series are never joined across machines or Pythons. A change is dated to the first run that shows it.";
prepareTheme();
prepareEnvironments();
render();
