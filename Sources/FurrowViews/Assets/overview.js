"use strict";
// The headline, the failures, and the load over time.

const stateWords = {
  succeeded: "succeeded", failed: "failed", running: "running", interrupted: "interrupted",
  killed: "was killed", submitted: "waits for SLURM",
};

function total(name) { return report.stages.reduce((sum, stage) => sum + (stage[name] || 0), 0); }

function headline() {
  const { run, time: spent } = report;
  const [good, bad, ended] = [total("succeeded"), total("failed"), total("ended")];
  const isKnown = report.stages.every((stage) => stage.total !== null);
  const all = isKnown ? total("total") : null;
  const isGood = run.state === "succeeded" || run.state === "running";
  const first = spent.sessions[0];
  const facts = [moment(first.start), run.directory];
  const isOver = run.state !== "running" && run.state !== "killed";
  const left = all === null ? null : Math.max(0, all - good - bad);
  const idle = Math.max(0, spent.total - spent.used);
  const figures = element("div", { class: "figures" },
    figure(all === null || all === ended ? count(ended) : `${count(ended)} of ${count(all)}`,
      "jobs ended"),
    figure(count(good), "succeeded"),
    figure(count(bad), "failed", bad > 0),
    left ? figure(count(left), "left to run") : null,
    figure(time(spent.wall), spent.sessions.length > 1
      ? `over ${spent.sessions.length} starts` : isOver ? "from start to end" : "so far"),
    figure(percent(spent.used / spent.total),
      `of ${workerTime(spent.total)} of ${counted(spent.sessions.at(-1).workers, "worker")} used`));
  const parts = [
    { name: "jobs that succeeded", value: spent.used - spent.failed, colour: "good" },
    { name: "failed attempts", value: spent.failed, colour: "bad" },
    { name: "idle before the first job", value: spent.start, colour: "lost", opacity: 0.8 },
    { name: "idle between jobs", value: spent.between, colour: "lost", opacity: 0.55 },
    { name: "idle in the tail", value: spent.tail, colour: "lost", opacity: 0.35 },
    { name: isOver ? "idle at the end" : "idle since the last job", value: spent.end, colour: "lost", opacity: 0.2 },
  ];
  for (const part of parts) {
    part.text = `${workerTime(part.value)} (${percent(part.value / spent.total)})`;
  }
  const notes = [];
  if (ended === 0) notes.push("No job has ended.");
  if (idle > 0 && spent.total > 0) notes.push(idleSentence(spent, parts));
  if (spent.failed > 0) {
    notes.push(`Failed, cancelled and lost attempts took ${workerTime(spent.failed)} of workers.`);
  }
  const retried = total("retried");
  if (retried) notes.push(`${counted(retried, "job")} needed more than one attempt.`);
  const damaged = total("damaged");
  if (damaged) notes.push(`${counted(damaged, "line")} of the journal cannot be read.`);
  return element("section", { id: "headline" },
    element("header", {},
      element("h1", {}, run.name || "Run"),
      element("span", { class: `state ${isGood ? "good" : "bad"}` },
        stateWords[run.state] || run.state,
        run.status ? `, exit status ${run.status}` : "")),
    element("p", { class: "soft" }, facts.join(" · ")),
    run.reasons.length ? element("ul", { id: "reasons" },
      run.reasons.map((reason) => element("li", {}, reason))) : null,
    figures,
    spent.total > 0 ? partsBar(parts, spent.total, "How the workers spent their time") : null,
    ...notes.map((note) => element("p", { class: "note" }, note)));
}

function figure(value, name, isBad) {
  return element("div", {}, element("b", { class: isBad ? "bad-text" : null }, value),
    element("span", {}, name));
}

/** What most of the idle time was. */
function idleSentence(spent, parts) {
  const idle = Math.max(0, spent.total - spent.used);
  const causes = parts.slice(2).filter((part) => part.value > 0);
  if (causes.length === 0) return "";
  const most = causes.reduce((best, part) => (part.value > best.value ? part : best));
  const reason = {
    "idle before the first job": "workers waited for their first job of a stage",
    "idle between jobs": "workers waited between two jobs",
    "idle in the tail": "no job was left while others still ran",
    "idle at the end": "all jobs had ended, and results were gathered and written",
    "idle since the last job": "no further job has ended",
  }[most.name];
  return `Workers were idle for ${percent(idle / spent.total)} of the time, mostly because `
    + `${reason}.`;
}

// MARK: Failures

function failures(stage) {
  const { groups, others } = stage.failures;
  if (groups.length === 0) {
    return section("failures", "Failures", element("p", { class: "soft" },
      stage.ended ? "No job failed." : "No job has ended."));
  }
  const alike = groups.map((group, place) => failureGroup(stage, group, place === 0));
  const note = others ? element("p", { class: "note" },
    `${counted(others, "failed job")} with further messages are not listed.`) : null;
  return section("failures", "Failures",
    element("p", {}, `${counted(stage.failed, "job")} failed, with ${others ? "more than " : ""}${
      groups.length === 1 ? "one message" : `${groups.length} different messages`}.`),
    ...alike, note, failingValues(stage));
}

