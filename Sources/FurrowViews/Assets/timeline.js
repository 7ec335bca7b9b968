"use strict";
// What each worker did, and how long the jobs took.

const attemptStates = ["succeeded", "failed", "cancelled", "running", "lost"];
const attemptColours = ["good", "bad", "lost", "run", "lost"];

class Timeline {
  constructor(stage, stagePlace) {
    this.stage = stage;
    this.stagePlace = stagePlace;
    this.data = report.timeline;
    this.wall = Math.max(report.time.wall, 1e-6);
    [this.from, this.to] = [0, this.wall];
    this.by = "state";
    this.canvas = element("canvas", {
      tabindex: 0, role: "img",
      "aria-label": "Timeline of the workers. Keys: + and - zoom, arrows move, 0 shows all.",
      onmousemove: (event) => this.hover(event), onmouseleave: hideTip,
      onkeydown: (event) => this.key(event),
    });
    this.legend = element("div", { class: "legend" });
    this.holder = element("div", {}, this.canvas);
    this.listen();
    this.rowsOfJobs = new Map();
    stage.job?.cells.forEach((job, row) => this.rowsOfJobs.set(job, row));
    onResize(() => this.draw());
    stage.listeners.push(() => this.draw());
  }

  get node() {
    const button = (text, label, act) =>
      element("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
    const parameters = this.data.attempts ? this.stage.varied : [];
    const tools = element("div", { class: "tools" },
      button("+", "Zoom in", () => this.zoom(0.5)), button("−", "Zoom out", () => this.zoom(2)),
      button("All", "Show all", () => this.show(0, this.wall)),
      parameters.length ? choice("colour by", [["state", "state"],
        ...parameters.map((column) => [column.name, column.name])], "state",
      (name) => { this.by = name; this.draw(); }) : null);
    const isBinned = !this.data.attempts;
    return section("timeline", "Timeline",
      isBinned ? element("p", { class: "note" }, `${count(this.data.count)} attempts are too many to `
        + "draw one by one: darker is busier, and orange is the share of failed ones.") : null,
      tools, this.holder, this.legend);
  }

  listen() {
    // Drag chooses a span; with Control or on a touchpad the wheel zooms.
    let start = null;
    this.canvas.addEventListener("mousedown", (event) => { start = event.offsetX; });
    addEventListener("mouseup", (event) => {
      if (start === null) return;
      const end = event.clientX - this.canvas.getBoundingClientRect().left;
      if (Math.abs(end - start) > 6) {
        this.show(this.timeAt(Math.min(start, end)), this.timeAt(Math.max(start, end)));
      }
      start = null;
    });
    this.canvas.addEventListener("dblclick", () => this.show(0, this.wall));
    this.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(event.deltaY > 0 ? 1.25 : 0.8, this.timeAt(event.offsetX));
    }, { passive: false });
  }

  key(event) {
    const step = (this.to - this.from) / 4;
    if (event.key === "+" || event.key === "=") this.zoom(0.5);
    else if (event.key === "-") this.zoom(2);
    else if (event.key === "0") this.show(0, this.wall);
    else if (event.key === "ArrowLeft") this.show(this.from - step, this.to - step);
    else if (event.key === "ArrowRight") this.show(this.from + step, this.to + step);
    else return;
    event.preventDefault();
  }

  zoom(factor, around = (this.from + this.to) / 2) {
    this.show(around - (around - this.from) * factor, around + (this.to - around) * factor);
  }

  show(from, to) {
    const span = Math.min(this.wall, Math.max(this.wall / 1e6, to - from));
    this.from = Math.min(Math.max(0, from), this.wall - span);
    this.to = this.from + span;
    this.draw();
  }

  get left() { return this.width > 560 ? 128 : 58; }

  timeAt(x) {
    return this.from + ((x - this.left) / Math.max(1, this.width - this.left)) * (this.to - this.from);
  }

  x(seconds) {
    return this.left
      + ((seconds - this.from) / (this.to - this.from)) * (this.width - this.left);
  }

  draw() {
    const { workers } = this.data;
    this.width = Math.floor(this.holder.clientWidth || 700);
    this.rowHeight = Math.max(1, Math.min(18, Math.floor(560 / Math.max(1, workers.length))));
    const bottom = workers.length * this.rowHeight;
    const pen = context(this.canvas, this.width, bottom + 24);
    if (this.data.attempts) this.drawAttempts(pen);
    else this.drawSteps(pen);
    this.drawLabels(pen, bottom);
  }

  drawLabels(pen, bottom) {
    const { workers } = this.data;
    pen.fillStyle = colour("paper");
    pen.fillRect(0, 0, this.left - 1, bottom);
    pen.fillStyle = colour("soft");
    pen.textBaseline = "middle";
    const every = Math.ceil(13 / this.rowHeight);
    const isWide = this.width > 560;
    const hosts = new Set(workers.map((worker) => worker.host)).size;
    workers.forEach((worker, place) => {
      if (place % every) return;
      const text = isWide && hosts > 1 ? `${worker.name} ${worker.host}` : worker.name;
      pen.fillText(text, 0, (place + 0.5) * this.rowHeight, this.left - 8);
    });
    pen.strokeStyle = colour("line");
    pen.beginPath();
    pen.moveTo(this.left, bottom + 1.5);
    pen.lineTo(this.width, bottom + 1.5);
    pen.stroke();
    pen.textBaseline = "alphabetic";
    const span = this.to - this.from;
    for (const value of this.from === 0 ? timeTicks(this.to, this.width / 120)
      : ticks(this.from, this.to, this.width / 120)) {
      const x = this.x(value);
      pen.textAlign = x > this.width - 40 ? "right" : x < this.left + 10 ? "left" : "center";
      pen.fillText(clockLabel(value, span < 100 ? span : this.to), x, bottom + 17);
    }
    pen.textAlign = "left";
    for (const session of report.time.sessions.slice(1)) {
      const x = this.x(session.base);
      if (x < this.left || x > this.width) continue;
      pen.setLineDash([3, 3]);
      pen.strokeStyle = colour("soft");
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, bottom);
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  /** The colour of each attempt, and what the colours mean. */
  colours() {
    const { attempts } = this.data;
    const column = this.by === "state" ? null : this.stage.column(this.by);
    if (!column) {
      const own = attemptColours.map(colour);
      const seen = [...new Set(attempts.state)].sort();
      return [(place) => own[attempts.state[place]], seen.map((s) => [own[s], attemptStates[s]])];
    }
    const none = colour("quiet");
    const rowOf = (place) => (attempts.stage[place] === this.stagePlace
      ? this.rowsOfJobs.get(attempts.job[place]) : undefined);
    if (column.axis.type !== "ordinal" || (column.isNumeric && column.distinct.length > 6)) {
      const ends = column.distinct;
      return [(place) => {
        const row = rowOf(place);
        return row === undefined ? none : rampColour(column.axis.at(row));
      }, [[rampColour(0), ends[0]], [rampColour(1), ends.at(-1)]]];
    }
    const shown = column.distinct.slice(0, categoryColours.length);
    const places = new Map(shown.map((value, place) => [value, categoryColours[place]]));
    const legend = [...places].map(([value, fill]) => [fill, value || "(none)"]);
    if (column.distinct.length > shown.length) legend.push([none, "others"]);
    return [(place) => {
      const row = rowOf(place);
      return row === undefined ? none : places.get(column.text(row)) || none;
    }, legend];
  }

  drawAttempts(pen) {
    const { attempts } = this.data;
    const [fill, legend] = this.colours();
    const gap = this.rowHeight > 6 ? 2 : this.rowHeight > 3 ? 1 : 0;
    for (let place = 0; place < attempts.start.length; place++) {
      const start = attempts.start[place];
      const end = start + attempts.seconds[place];
      if (end < this.from || start > this.to) continue;
      const x = Math.max(this.left, this.x(start));
      const size = Math.max(1, this.x(end) - x - (this.x(end) - x > 4 ? 1 : 0));
      pen.fillStyle = fill(place);
      pen.globalAlpha = this.isDimmed(place) ? 0.18 : 1;
      pen.fillRect(x, attempts.worker[place] * this.rowHeight, size, this.rowHeight - gap);
      if (attempts.state[place] === 4) {
        // Lost: the colour of cancelled ones, crossed out.
        pen.strokeStyle = colour("bad");
        pen.strokeRect(x + 0.5, attempts.worker[place] * this.rowHeight + 0.5, size - 1,
          Math.max(1, this.rowHeight - gap - 1));
      }
    }
    pen.globalAlpha = 1;
    this.legend.replaceChildren(...legend.map(([own, name]) =>
      element("span", {}, swatch(own), name)));
  }

  isDimmed(place) {
    if (!this.stage.hasSelection) return false;
    const { attempts } = this.data;
    if (attempts.stage[place] !== this.stagePlace) return true;
    const row = this.rowsOfJobs.get(attempts.job[place]);
    return row === undefined || !this.stage.selected[row];
  }

  drawSteps(pen) {
    const { steps, workers } = this.data;
    const [good, bad] = [colour("good"), colour("bad")];
    const first = Math.max(0, Math.floor(this.from / steps.step));
    const last = Math.min(steps.count - 1, Math.ceil(this.to / steps.step));
    const gap = this.rowHeight > 6 ? 2 : this.rowHeight > 3 ? 1 : 0;
    workers.forEach((_, worker) => {
      for (let step = first; step <= last; step++) {
        const busy = steps.busy[worker * steps.count + step];
        if (!busy) continue;
        const failing = steps.failing[worker * steps.count + step];
        const x = Math.max(this.left, this.x(step * steps.step));
        const size = Math.max(1, this.x((step + 1) * steps.step) - x + 0.3);
        const height = this.rowHeight - gap;
        const y = worker * this.rowHeight;
        pen.globalAlpha = 0.15 + 0.85 * (busy / 100);
        pen.fillStyle = good;
        pen.fillRect(x, y, size, height);
        if (failing) {
          pen.globalAlpha = 1;
          pen.fillStyle = bad;
          const part = height * Math.max(0.15, failing / 100);
          pen.fillRect(x, y + height - part, size, part);
        }
      }
    });
    pen.globalAlpha = 1;
    this.legend.replaceChildren(element("span", {}, swatch(good), "busy"),
      element("span", {}, swatch(bad), "failing"));
  }

  hover(event) {
    const worker = Math.floor(event.offsetY / this.rowHeight);
    const moment = this.timeAt(event.offsetX);
    const named = this.data.workers[worker];
    if (!named || event.offsetX < this.left) return hideTip();
    const where = `${named.name} on ${named.host}${named.device ? `, ${named.device}` : ""}`;
    const { attempts } = this.data;
    if (!attempts) return showTip(event, where);
    const slack = (this.to - this.from) / this.width;
    let found = -1;
    for (let place = 0; place < attempts.start.length; place++) {
      if (attempts.worker[place] !== worker) continue;
      const start = attempts.start[place];
      if (start - slack <= moment && moment <= start + attempts.seconds[place] + slack) found = place;
    }
    if (found < 0) return showTip(event, `${where}\nidle`);
    const stage = stages[attempts.stage[found]];
    const row = attempts.stage[found] === this.stagePlace
      ? this.rowsOfJobs.get(attempts.job[found]) : undefined;
    const parameters = row === undefined ? []
      : stage.parameters.map((column) => `${column.name} = ${column.text(row)}`);
    const attempt = attempts.attempt[found] > 1 ? `, attempt ${attempts.attempt[found]}` : "";
    const isSeveral = stages.length > 1 ? `${stage.name}: ` : "";
    return showTip(event, [where,
      `${isSeveral}job ${attempts.job[found]}${attempt}: ${attemptStates[attempts.state[found]]}, `
        + time(attempts.seconds[found]), ...parameters].join("\n"));
  }
}

