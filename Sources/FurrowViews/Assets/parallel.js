"use strict";
// What the plots of the results are about, and the parallel coordinates.

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
    const words = () => {
      direction.textContent = this.isSmallerBetter ? "smaller is better" : "larger is better";
    };
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
