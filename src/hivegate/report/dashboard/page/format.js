"use strict";

// Numbers, times and elements: everything that becomes visible goes through here, as text.

const UNITS = {
  "seconds": [[1, "s"], [1e-3, "ms"], [1e-6, "us"], [1e-9, "ns"]],
  "bytes": [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]],
  "per second": [[1e6, "Mop/s"], [1e3, "kop/s"], [1, "op/s"]],
  "ratio": [[0.01, "%"]],
  "count": [[1e6, "M"], [1e3, "k"], [1, ""]],
  "number": [[1, ""]],
};

/** Find the unit in which a value has few digits: its size and its name. */
function unitOf(value, dimension) {
  const units = UNITS[dimension] || UNITS.number;
  return units.find(([size]) => Math.abs(value) >= size * 0.9995) || units[units.length - 1];
}

/** Spell a number with three digits and no exponent where a column can hold it. */
function digits(number) {
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size < 1e-4 || size >= 1e6) return number.toExponential(2);
  return number.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Number(size.toPrecision(3))))));
}

function quantity(value, dimension, like = value) {
  const [size, unit] = unitOf(like, dimension);
  return `${digits(value / size)} ${unit}`.trim();
}

/** Spell a ratio as a change: in percent, and from twice on as a factor, as every report does. */
function signed(ratio) {
  if (ratio === null) return "changed";
  const change = (ratio - 1) * 100;
  const times = Math.max(ratio, 1 / ratio);
  if (times >= 2 && ratio > 0) return `${ratio < 1 ? "÷" : "×"}${times.toFixed(times < 9.95 ? 1 : 0)}`;
  return `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(Math.abs(change) < 10 ? 1 : 0)} %`;
}

const DAY = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "UTC" });

function day(moment) {
  const time = new Date(moment);
  return Number.isNaN(time.getTime()) ? moment.slice(0, 10) : DAY.format(time);
}

function minute(moment) {
  return `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC`;
}

/** Make an element; attributes are set, never parsed, and children that are strings become text. */
function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A name as an element: it breaks at its joints, not within its words, and never turns what stands around it. */
function named(text, element = el("span"), joints = /(?<=[/_.,:=-])(?=\w)|(?=[[({])/u) {
  element.classList.add("name");
  text.split(joints).forEach((part, at) => element.append(...(at ? [el("wbr"), part] : [part])));
  return element;
}

const SHA = /^[0-9a-f]{7,64}$/;
const HTTPS = /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/[\x21-\x7e]*$/;

/** A link to a place elsewhere, or its text alone where the address is not plain https. */
function outward(address, ...children) {
  if (!address || !HTTPS.test(address)) return el("span", {}, ...children);
  return el("a", { href: address, rel: "noopener noreferrer" }, ...children);
}

function commitLink(sha) {
  if (!sha) return el("span", { class: "soft" }, "no commit");
  const address = SHA.test(sha) && INDEX.links[0] ? INDEX.links[0].replace("{sha}", sha) : null;
  return outward(address, el("span", { class: "sha" }, SHA.test(sha) ? sha.slice(0, 9) : sha));
}

/** Name what lies between two revisions, with a link to the difference, or to both where only they have addresses. */
function rangeLink(older, newer) {
  if (older === newer) return el("span", {}, "within ", commitLink(newer));
  const known = SHA.test(older) && SHA.test(newer);
  if (!known || !INDEX.links[1]) return el("span", { class: "range" }, commitLink(older), "..", commitLink(newer));
  const text = el("span", { class: "sha" }, `${older.slice(0, 9)}..${newer.slice(0, 9)}`);
  return outward(INDEX.links[1].replace("{old}", older).replace("{new}", newer), text);
}

/** What a change is put down to, as a class and in words. */
function tone(worse, cause) {
  if (cause === "machine" || cause === "benchmark") return cause;
  if (cause === "either" || cause === "outside") return "machine";
  return worse ? "worse" : "better";
}

const CAUSES = {
  machine: "most benchmarks of this machine moved together: the machine, not the code",
  outside: "no code was changed there: the machine, or what it runs on",
  either: "the machine, or what it runs on, was changed there, too: either",
  benchmark: "the benchmark's own code was changed there",
};

function chip(ratio, worse, cause) {
  return el("span", { class: `chip ${tone(worse, cause)}`, title: CAUSES[cause] }, signed(ratio));
}

const ratioOf = (before, after) => (before > 0 ? after / before : null);

/** A table that can be moved sideways, also by the keyboard. */
function tableIn(label, ...parts) {
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", {}, ...parts));
}

const headOf = (...names) => el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col", class: name === "Level" ? "number" : null }, name))));
