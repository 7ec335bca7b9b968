"use strict";
// Elements, numbers and scales, which everything else is made of.

/** Makes an element. Text is never markup. */
function element(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

function drawing(name, properties, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** A drawing with coordinates in pixels of its container's width. */
function canvasOf(width, height, label) {
  return drawing("svg", {
    viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label,
    preserveAspectRatio: "xMinYMin meet",
  });
}

const thousands = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count: 12,345. */
function count(value) { return thousands.format(value); }

/** A count with its noun: 1 job, 2 jobs. */
function counted(value, noun) { return `${count(value)} ${noun}${value === 1 ? "" : "s"}`; }

/** A number with four digits that count. */
function short(value) {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(4)));
}

/** Two numbers with a colon between them: 2:05. */
function clock(value) {
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A length of time, as `furrow status` has it; beside others that are `apart`, with the digits that
 * tell them apart.
 */
function time(seconds, apart = Infinity) {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  if (seconds >= 0.0995 && apart < 0.1) {
    return `${seconds.toFixed(Math.min(3, Math.ceil(-Math.log10(apart))))} s`;
  }
  if (seconds >= 119.5 && seconds < 7170 && apart < 60) return `${clock(seconds)} min`;
  if (seconds >= 7170 && apart < 360) return `${clock(seconds / 60)} h`;
  if (seconds < 0.0005) return seconds === 0 ? "0 s" : `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 0.0995) return `${(seconds * 1000).toFixed(seconds < 0.00995 ? 1 : 0)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 119.5) return `${seconds.toFixed(0)} s`;
  if (seconds < 7170) return `${(seconds / 60).toFixed(0)} min`;
  if (seconds < 360000) return `${(seconds / 3600).toFixed(1)} h`;
  return `${count(seconds / 3600)} h`;
}

/** Time of many workers together. */
function workerTime(seconds) {
  return seconds < 360 ? time(seconds) : `${short(Number((seconds / 3600).toPrecision(3)))} h`;
}

function percent(share) {
  if (!Number.isFinite(share)) return "–";
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if ((share > 0 && share < 0.0995) || (share < 1 && share > 0.995)) {
    return `${Number((share * 100).toFixed(1))} %`;
  }
  return `${Math.round(share * 100)} %`;
}

function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit",
  });
}

/** Round numbers between two others, about so many. */
function ticks(low, high, wanted) {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const list = [];
  for (let place = Math.ceil(low / step - 1e-9); place * step <= high + step * 1e-9; place++) {
    list.push(Number((place * step).toPrecision(12)));
  }
  return list;
}

/** Lengths of time that people count in. */
function timeTicks(high, wanted) {
  const units = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200];
  const rough = high / wanted;
  const step = rough < 1 || rough > 43200 ? null : units.find((unit) => unit >= rough);
  if (!step) return ticks(0, high, wanted);
  const list = [];
  for (let value = 0; value <= high; value += step) list.push(value);
  return list;
}

function clockLabel(seconds, span) {
  if (span < 100) return `${short(seconds)} s`;
  return span < 7200 ? `${clock(seconds)} min` : `${clock(seconds / 60)} h`;
}

/** The value of a colour of the style sheet. */
function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// Okabe and Ito's colours, which the colour-blind can tell apart.
const categoryColours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];

// Viridis: from dark to light, even in print.
const ramp = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

function rampColour(share) {
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const low = Math.min(ramp.length - 2, Math.floor(place));
  const part = place - low;
  const mixed = ramp[low].map((value, i) => Math.round(value + (ramp[low + 1][i] - value) * part));
  return `rgb(${mixed.join(",")})`;
}

const darkness = matchMedia("(prefers-color-scheme: dark)");

/** The part of the ramp that lines are seen in on the page's ground. */
function lineColour(share) {
  const isDark = darkness.matches && !matchMedia("print").matches;
  return rampColour(isDark ? 0.22 + share * 0.78 : share * 0.88);
}

/** A text that is cut off at a length. */
function shorten(text, most) {
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text;
}

/** A number from -0.5 to 0.5 that looks random, and is always the same for a row. */
function scattered(row) { return (((row + 1) * 2654435761) >>> 8) % 1000 / 1000 - 0.5; }

const tip = element("div", { id: "tip", role: "status" });

function showTip(event, text) {
  tip.textContent = text;
  tip.style.display = "block";
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 6))}px`;
  const below = event.clientY + 16;
  tip.style.top = `${below + box.height > innerHeight ? event.clientY - box.height - 10 : below}px`;
}

function hideTip() { tip.style.display = "none"; }

/** Everything that is drawn again when the width or the colours of the page change. */
const drawn = [];

function onResize(draw) {
  drawn.push(draw);
  draw();
}

function redraw() { for (const draw of drawn) draw(); }

let pendingRedraw = 0;
addEventListener("resize", () => {
  cancelAnimationFrame(pendingRedraw);
  pendingRedraw = requestAnimationFrame(redraw);
});
darkness.addEventListener("change", redraw);
addEventListener("beforeprint", redraw);

/** A choice among names. */
function choice(label, names, chosen, onchange) {
  const select = element("select", { onchange: () => onchange(select.value) });
  for (const [value, name] of names) {
    select.append(element("option", { value, selected: value === chosen }, name));
  }
  return element("label", {}, label, select);
}

function swatch(fill) {
  const node = element("span", { class: "swatch" });
  node.style.background = fill;
  return node;
}

/** Prepares a canvas for the pixels of the screen. */
function context(canvas, width, height) {
  const scale = Math.min(3, Math.max(1, devicePixelRatio || 1));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  return pen;
}

function section(id, title, ...children) {
  return element("section", { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, title), ...children);
}

/** Downloads a text as a file. */
function download(name, type, text) {
  const link = element("a", { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
