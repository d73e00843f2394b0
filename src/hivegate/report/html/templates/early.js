"use strict";
// Before the first paint: folds and filters need a script, and the chosen theme must not flash.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("hivegate-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch { /* a browser may forbid storage to files */ }
