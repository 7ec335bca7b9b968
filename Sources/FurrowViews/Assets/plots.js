"use strict";
// Plots of the results. All of them show, and some of them make, the one selection.

/** What the plots are about: a metric, and which of its values are good. */
class Interest {
  constructor(stage) {
    this.stage = stage;
    this.metric = stage.metrics[0];
    this.isSmallerBetter = this.metric ? isSmallerBetter(this.metric.name) : false;
    this.listeners = [];
  }

  get node() {
    const { metrics } = this.stage;
    if (metrics.length === 0) return null;
    const direction = element("button", {
      type: "button",
      onclick: () => { this.isSmallerBetter = !this.isSmallerBetter; this.changed(); },
    });
    const words = () => { direction.textContent = this.isSmallerBetter ? "smaller is better" : "larger is better"; };
    words();
    this.listeners.push(words);
    return element("div", { class: "tools" },
      choice("metric", metrics.map((column) => [column.name, column.name]), this.metric.name,
        (name) => {
          this.metric = metrics.find((column) => column.name === name);
          this.isSmallerBetter = isSmallerBetter(name);
          this.changed();
        }), direction);
  }

  changed() { for (const listener of this.listeners) listener(); }

  /** Whether a value is better than another. */
  isBetter(a, b) { return this.isSmallerBetter ? a < b : a > b; }

  /** The colour of a row: the better, the lighter. */
  colour(row) {
    const at = this.metric ? this.metric.axis.at(row) : NaN;
    return Number.isNaN(at) ? null : lineColour(this.isSmallerBetter ? 1 - at : at);
  }

  /** The rows with a value, the best last: what is drawn last is on top. */
  get worstFirst() {
    if (!this.metric) return [];
    const { numbers } = this.metric;
    const rows = [];
    for (let row = 0; row < this.stage.rows; row++) if (Number.isFinite(numbers[row])) rows.push(row);
    const sign = this.isSmallerBetter ? -1 : 1;
    return rows.sort((a, b) => sign * (numbers[a] - numbers[b]));
  }
}

// MARK: Parallel coordinates

class ParallelCoordinates {
  constructor(stage, interest) {
    this.stage = stage;
    this.interest = interest;
    this.canvas = element("canvas", { "aria-hidden": true });
    this.canvas.style.position = "absolute";
    this.canvas.style.inset = "0";
    this.svg = drawing("svg", {});
    this.svg.style.position = "relative";
    this.holder = element("div", { id: "parallel" }, this.canvas, this.svg);
    this.holder.style.position = "relative";
    this.brushes = new Map();
    onResize(() => this.draw());
    stage.listeners.push(() => {
      if (!stage.hasSelection) this.brushes.clear();
      this.draw();
    });
    interest.listeners.push(() => this.draw());
  }

  get columns() {
    const results = this.stage.metrics.filter((column) => !column.isConstant);
    const metric = this.interest.metric;
    const others = results.filter((column) => column !== metric && column !== this.stage.duration);
    const all = [...this.stage.varied, ...others.slice(0, 4), ...(metric ? [metric] : [])];
    return all.filter((column) => column.axis.type !== "ordinal" || column.distinct.length <= 60)
      .slice(-12);
  }

  get node() {
    if (this.columns.length < 2) return null;
    return element("div", {}, element("h3", {}, "Parallel coordinates"),
      element("p", { class: "note" }, "A line for each job; light lines are good ones. Drag along an "
        + "axis to select, click it to clear. With the keyboard: focus an axis, arrow keys move "
        + "and, with Shift, widen the selected part."),
      this.holder);
  }