function failureGroup(stage, group, isOpen) {
  const lines = group.message.split("\n");
  const status = group.exit ? `exit status ${group.exit}` : group.signal ? `signal ${group.signal}` : "";
  const isNew = status && !lines[0].includes(status);
  const rows = group.jobs.map((job) => element("tr", {},
    element("td", { class: "number" }, String(job.job)),
    element("td", { class: "wide" }, job.parameters),
    element("td", {}, job.task === null ? job.host : `${job.host}, task ${job.task}`),
    element("td", { class: "number" }, String(job.attempt)),
    element("td", { class: "number" }, time(job.seconds))));
  const table = element("div", { class: "scroll" }, element("table", {},
    element("tr", {}, ["job", "parameters", "where", "attempts", "took"].map((name, place) =>
      element("th", { class: place !== 1 && place !== 2 ? "number" : null }, name))), rows));
  const more = group.count - group.jobs.length;
  const first = group.jobs[0];
  const last = lines.length > 1 ? lines.at(-1).replace("    | ", "") : "";
  return element("details", { open: isOpen },
    element("summary", {}, element("b", {}, counted(group.count, "job")), ` ${lines[0]}`,
      isNew ? ` (${status})` : null,
      last ? element("span", { class: "soft" }, ` · ${shorten(last, 90)}`) : null),
    lines.length > 1 ? element("pre", {}, lines.slice(1).join("\n").replaceAll("    | ", "")) : null,
    table,
    more > 0 ? element("p", { class: "note" }, `and ${count(more)} more`) : null,
    first.command ? element("div", {},
      element("p", { class: "note" }, `To run job ${first.job} again by hand:`),
      element("pre", {}, first.command)) : null,
    element("p", { class: "note long" }, "All that it wrote: ",
      element("code", {}, `furrow logs ${quoted(report.run.directory)} ${first.job} --stderr`)));
}

function quoted(word) {
  return /^[A-Za-z0-9_\-./:=,@%+]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The values of parameters whose jobs fail more than chance would have it. */
function failingValues(stage) {
  const all = stage.succeeded + stage.failed;
  const rate = stage.failed / all;
  if (!(rate > 0) || rate === 1) return null;
  const found = [];
  for (const group of stage.groups) {
    group.values.forEach((value, place) => {
      const jobs = group.jobs[place];
      const failed = group.failed[place];
      if (failed < 2) return;
      const deviation = (failed / jobs - rate) / Math.sqrt((rate * (1 - rate)) / jobs);
      if (deviation > 2.5) found.push({ name: group.name, value, jobs, failed, deviation });
    });
  }
  if (found.length === 0) {
    return element("p", { class: "note" }, "No value of a parameter fails clearly more than others.");
  }
  found.sort((a, b) => b.deviation - a.deviation);
  return element("div", {}, element("h3", {}, "Values that fail more than others"),
    barRows(found.slice(0, 12), {
      title: "Failures by value",
      label: (row) => `${row.name} = ${row.value || "(none)"}`,
      share: (row) => row.failed / row.jobs,
      text: (row) => `${percent(row.failed / row.jobs)}: ${count(row.failed)} of ${count(row.jobs)}`,
      fill: () => "bad-fill",
    }),
    element("p", { class: "note" }, `Of all jobs ${percent(rate)} failed.`));
}

// MARK: Load

function loadOverTime() {
  const { load, time: spent } = report;
  const holder = element("div");
  const capacity = Math.max(...spent.sessions.map((session) => session.workers), 1);
  const highest = load.jobs.reduce((most, value) => Math.max(most, value), capacity);
  fitted(holder, (width) => {
    const [height, top, bottom] = [150, 16, 26];
    const svg = canvasOf(width, height, "Running jobs over time");
    const x = (seconds) => (spent.wall > 0 ? (seconds / spent.wall) * width : 0);
    const y = (value) => top + (1 - value / highest) * (height - top - bottom);
    let path = `M0,${y(0)}`;
    load.jobs.forEach((value, place) => {
      path += `L${x(place * load.step)},${y(value)}L${x((place + 1) * load.step)},${y(value)}`;
    });
    svg.append(drawing("path", { d: `${path}L${width},${y(0)}Z`, class: "good-fill", opacity: 0.85 }));
    for (const session of spent.sessions) {
      svg.append(drawing("line", {
        x1: x(session.base), x2: x(session.base + session.seconds),
        y1: y(session.workers), y2: y(session.workers), class: "capacity",
      }));
    }
    svg.append(drawing("text", { x: 0, y: y(capacity) - 4 }, counted(capacity, "worker")));
    load.failed.forEach((failed, place) => {
      if (!failed) return;
      svg.append(drawing("rect", {
        x: x(place * load.step), y: y(0) + 1, width: Math.max(2, x(load.step)), height: 5,
        class: "bad-fill",
      }));
    });
    sessionLines(svg, x, top, y(0));
    timeAxis(svg, x, width, y(0) + 6, spent.wall);
    svg.append(drawing("rect", {
      x: 0, y: 0, width, height, opacity: 0,
      onmousemove: (event) => {
        const box = svg.getBoundingClientRect();
        const place = Math.min(load.jobs.length - 1,
          Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * load.jobs.length)));
        const failed = load.failed[place];
        showTip(event, `after ${time(place * load.step)}\n${short(load.jobs[place])} running`
          + `\n${counted(load.succeeded[place], "job")} succeeded`
          + (failed ? `\n${counted(failed, "attempt")} failed` : ""));
      },
      onmouseleave: hideTip,
    }));
    holder.replaceChildren(svg);
  });
  const hasFailed = load.failed.some((failed) => failed > 0);
  return section("load", "Running jobs over time", holder,
    hasFailed ? element("p", { class: "note" }, "Orange marks below: attempts that failed.") : null);
}
