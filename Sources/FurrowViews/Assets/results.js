"use strict";
// The rows: filter, sort, download.

class ResultsTable {
  constructor(stage) {
    this.stage = stage;
    this.order = Array.from({ length: stage.rows }, (_, row) => row);
    this.sortedBy = null;
    this.isDescending = false;
    this.shown = 30;
    const isPlain = (column) => ["exit", "duration", "host"].includes(column.name)
      || column.kind !== "fact";
    this.columns = stage.columns.filter((column) => isPlain(column)
      && (column.kind === "job" || column.cells.some((cell) => cell !== null)));
    this.body = element("tbody");
    this.head = element("tr");
    this.more = element("div", { class: "tools" });
    this.drawHead();
    this.draw();
    stage.listeners.push(() => { this.shown = 30; this.draw(); });
  }

  get node() {
    return element("div", {},
      element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Results" },
        element("table", { id: "rows" }, element("thead", {}, this.head), this.body)),
      this.more);
  }

  drawHead() {
    this.head.replaceChildren(...this.columns.map((column) => {
      const isSorted = column === this.sortedBy;
      return element("th", {
        class: column.isNumeric ? "number" : null, scope: "col",
        "aria-sort": isSorted ? (this.isDescending ? "descending" : "ascending") : "none",
      }, element("button", { type: "button", onclick: () => this.sort(column) }, column.name));
    }));
  }

  sort(column) {
    this.isDescending = column === this.sortedBy && !this.isDescending;
    this.sortedBy = column;
    const sign = this.isDescending ? -1 : 1;
    // Rows without a value come last in both directions, as in `furrow results`.
    const rank = (row) => (column.text(row) === "" ? 2
      : column.isNumeric && Number.isNaN(column.numbers[row]) ? 1 : 0);
    this.order.sort((a, b) => {
      const ranks = rank(a) - rank(b);
      if (ranks) return ranks;
      const order = column.isNumeric ? column.numbers[a] - column.numbers[b]
        : column.text(a) < column.text(b) ? -1 : column.text(a) > column.text(b) ? 1 : 0;
      return order * sign || a - b;
    });
    this.drawHead();
    this.draw();
  }

  draw() {
    const rows = this.order.filter((row) => this.stage.selected[row]);
    this.body.replaceChildren(...rows.slice(0, this.shown).map((row) =>
      element("tr", {}, this.columns.map((column) => {
        const isBad = column.kind === "state" && column.text(row) !== "succeeded";
        return element("td", {
          class: [column.isNumeric ? "number" : "", isBad ? "bad-text" : ""].join(" ").trim() || null,
          title: column.text(row).length > 40 ? column.text(row) : null,
        }, column.text(row));
      }))));
    const left = rows.length - Math.min(rows.length, this.shown);
    this.more.replaceChildren(...(left > 0 ? [
      element("button", {
        type: "button", onclick: () => { this.shown += 200; this.draw(); },
      }, "Show more rows"), element("span", { class: "note" }, `${count(left)} more`)] : []));
  }
}

function csvLine(cells) {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",")}\n`;
}

function selectionCSV(stage) {
  const lines = [csvLine(stage.columns.map((column) => column.name))];
  for (const row of stage.selectedRows()) {
    lines.push(csvLine(stage.columns.map((column) => column.text(row))));
  }
  return lines.join("");
}

function selectionJSON(stage) {
  return JSON.stringify(stage.selectedRows().map((row) => Object.fromEntries(
    stage.columns.map((column) => [column.name,
      column.isNumeric && Number.isFinite(column.numbers[row]) ? column.numbers[row]
        : column.cells[row] ?? null]))), null, 1);
}

/** The line that says what is selected, with the filter. */
function selectionBar(stage) {
  const words = element("span", { class: "note", role: "status", id: "selected" });
  const clear = element("button", {
    type: "button", onclick: () => { filter.value = ""; stage.clear(); },
  }, "Clear");
  const filter = element("input", {
    type: "search", id: "filter", "aria-label": "Filter",
    placeholder: "Filter: words, or lr<0.1 model=knn state=failed",
    oninput: () => {
      try {
        const test = filter.value.trim() ? filterTest(stage, filter.value) : null;
        filter.setCustomValidity("");
        stage.select("filter", test ? { test, text: filter.value } : null);
      } catch (problem) {
        filter.setCustomValidity(String(problem));
        words.textContent = String(problem);
      }
    },
  });
  const update = () => {
    const isAll = !stage.hasSelection;
    clear.disabled = isAll;
    const rules = [...stage.rules].filter(([plot]) => plot !== "filter").map(([, rule]) => rule.text);
    words.textContent = isAll ? `all ${counted(stage.rows, "row")}`
      : `${count(stage.selectedCount)} of ${counted(stage.rows, "row")}`
        + (rules.length ? `: ${rules.join(", ")}` : "");
  };
  update();
  stage.listeners.push(update);
  const save = (suffix, type, text) => element("button", {
    type: "button",
    onclick: () => download(`${report.run.name || "run"}-${stage.name}.${suffix}`, type, text(stage)),
  }, suffix.toUpperCase());
  return element("div", { id: "selection" }, element("div", { class: "tools" },
    filter, clear, words, save("csv", "text/csv", selectionCSV),
    save("json", "application/json", selectionJSON)));
}