  draw() {
    const columns = this.columns;
    if (columns.length < 2) return;
    const width = Math.max(Math.floor(this.holder.clientWidth || 700), 60);
    const isNarrow = width < 520;
    const [height, top, bottom] = [isNarrow ? 250 : 300, 34, 10];
    const side = isNarrow ? 26 : 40;
    this.top = top;
    this.size = height - top - bottom;
    const x = (place) => side + (place / (columns.length - 1)) * (width - 2 * side);
    const y = (at) => top + (1 - at) * this.size;
    const pen = context(this.canvas, width, height);
    const quiet = colour("quiet");
    const room = (column) => Math.min(0.04, 0.5 / Math.max(1, column.distinct.length));
    const line = (row) => {
      pen.beginPath();
      let isDrawn = false;
      columns.forEach((column, place) => {
        let at = column.axis.at(row);
        if (Number.isNaN(at)) { isDrawn = false; return; }
        // Lines through the same values would hide each other.
        if (column.axis.type === "ordinal") at += scattered(row) * room(column);
        if (isDrawn) pen.lineTo(x(place), y(at));
        else pen.moveTo(x(place), y(at));
        isDrawn = true;
      });
      pen.stroke();
    };
    const rows = this.stage.rows;
    const thin = Math.max(0.06, Math.min(0.75, 260 / Math.max(1, this.stage.selectedCount)));
    pen.lineWidth = 1;
    if (this.stage.hasSelection) {
      pen.strokeStyle = quiet;
      pen.globalAlpha = Math.max(0.05, Math.min(0.4, 150 / Math.max(1, rows)));
      for (let row = 0; row < rows; row++) if (!this.stage.selected[row]) line(row);
    }
    pen.globalAlpha = thin;
    for (const row of this.interest.worstFirst) {
      if (!this.stage.selected[row]) continue;
      const own = this.interest.colour(row);
      if (!own) continue;
      pen.strokeStyle = own;
      line(row);
    }
    pen.globalAlpha = 1;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    this.svg.replaceChildren(...columns.map((column, place) =>
      this.axis(column, x(place), y, place, columns.length, width)));
  }

  axis(column, x, y, place, all, width) {
    const [low, high] = [y(0), y(1)];
    const isLast = place === all - 1;
    const isEnd = isLast || place === 0;
    const step = width / all;
    const anchor = place === 0 ? "start" : isLast ? "end" : "middle";
    const nameX = place === 0 ? 0 : isLast ? width : x;
    const most = Math.max(4, Math.floor(step / 7));
    const label = column.name.length > most ? `…${column.name.slice(1 - most)}` : column.name;
    const group = drawing("g", {
      tabindex: 0, role: "slider", "aria-label": `Axis ${column.name}`, "aria-valuetext": "all",
      "data-column": column.name, onkeydown: (event) => this.key(event, column),
    },
    drawing("title", {}, column.name),
    drawing("line", { x1: x, x2: x, y1: low, y2: high, stroke: colour("soft") }),
    drawing("text", { x: nameX, y: 12, "text-anchor": anchor, class: "strong" }, label));
    const brush = this.brushes.get(column.name);
    if (brush) {
      group.setAttribute("aria-valuetext", this.text(column, brush));
      group.append(drawing("rect", {
        x: x - 7, width: 14, y: y(brush[1]), height: Math.max(3, y(brush[0]) - y(brush[1])),
        fill: colour("accent"), opacity: 0.35,
      }));
    }
    for (const mark of column.axis.labels(isEnd || step > 60 ? 8 : 5)) {
      const text = mark.text.length > 12 ? `${mark.text.slice(0, 11)}…` : mark.text;
      group.append(drawing("text", {
        x: isLast ? x - 5 : x + 5, y: y(mark.at) + 4, "text-anchor": isLast ? "end" : "start",
        class: "strong", stroke: colour("paper"), "stroke-width": 3, "paint-order": "stroke",
      }, text));
    }
    group.append(drawing("rect", {
      x: x - 14, width: 28, y: high - 6, height: low - high + 12, opacity: 0, cursor: "ns-resize",
      onpointerdown: (event) => this.startBrush(event, column),
    }));
    return group;
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top - this.top) / this.size));
  }

  startBrush(event, column) {
    event.preventDefault();
    const start = this.at(event);
    const move = (other) => {
      const end = this.at(other);
      if (Math.abs(end - start) < 0.015) return;
      this.brush(column, [Math.min(start, end), Math.max(start, end)]);
    };
    const stop = (other) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      if (Math.abs(this.at(other) - start) < 0.015) this.brush(column, null);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
  }

  key(event, column) {
    const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape" || event.key === "Delete") return this.brush(column, null);
    if (!sign) return undefined;
    event.preventDefault();
    const [low, high] = this.brushes.get(column.name) || [0, 1];
    const step = 0.1 * sign;
    const size = this.brushes.has(column.name) ? high - low : 0.25;
    if (event.shiftKey) {
      return this.brush(column, [low, Math.max(low + 0.05, Math.min(1, high + step))]);
    }
    const from = this.brushes.has(column.name) ? low + step : sign > 0 ? 0 : 1 - size;
    const start = Math.min(1 - size, Math.max(0, from));
    return this.brush(column, [start, start + size]);
  }

  text(column, [low, high]) {
    const { axis } = column;
    if (axis.type === "ordinal") {
      const inside = axis.values.filter((_, place) => {
        const at = axis.values.length === 1 ? 0.5 : place / axis.last;
        return low <= at && at <= high;
      });
      return `${column.name} is ${inside.join(" or ") || "nothing"}`;
    }
    const value = (at) => short(axis.type === "log"
      ? axis.low * (axis.high / axis.low) ** at : axis.low + (axis.high - axis.low) * at);
    return `${column.name} from ${value(low)} to ${value(high)}`;
  }

  brush(column, range) {
    if (range) this.brushes.set(column.name, range);
    else this.brushes.delete(column.name);
    const { axis } = column;
    this.stage.select(`axis ${column.name}`, range && {
      text: this.text(column, range),
      test: (row) => {
        const at = axis.at(row);
        return range[0] - 1e-9 <= at && at <= range[1] + 1e-9;
      },
    });
  }
}

