"use strict";
// The run's data, the columns of a stage, and the selection that all plots share.

const report = JSON.parse(document.getElementById("data").textContent);

const notFinite = { nan: NaN, inf: Infinity, infinity: Infinity };

/** The number that a cell's text stands for; NaN for anything else. */
function numberOf(value) {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value === "") return NaN;
  const plain = Number(value);
  if (!Number.isNaN(plain)) return plain;
  const sign = value.startsWith("-") ? -1 : 1;
  const name = value.toLowerCase().replace(/^[-+]/, "").replace(/^\./, "");
  return name in notFinite ? sign * notFinite[name] : NaN;
}

/** A column of a stage's rows. */
class Column {
  constructor(given) {
    this.name = given.name;
    this.kind = given.kind;
    this.isNumeric = given.numeric;
    this.cells = given.places ? given.places.map((place) => given.values[place]) : given.values;
  }

  text(row) {
    const cell = this.cells[row];
    return cell === null || cell === undefined ? "" : String(cell);
  }

  get numbers() {
    if (!this.known) this.known = Float64Array.from(this.cells, numberOf);
    return this.known;
  }

  /** The different values, numbers in their order. */
  get distinct() {
    if (!this.values) {
      const all = [...new Set(this.cells.map((_, row) => this.text(row)))];
      this.values = this.isNumeric
        ? all.sort((a, b) => numberOf(a) - numberOf(b))
        : all.sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    }
    return this.values;
  }

  get isConstant() { return this.distinct.length < 2; }

  /** The axis on which plots show this column. */
  get axis() {
    if (!this.ownAxis) this.ownAxis = new Axis(this);
    return this.ownAxis;
  }
}

/** Puts the values of a column between 0 and 1. */
class Axis {
  constructor(column) {
    this.column = column;
    const isOrdinal = !column.isNumeric
      || (column.kind === "parameter" && column.distinct.length <= 12);
    if (isOrdinal) {
      this.type = "ordinal";
      // Text of very many values has no useful axis; the commonest are not known here.
      this.values = column.distinct;
      this.places = new Map(this.values.map((value, place) => [value, place]));
      this.last = Math.max(1, this.values.length - 1);
      return;
    }
    const finite = column.numbers.filter(Number.isFinite);
    let low = Infinity;
    let high = -Infinity;
    for (const value of finite) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (low === high) [low, high] = [low - 0.5, high + 0.5];
    this.type = low > 0 && high / low > 200 ? "log" : "linear";
    [this.low, this.high] = [low, high];
  }

  /** The place of a row; NaN if it has none. */
  at(row) {
    if (this.type === "ordinal") {
      const text = this.column.text(row);
      if (this.values.length === 1) return 0.5;
      return this.places.get(text) / this.last;
    }
    return this.of(this.column.numbers[row]);
  }

  of(value) {
    if (!Number.isFinite(value)) return NaN;
    if (this.type === "log") return Math.log(value / this.low) / Math.log(this.high / this.low);
    return (value - this.low) / (this.high - this.low);
  }

  /** Places and labels, at most about so many. */
  labels(most) {
    if (this.type === "ordinal") {
      const step = Math.ceil(this.values.length / Math.max(2, most));
      return this.values
        .map((value, place) => ({
          at: this.values.length === 1 ? 0.5 : place / this.last,
          text: value === "" ? "(none)" : value,
        }))
        .filter((_, place) => place % step === 0);
    }
    if (this.type === "log") {
      const list = [];
      for (let power = Math.ceil(Math.log10(this.low) - 1e-9); 10 ** power <= this.high * 1.000001; power++) {
        list.push({ at: this.of(10 ** power), text: short(10 ** power) });
      }
      if (list.length > 1) return list;
    }
    return ticks(this.low, this.high, most)
      .map((value) => ({ at: this.of(value), text: short(value) }));
  }
}

/** A stage with its rows, and the rows that are selected. */
class Stage {
  constructor(given) {
    Object.assign(this, given);
    this.columns = given.columns.map((column) => new Column(column));
    this.job = this.columns.find((column) => column.kind === "job");
    this.state = this.columns.find((column) => column.kind === "state");
    this.parameters = this.columns.filter((column) => column.kind === "parameter");
    this.results = this.columns.filter((column) => column.kind === "result");
    this.rows = this.job ? this.job.cells.length : 0;
    this.isSample = this.ended > this.rows;
    this.duration = this.columns.filter((column) => column.kind === "fact")
      .find((column) => /^(furrow_)*duration$/.test(column.name));
    this.rules = new Map();
    this.listeners = [];
    this.selected = new Uint8Array(this.rows).fill(1);
    this.selectedCount = this.rows;
  }

  column(name) { return this.columns.find((column) => column.name === name); }

  /** Parameters with more than one value. */
  get varied() { return this.parameters.filter((column) => !column.isConstant); }

  /** What can be judged: numbers among the results, else how long jobs took. */
  get metrics() {
    const list = this.results.filter((column) => column.isNumeric);
    return this.duration ? [...list, this.duration] : list;
  }

  /** Selects the rows that one plot allows; without a test all that it has. */
  select(plot, rule) {
    if (rule) this.rules.set(plot, rule);
    else this.rules.delete(plot);
    const tests = [...this.rules.values()].map((known) => known.test);
    let all = 0;
    for (let row = 0; row < this.rows; row++) {
      const isIn = tests.every((test) => test(row));
      this.selected[row] = isIn ? 1 : 0;
      if (isIn) all += 1;
    }
    this.selectedCount = all;
    for (const listener of this.listeners) listener();
  }

  clear() {
    this.rules.clear();
    this.select(null, null);
  }

  get hasSelection() { return this.rules.size > 0; }

  selectedRows() {
    const rows = [];
    for (let row = 0; row < this.rows; row++) if (this.selected[row]) rows.push(row);
    return rows;
  }
}

const stages = report.stages.map((given) => new Stage(given));

/** Whether smaller values of a metric are better, judging by its name. */
function isSmallerBetter(name) {
  return /loss|err|rmse|mse|mae|time|second|duration|latency|cost|perplex|memory|distance/i.test(name);
}

/**
 * The test of a filter: words, which a row has anywhere, and comparisons such as lr<0.1 or
 * model=knn. Throws a text where it is not one.
 */
function filterTest(stage, text) {
  const tests = [];
  const pieces = text.match(/"[^"]*"|[^\s"]+(?:"[^"]*")?/g) || [];
  for (const piece of pieces) {
    const match = /^([^<>=!]+)(<=|>=|!=|==|=|<|>)(.*)$/.exec(piece);
    if (!match) {
      const word = piece.replaceAll('"', "").toLowerCase();
      tests.push((row) => stage.columns.some((c) => c.text(row).toLowerCase().includes(word)));
      continue;
    }
    const column = stage.column(match[1]);
    if (!column) throw `there is no column '${match[1]}'`;
    const wanted = match[3].replaceAll('"', "");
    const number = numberOf(wanted);
    const isNumber = column.isNumeric && !Number.isNaN(number);
    const sign = match[2];
    tests.push((row) => {
      const value = column.text(row);
      // No comparison holds for a cell without a value, except with nothing.
      if (value === "") return wanted === "" && (sign === "=" || sign === "==");
      const order = isNumber ? column.numbers[row] - number : value < wanted ? -1 : value > wanted ? 1 : 0;
      switch (sign) {
        case "<": return order < 0;
        case "<=": return order <= 0;
        case ">": return order > 0;
        case ">=": return order >= 0;
        case "!=": return order !== 0;
        default: return order === 0;
      }
    });
  }
  return (row) => tests.every((test) => test(row));
}