function durations(stage) {
  const data = stage.durations;
  if (!data) return null;
  const slow = data.stragglers;
  const groups = stage.groups.filter((group) => {
    const known = group.seconds.filter((_, place) => group.jobs[place] > 0);
    // The mean of one or two jobs tells nothing of a value.
    const jobs = group.jobs.reduce((sum, number) => sum + number, 0) / group.jobs.length;
    return jobs >= 3 && Math.max(...known) > 1.15 * Math.min(...known);
  });
  groups.sort((a, b) => spread(b) - spread(a));
  return section("durations", "Durations",
    element("p", {}, `From ${time(data.least)} to ${time(data.most)}, half of the jobs within `
      + `${time(data.median)}, 95 of 100 within ${time(data.p95)}.`),
    histogram(stage),
    slow.length ? element("p", {}, `Stragglers, more than three times the median: job `
      + `${slow.map(count).join(", ")}.`) : null,
    groups.length ? element("h3", {}, "Mean duration by parameter") : null,
    element("div", { class: "small" }, groups.slice(0, 9).map((group) => {
      const most = Math.max(...group.seconds);
      const rows = group.values.map((value, place) => ({
        value, seconds: group.seconds[place],
      })).slice(0, 12);
      return element("div", {}, element("h3", {}, group.name), barRows(rows, {
        title: `Mean duration by ${group.name}`,
        label: (row) => row.value || "(none)",
        share: (row) => row.seconds / most,
        text: (row) => time(row.seconds),
        fill: () => "good-fill",
        width: 240,
      }));
    })));
}

function spread(group) {
  return Math.max(...group.seconds) / Math.max(1e-9, Math.min(...group.seconds));
}