// MARK: Heat map

function heatMap(stage, interest) {
  const columns = stage.varied.filter((column) => column.distinct.length <= 60);
  if (columns.length < 2 || !interest.metric) return null;
  const ranked = importance(stage, interest.metric).map(({ name }) => stage.column(name))
    .filter((column) => columns.includes(column));
  let [down, across] = [...ranked, ...columns.filter((column) => !ranked.includes(column))];
  const holder = element("div", { id: "heat" });
  const draw = () => {
    const width = Math.floor(holder.clientWidth || 430);
    const { metric } = interest;
    const cells = new Map();
    for (let row = 0; row < stage.rows; row++) {
      const value = metric.numbers[row];
      if (!stage.selected[row] || !Number.isFinite(value)) continue;
      const key = `${across.text(row)}\0${down.text(row)}`;
      const cell = cells.get(key) || { sum: 0, jobs: 0 };
      cell.sum += value;
      cell.jobs += 1;
      cells.set(key, cell);
    }
    const means = [...cells.values()].map((cell) => cell.sum / cell.jobs);
    const [low, high] = [Math.min(...means), Math.max(...means)];
    const left = Math.min(width * 0.3,
      14 + 7 * Math.max(...down.distinct.map((value) => value.length), 2));
    const size = Math.min(90, (width - left) / across.distinct.length);
    const rowSize = Math.min(34, Math.max(8, 300 / down.distinct.length));
    const bottom = 34;
    const height = 20 + down.distinct.length * rowSize + bottom;
    const svg = canvasOf(width, height, `Mean ${metric.name} by ${across.name} and ${down.name}`);
    svg.append(drawing("text", { x: 0, y: 12, class: "strong" }, `${down.name} ↓   ${across.name} →`));
    down.distinct.forEach((value, place) => {
      if (place % Math.ceil(14 / rowSize)) return;
      svg.append(drawing("text", {
        x: left - 6, y: 20 + (place + 0.5) * rowSize + 4, "text-anchor": "end",
      }, shorten(value || "(none)", Math.floor(left / 7))));
    });
    across.distinct.forEach((value, place) => {
      if (place % Math.ceil(46 / size)) return;
      svg.append(drawing("text", {
        x: left + (place + 0.5) * size, y: height - bottom + 16, "text-anchor": "middle",
      }, shorten(value || "(none)", Math.max(5, Math.floor(size / 7)))));
    });
    down.distinct.forEach((downValue, i) => across.distinct.forEach((acrossValue, j) => {
      const cell = cells.get(`${acrossValue}\0${downValue}`);
      const mean = cell && cell.sum / cell.jobs;
      const share = cell ? (high > low ? (mean - low) / (high - low) : 0.5) : 0;
      const light = interest.isSmallerBetter ? 1 - share : share;
      const select = () => stage.select("heat map", {
        text: `${across.name} = ${acrossValue}, ${down.name} = ${downValue}`,
        test: (row) => across.text(row) === acrossValue && down.text(row) === downValue,
      });
      const name = `${down.name} ${downValue}, ${across.name} ${acrossValue}: `
        + (cell ? `${short(mean)}, mean of ${counted(cell.jobs, "job")}` : "no job");
      svg.append(drawing("rect", {
        x: left + j * size, y: 20 + i * rowSize, width: Math.max(1, size - 1),
        height: Math.max(1, rowSize - 1), fill: cell ? rampColour(light) : colour("panel"),
        tabindex: cell ? 0 : null, role: "button", "aria-label": name, cursor: cell ? "pointer" : null,
        onclick: cell ? select : null,
        onkeydown: (event) => { if (event.key === "Enter" && cell) select(); },
        onmousemove: (event) => showTip(event, name.replace(": ", "\n")), onmouseleave: hideTip,
      }));
      if (cell && size > 44 && rowSize > 17) {
        const text = drawing("text", {
          x: left + (j + 0.5) * size, y: 20 + (i + 0.5) * rowSize + 4, "text-anchor": "middle",
          "pointer-events": "none",
        }, short(Number(mean.toPrecision(3))));
        text.style.fill = light > 0.55 ? "#111" : "#fff";
        svg.append(text);
      }
    }));
    holder.replaceChildren(svg);
  };
  onResize(draw);
  stage.listeners.push(draw);
  interest.listeners.push(draw);
  const names = columns.map((column) => [column.name, column.name]);
  return element("div", {}, element("h3", {}, "Heat map of two parameters"),
    element("div", { class: "tools" },
      choice("across", names, across.name, (name) => { across = stage.column(name); draw(); }),
      choice("down", names, down.name, (name) => { down = stage.column(name); draw(); })),
    holder);
}

