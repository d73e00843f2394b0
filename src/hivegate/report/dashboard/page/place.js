
// What the address says is what is shown: every view can be linked to, and the browser's way back leads where one was.

const state = { search: "", show: null, sort: "name", down: false, environment: null };

const seriesOf = (benchmark) => benchmark[2].filter((one) => state.environment === null || one[0] === state.environment);
const runOf = (series, place) => INDEX.environments[series[0]][2][place];
const machines = () => (state.environment === null ? INDEX.environments : [INDEX.environments[state.environment]]);

function hashOf(told) {
  const known = Object.entries(told).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return `#${new URLSearchParams(known)}`;
}

const machineKey = () => (state.environment === null ? null : INDEX.environments[state.environment][0]);

/** The address of the start as it was left. */
function startAddress() {
  const sort = state.sort === "name" && !state.down ? null : (state.down ? "-" : "") + state.sort;
  return hashOf({ search: state.search, show: state.show, sort, machine: machineKey() });
}

const benchmarkAddress = (name, metric = null, run = null) => hashOf({ benchmark: name, metric, machine: machineKey(), at: run });

/** Take over what the address says. */
function readPlace() {
  const query = new URLSearchParams(location.hash.slice(1));
  const machine = INDEX.environments.findIndex((one) => one[0] === query.get("machine"));
  state.environment = machine < 0 ? null : machine;
  if (query.has("benchmark") || query.has("run")) return query;
  state.search = query.get("search") ?? "";
  state.show = query.get("show");
  const sort = query.get("sort") ?? "name";
  state.down = sort.startsWith("-");
  state.sort = sort.replace("-", "");
  return query;
}

/** Put what is shown into the address, as the same step of the browser's history. */
function notePlace(hash) {
  history.replaceState(null, "", hash);
}
