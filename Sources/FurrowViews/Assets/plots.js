"use strict";
// Plots of two columns. They show the one selection, and make it.

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