// MARK: Scatter

function scatter(stage, interest) {
  const columns = [...stage.varied, ...stage.metrics].filter((column) => !column.isConstant
    && (column.axis.type !== "ordinal" || column.distinct.length <= 200));
  if (columns.length < 2 || !interest.metric) return null;
  let across = columns.find((column) => column !== interest.metric && column.axis.type !== "ordinal")
    || columns[0];
  let up = interest.metric;
  const canvas = element("canvas", { id: "scatter", role: "img", "aria-label": "Scatter plot" });
  const holder = element("div", {}, canvas);
  let frame = { width: 430, left: 46, top: 10, height: 280, bottom: 34 };
  let points = [];
  let rect = null;
  const draw = () => {
    const width = Math.floor(holder.clientWidth || 430);
    frame = { ...frame, width };
    const { left, top, height, bottom } = frame;
    const pen = context(canvas, width, height);
    const x = (at) => left + 6 + at * (width - left - 20);
    const y = (at) => top + (1 - at) * (height - top - bottom);
    pen.strokeStyle = colour("line");
    pen.fillStyle = colour("soft");
    pen.strokeRect(left - 0.5, top - 4.5, width - left, height - top - bottom + 11);
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    for (const mark of up.axis.labels(5)) pen.fillText(shorten(mark.text, 7), left - 6, y(mark.at));
    pen.textBaseline = "alphabetic";
    pen.textAlign = "center";
    for (const mark of across.axis.labels(Math.floor(width / 80))) {
      pen.fillText(shorten(mark.text, 9), Math.min(width - 22, x(mark.at)), height - 12);
    }
    // Points on the same place would hide each other.
    const jitter = (row, axis, step) => (axis.type === "ordinal" ? scattered(row) * step : 0);
    points = [];
    const isMany = stage.rows > 1500;
    const place = (row, isIn) => {
      const [atX, atY] = [across.axis.at(row), up.axis.at(row)];
      if (Number.isNaN(atX) || Number.isNaN(atY)) return;
      const px = x(atX) + jitter(row, across.axis, 12);
      const py = y(atY) + jitter(row + 7, up.axis, 12);
      points.push([px, py, row]);
      pen.fillStyle = isIn ? colours.good : colours.quiet;
      pen.globalAlpha = isIn ? (isMany ? 0.35 : 0.75) : 0.3;
      pen.beginPath();
      pen.arc(px, py, isMany ? 2 : 3.2, 0, 7);
      pen.fill();
    };
    const colours = { good: colour("good"), quiet: colour("quiet") };
    for (let row = 0; row < stage.rows; row++) if (!stage.selected[row]) place(row, false);
    for (let row = 0; row < stage.rows; row++) if (stage.selected[row]) place(row, true);
    pen.globalAlpha = 1;
    if (rect) {
      pen.strokeStyle = colour("accent");
      pen.strokeRect(rect[0], rect[1], rect[2] - rect[0], rect[3] - rect[1]);
    }
  };
  canvas.addEventListener("mousemove", (event) => {
    let best = 64;
    let found = null;
    for (const [px, py, row] of points) {
      const far = (px - event.offsetX) ** 2 + (py - event.offsetY) ** 2;
      if (far < best) [best, found] = [far, row];
    }
    if (found === null) return hideTip();
    const lines = [...stage.varied, across, up].map((c) => `${c.name} = ${c.text(found)}`);
    return showTip(event, [`job ${stage.job.text(found)}`, ...new Set(lines)].join("\n"));
  });
  canvas.addEventListener("mouseleave", hideTip);
  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    const [startX, startY] = [event.clientX - box.left, event.clientY - box.top];
    const move = (other) => {
      const [endX, endY] = [other.clientX - box.left, other.clientY - box.top];
      rect = [Math.min(startX, endX), Math.min(startY, endY),
        Math.max(startX, endX), Math.max(startY, endY)];
      draw();
    };
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      const isSmall = !rect || rect[2] - rect[0] < 5 || rect[3] - rect[1] < 5;
      const inside = isSmall ? null : new Set(points.filter(([px, py]) =>
        rect[0] <= px && px <= rect[2] && rect[1] <= py && py <= rect[3]).map(([, , row]) => row));
      rect = null;
      stage.select("scatter plot", inside && {
        text: `${across.name} and ${up.name} in the scatter plot`, test: (row) => inside.has(row),
      });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
  });
  onResize(draw);
  stage.listeners.push(draw);
  const names = columns.map((column) => [column.name, column.name]);
  return element("div", {}, element("h3", {}, "Scatter plot"),
    element("div", { class: "tools" },
      choice("across", names, across.name, (name) => { across = stage.column(name); draw(); }),
      choice("up", names, up.name, (name) => { up = stage.column(name); draw(); })),
    holder);
}

