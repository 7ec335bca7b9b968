"use strict";
// Charts that several sections use.

/** Calls a function with the width of an element, now and whenever it changes. */
function fitted(holder, draw) {
  onResize(() => {
    const width = Math.floor(holder.clientWidth || holder.parentElement?.clientWidth || 700);
    if (width > 0) draw(width);
  });
}

/** Named values as rows of bars, each with its number. */
function barRows(rows, { label, text, share, fill, width = 420, title }) {
  const table = element("table", { "aria-label": title });
  for (const row of rows) {
    const bar = drawing("svg", { viewBox: "0 0 100 12", height: 12, preserveAspectRatio: "none" },
      drawing("rect", { x: 0, y: 1, width: 100, height: 10, class: "idle-fill", opacity: 0.35 }),
      drawing("rect", {
        x: 0, y: 1, height: 10, class: fill(row),
        width: Math.max(0, Math.min(100, share(row) * 100)),
      }));
    const cell = element("td", {}, bar);
    cell.style.minWidth = `${Math.min(160, width / 3)}px`;
    table.append(element("tr", {},
      element("td", {}, label(row)), cell, element("td", { class: "number" }, text(row))));
  }
  return element("div", { class: "scroll" }, table);
}

/** Parts of a whole as one bar, with a legend that names every part. */
function partsBar(parts, whole, label) {
  const holder = element("div");
  const shown = parts.filter((part) => part.value > 0);
  fitted(holder, (width) => {
    const svg = canvasOf(width, 26, label);
    let x = 0;
    for (const part of shown) {
      const size = whole > 0 ? (part.value / whole) * width : 0;
      svg.append(drawing("rect", {
        x, y: 0, width: Math.max(0.5, size - 1), height: 26, fill: colour(part.colour),
        opacity: part.opacity || 1,
        onmousemove: (event) => showTip(event, `${part.name}: ${part.text}`),
        onmouseleave: hideTip,
      }));
      x += size;
    }
    holder.replaceChildren(svg);
  });
  const legend = element("div", { class: "legend" });
  const swatches = [];
  for (const part of shown) {
    const mark = swatch("");
    mark.style.opacity = part.opacity || 1;
    swatches.push([mark, part.colour]);
    legend.append(element("span", {}, mark, `${part.name} ${part.text}`));
  }
  onResize(() => { for (const [mark, name] of swatches) mark.style.background = colour(name); });
  return element("div", {}, holder, legend);
}

/** Where the run was resumed, as lines through a drawing. */
function sessionLines(svg, x, top, bottom) {
  for (const session of report.time.sessions.slice(1)) {
    const place = x(session.base);
    svg.append(drawing("line", { x1: place, x2: place, y1: top, y2: bottom, class: "capacity" }));
    svg.append(drawing("text", { x: place + 4, y: top + 10 }, "resumed"));
  }
}

/** An axis of time below a drawing. */
function timeAxis(svg, x, width, y, wall, left = 0) {
  svg.append(drawing("line", { x1: left, x2: left + width, y1: y, y2: y, class: "axis" }));
  const places = timeTicks(wall, Math.max(2, Math.floor(width / 110)));
  for (const value of places) {
    const place = x(value);
    svg.append(drawing("line", { x1: place, x2: place, y1: y, y2: y + 4, class: "axis" }));
    const isLast = place > left + width - 30;
    svg.append(drawing("text", {
      x: place, y: y + 17, "text-anchor": isLast ? "end" : value === 0 ? "start" : "middle",
    }, clockLabel(value, wall)));
  }
}

/** How long jobs took: stacked steps, and over them those of the selection. */
function histogram(stage) {
  const data = stage.durations;
  const apart = data.edges[1] - data.edges[0];
  const holder = element("div");
  const draw = (width) => {
    const height = 170;
    const [top, bottom] = [14, 30];
    const svg = canvasOf(width, height, `Durations of ${stage.name}`);
    const steps = data.succeeded.length;
    const most = Math.max(...data.succeeded.map((good, i) => good + data.failed[i]), 1);
    const x = (step) => (step / steps) * width;
    const y = (value) => top + (1 - value / most) * (height - top - bottom);
    const inSelection = stage.hasSelection ? selectedSteps(stage, data) : null;
    for (let step = 0; step < steps; step++) {
      const [good, bad] = [data.succeeded[step], data.failed[step]];
      const from = time(data.edges[step], apart);
      const to = time(data.edges[step + 1], apart);
      const text = `${from} to ${to}\n${counted(good, "job")} succeeded`
        + (bad ? `\n${counted(bad, "job")} failed` : "");
      const bars = drawing("g", {
        onmousemove: (event) => showTip(event, text), onmouseleave: hideTip,
      });
      const size = Math.max(1, x(1) - 1);
      bars.append(drawing("rect", {
        x: x(step), width: size, y: top, height: height - top - bottom, opacity: 0,
      }));
      bars.append(drawing("rect", {
        x: x(step), width: size, y: y(good), height: y(0) - y(good),
        class: inSelection ? "quiet-fill" : "good-fill",
      }));
      bars.append(drawing("rect", {
        x: x(step), width: size, y: y(good + bad), height: y(good) - y(good + bad),
        class: "bad-fill", opacity: inSelection ? 0.4 : 1,
      }));
      if (inSelection) {
        const chosen = Math.min(good + bad, inSelection[step]);
        bars.append(drawing("rect", {
          x: x(step), width: size, y: y(chosen), height: y(0) - y(chosen), class: "good-fill",
        }));
      }
      svg.append(bars);
    }
    svg.append(drawing("line", { x1: 0, x2: width, y1: y(0), y2: y(0), class: "axis" }));
    svg.append(drawing("text", { x: 0, y: 10 }, `${counted(most, "job")} in the highest step`));
    const every = Math.ceil(steps / Math.max(2, Math.floor(width / 90)));
    for (let step = 0; step <= steps; step += every) {
      svg.append(drawing("text", {
        x: x(step), y: height - 12,
        "text-anchor": step === 0 ? "start" : step > steps - every / 2 ? "end" : "middle",
      }, time(data.edges[step], apart)));
    }
    const share = (data.median <= data.edges[0]) ? 0
      : data.edges.findIndex((edge) => edge >= data.median) - 0.5;
    const place = Math.max(0, x(share));
    svg.append(drawing("line", { x1: place, x2: place, y1: top, y2: y(0), class: "capacity" }));
    svg.append(drawing("text", {
      x: place + (place > width * 0.7 ? -5 : 5), y: top + 24, class: "strong",
      "text-anchor": place > width * 0.7 ? "end" : "start",
    }, `median ${time(data.median, apart)}`));
    holder.replaceChildren(svg);
  };
  fitted(holder, draw);
  stage.listeners.push(() => draw(holder.clientWidth));
  return holder;
}

function selectedSteps(stage, data) {
  const steps = new Array(data.succeeded.length).fill(0);
  for (let row = 0; row < stage.rows; row++) {
    if (!stage.selected[row]) continue;
    const seconds = stage.duration.numbers[row];
    let step = data.edges.findIndex((edge) => edge > seconds) - 1;
    if (step < 0) step = seconds <= data.edges[0] ? 0 : steps.length - 1;
    steps[step] += 1;
  }
  return steps;
}
