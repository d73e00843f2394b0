
// The page: what the address names is shown; a benchmark's numbers are loaded when they are asked for.

const INDEX = JSON.parse(document.getElementById("index").textContent);
const FILES = /^(data\/[0-9a-f]{16}|runs\/[0-9]+)\.js$/;
const POLICY = window.trustedTypes
  ? trustedTypes.createPolicy("hivegate", { createScriptURL: (name) => (FILES.test(name) ? name : "") })
  : { createScriptURL: (name) => (FILES.test(name) ? name : "") };
const loaded = new Map();
const waiting = new Map();

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

function show(...parts) {
  hideTip();
  document.getElementById("content").replaceChildren(...parts);
}

async function render() {
  const asked = location.hash;
  const query = new URLSearchParams(asked.slice(1));
  try {
    if (query.has("benchmark")) await renderBenchmark(query, asked);
    else if (query.has("run")) await renderRun(Number(query.get("run")), asked);
    else show(...startPage());
  } catch (fault) {
    show(el("p", { class: "empty" }, `${fault.message} cannot be read. It belongs beside this page: copy the whole folder, or make it anew with hivegate history dashboard.`));
  }
}

async function renderBenchmark(query, asked) {
  const benchmark = INDEX.benchmarks.find((one) => one[0] === query.get("benchmark"));
  if (!benchmark) return show(el("p", { class: "empty" }, "This history has no benchmark of that name. ", el("a", { href: "#" }, "All benchmarks")));
  const file = await load(`data/${benchmark[1]}.js`);
  if (location.hash !== asked) return undefined;
  if (!seriesOf(benchmark).length) choose(null);
  show(...detailPage(benchmark, file, query.get("metric")));
  return undefined;
}

async function renderRun(number, asked) {
  for (const environment of INDEX.environments) {
    const run = environment[2].find((one) => one[0] === number);
    if (!run || !run[7]) continue;
    const judged = await load(`runs/${number}.js`);
    if (location.hash === asked) show(...runPage(run, environment, judged));
    return;
  }
  show(el("p", { class: "empty" }, "This history has no verdicts on that run. ", el("a", { href: "#" }, "All benchmarks")));
}

function choose(environment) {
  state.environment = environment;
  document.getElementById("environment").value = environment === null ? "" : String(environment);
}

function prepareEnvironments() {
  const select = document.getElementById("environment");
  if (INDEX.environments.length > 1) {
    document.getElementById("environments").hidden = false;
    select.append(el("option", { value: "" }, "All"), ...INDEX.environments.map((one, at) => el("option", { value: String(at) }, `${one[1]} (${one[2].length} runs)`)));
    select.addEventListener("change", () => { choose(select.value === "" ? null : Number(select.value)); render(); });
  }
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

addEventListener("hashchange", () => { render().then(() => { scrollTo(0, 0); document.getElementById("content").focus({ preventScroll: true }); }); });
addEventListener("keydown", (event) => {
  const search = document.getElementById("search");
  if (event.key === "/" && search && document.activeElement !== search) { search.focus(); event.preventDefault(); }
});
document.getElementById("about").textContent =
  `Made ${minute(INDEX.made)}${INDEX.branch ? ` from the runs of ${INDEX.branch}` : ""}. ` +
  "Series are never joined across machines or Pythons. A change is dated to the first run that shows it; shaded is where it may also have come.";
prepareTheme();
prepareEnvironments();
render();