// MARK: Figures

/** The share of a metric's variance that the means by a parameter explain. */
function importance(stage, metric) {
  const rows = [];
  for (let row = 0; row < stage.rows; row++) {
    if (stage.selected[row] && Number.isFinite(metric.numbers[row])) rows.push(row);
  }
  if (rows.length < 4) return [];
  const mean = rows.reduce((sum, row) => sum + metric.numbers[row], 0) / rows.length;
  const all = rows.reduce((sum, row) => sum + (metric.numbers[row] - mean) ** 2, 0);
  if (!(all > 0)) return [];
  const list = [];
  for (const column of stage.varied) {
    const isGrouped = column.distinct.length <= 12 || !column.isNumeric;
    const sorted = isGrouped ? null : rows.filter((row) => Number.isFinite(column.numbers[row]))
      .sort((a, b) => column.numbers[a] - column.numbers[b]);
    const groups = new Map();
    const add = (key, row) => {
      const group = groups.get(key) || { sum: 0, jobs: 0 };
      group.sum += metric.numbers[row];
      group.jobs += 1;
      groups.set(key, group);
    };
    if (sorted) {
      const size = Math.max(4, sorted.length / 6);
      sorted.forEach((row, place) => add(Math.floor(place / size), row));
    } else {
      for (const row of rows) add(column.text(row), row);
    }
    // Values of a job each explain everything, and tell nothing.
    if (groups.size < 2 || groups.size > rows.length / 2) continue;
    let between = 0;
    for (const group of groups.values()) between += group.jobs * (group.sum / group.jobs - mean) ** 2;
    // What as many random groups would explain is taken off.
    const within = (all - between) / (rows.length - groups.size);
    const share = Math.max(0, (between - (groups.size - 1) * within) / (all + within));
    list.push({ name: column.name, share });
  }
  return list.sort((a, b) => b.share - a.share);
}

function followed(stage, interest, make) {
  const holder = element("div");
  const draw = () => holder.replaceChildren(...[make()].flat().filter(Boolean));
  draw();
  stage.listeners.push(draw);
  interest.listeners.push(draw);
  return holder;
}

function mattering(stage, interest) {
  return followed(stage, interest, () => {
    const list = importance(stage, interest.metric);
    if (list.length === 0) return null;
    return [element("h3", {}, `Which parameters matter for ${interest.metric.name}`),
      barRows(list.slice(0, 12), {
        title: "Share of the variance by parameter",
        label: (row) => row.name, share: (row) => row.share,
        text: (row) => percent(row.share), fill: () => "good-fill",
      }),
      element("p", { class: "note" }, "The share of the variance between jobs that the parameter "
        + "alone explains, in the selected rows.")];
  });
}

