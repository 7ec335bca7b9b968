"use strict";
// Puts the page together.

function facts() {
  const list = element("dl", {}, report.facts.map(([name, value]) =>
    [element("dt", {}, name), element("dd", {}, value)]));
  return section("facts", "Facts", list,
    report.input ? element("details", {}, element("summary", {}, "The input, as it was given"),
      element("pre", {}, report.input)) : null,
    element("p", { class: "note" }, `Written ${moment(report.written)}; `
      + "'furrow report' writes it again, from what the run's journal has by then."));
}

function build(place) {
  drawn.length = 0;
  for (const stage of stages) stage.listeners.length = 0;
  hideTip();
  const main = document.getElementById("report");
  const stage = stages[place];
  const parts = [["failures", "Failures"], ["load", "Load"], ["timeline", "Timeline"],
    ["durations", "Durations"], ["results", "Results"], ["facts", "Facts"]];
  main.replaceChildren(headline());
  if (stages.length > 1) {
    main.append(element("div", { class: "tools" }, element("span", { class: "soft" }, "Stage"),
      stages.map((other, number) => element("button", {
        type: "button", "aria-pressed": String(number === place), onclick: () => build(number),
      }, `${other.name} (${count(other.ended)})`))));
  }
  const hasTime = report.timeline.count > 0;
  main.append(...[
    stage ? failures(stage) : null,
    hasTime ? loadOverTime() : null,
    hasTime && stage ? new Timeline(stage, place).node : null,
    stage ? durations(stage) : null,
    stage ? results(stage) : null,
    facts(),
  ].filter(Boolean));
  const nav = element("nav", { "aria-label": "Sections" });
  for (const [id, name] of parts) {
    if (document.getElementById(id)) nav.append(element("a", { href: `#${id}` }, name));
  }
  main.querySelector("#headline header").after(nav);
  if (!tip.isConnected) document.body.append(tip);
  // The elements have their widths only now.
  redraw();
  return main;
}

// The last stage that has begun is the one that people come for.
build(Math.max(0, stages.findLastIndex((stage) => stage.ended > 0)));
