"use strict";
// Figures of the results, and the section of all that is about results.

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
    list.length > 10
      ? element("p", { class: "note" }, `and ${count(list.length - 10)} more, worse ones`) : "");
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