function best(stage, interest) {
  return followed(stage, interest, () => {
    const { metric } = interest;
    const rows = stage.selectedRows().filter((row) => Number.isFinite(metric.numbers[row])
      && stage.state.text(row) === "succeeded");
    rows.sort((a, b) => (interest.isBetter(metric.numbers[a], metric.numbers[b]) ? -1
      : interest.isBetter(metric.numbers[b], metric.numbers[a]) ? 1 : a - b));
    if (rows.length === 0) return null;
    const columns = [stage.job, metric, ...stage.varied].slice(0, 9);
    return [element("h3", {}, `Best by ${metric.name}`),
      tableOf(columns.map((column) => [column.name, column.isNumeric]),
        rows.slice(0, 8).map((row) => columns.map((column) => column.text(row))), "best")];
  });
}

function tableOf(columns, rows, id) {
  return element("div", { class: "scroll" }, element("table", { id },
    element("tr", {}, columns.map(([name, isNumber]) =>
      element("th", { class: isNumber ? "number" : null, scope: "col" }, name))),
    rows.map((row) => element("tr", {}, row.map((cell, place) =>
      element("td", { class: columns[place][1] ? "number" : null }, cell))))));
}

/** Mean and deviation of jobs that differ only in a parameter such as the seed. */
function repetitions(stage, interest) {
  const varied = stage.varied;
  const named = varied.find((column) => /seed|repeat|repetition|fold|trial|replic/i.test(column.name));
  if (varied.length === 0 || !interest.metric) return null;
  let over = named ? named.name : "";
  if (!named && stage.rows === new Set(Array.from({ length: stage.rows }, (_, row) =>
    varied.map((column) => column.text(row)).join("\0"))).size) return null;
  const holder = element("div");
  const draw = () => {
    const { metric } = interest;
    const others = varied.filter((column) => column.name !== over);
    const groups = new Map();
    for (const row of stage.selectedRows()) {
      const value = metric.numbers[row];
      if (!Number.isFinite(value)) continue;
      const key = others.map((column) => column.text(row)).join("\0");
      const group = groups.get(key) || { row, values: [] };
      group.values.push(value);
      groups.set(key, group);
    }
    const list = [...groups.values()].map((group) => {
      const n = group.values.length;
      const mean = group.values.reduce((sum, value) => sum + value, 0) / n;
      const deviation = n > 1
        ? Math.sqrt(group.values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) : NaN;
      return { row: group.row, n, mean, deviation };
    });
    list.sort((a, b) => (interest.isBetter(a.mean, b.mean) ? -1 : 1));
    if (list.every((group) => group.n < 2)) {
      holder.replaceChildren(element("p", { class: "note" },
        "No two of the selected jobs differ in nothing but this."));
      return;
    }
    const columns = [...others.map((column) => [column.name, column.isNumeric]),
      [`mean ${metric.name}`, true], ["deviation", true], ["jobs", true]];
    holder.replaceChildren(tableOf(columns, list.slice(0, 10).map((group) => [
      ...others.map((column) => column.text(group.row)), short(group.mean),
      Number.isNaN(group.deviation) ? "–" : short(Number(group.deviation.toPrecision(2))),
      count(group.n)]), "repetitions"),
    list.length > 10 ? element("p", { class: "note" }, `and ${count(list.length - 10)} more, worse ones`) : "");
  };
  draw();
  stage.listeners.push(draw);
  interest.listeners.push(draw);
  return element("div", {}, element("h3", {}, "Mean over repetitions"),
    element("div", { class: "tools" }, choice("repeated over", [["", "equal jobs"],
      ...varied.map((column) => [column.name, column.name])], over,
    (name) => { over = name; draw(); })), holder);
}

function results(stage) {
  if (stage.rows === 0) {
    return section("results", "Results", element("p", { class: "soft" }, "There are no rows yet."));
  }
  const interest = new Interest(stage);
  const sample = stage.isSample ? element("p", {}, element("b", {},
    `${count(stage.rows)} of ${counted(stage.ended, "job")} have a row here: `),
  "failed ones, the slowest, those with the best and worst results, and an even sample of the "
    + "others. Everything above counts all jobs; the plots and tables below count these rows. "
    + "All rows: ", element("code", {}, `furrow results ${quoted(report.run.directory)} --format csv`),
  ) : null;
  return section("results", "Results", sample, selectionBar(stage),
    interest.node,
    element("div", { class: "pair" },
      interest.metric ? best(stage, interest) : null,
      interest.metric ? mattering(stage, interest) : null),
    new ParallelCoordinates(stage, interest).node,
    element("div", { class: "pair" }, heatMap(stage, interest), scatter(stage, interest)),
    repetitions(stage, interest),
    element("h3", {}, "All rows"), new ResultsTable(stage).node);
}
