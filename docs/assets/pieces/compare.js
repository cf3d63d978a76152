/* Your own curve: reads a training log in the reader's browser and lays it over recorded runs; nothing is sent. */
(() => {
  "use strict";
  const { Piece, button, choice, clamp, difference, fixed, html, scientific, slider, svg, table, tenTo } = window.bnreport.pieces.shared;

  const fill = (template, words) => template.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  const counted = (count) => count.toLocaleString("en");
  const trimmed = (text) => text.replace(/^[ \t]+|[ \t]+$/g, "");
  const flags = {};
  const pattern = (rule, name, flag = "u") => (flags[name + flag] ??= new RegExp(rule.patterns[name], flag));

  // ---- Reading, as in bnreport/analysis/curves/reading.py, which hands over patterns, limits and sentences ----

  const refuse = (rule, kind, place, text = "", most = 0) => {
    const signs = [...text], { shown } = rule.limits;
    const short = signs.length <= shown ? text : `${signs.slice(0, shown).join("")}…`;
    throw Object.assign(new Error(fill(rule.refused[kind], { text: short, most: counted(most) })), { place, refused: true });
  };

  const bare = (name) => name.replace(/^val_/, "");
  const known = (rule, name) => Object.hasOwn(rule.aliases, bare(name));
  const alias = (rule, name) => (name.startsWith("val_") ? "val_" : "") + rule.aliases[bare(name)];

  const rounded = (rule, value) => Math.floor(value * 10 ** rule.decimals + 0.5) / 10 ** rule.decimals;

  const number = (rule, metric, text, place) => {
    if (pattern(rule, "nothing").test(text.toLowerCase())) return NaN;
    if (!pattern(rule, "number").test(text)) refuse(rule, "number", place, text);
    const value = Number(text);
    if (metric.endsWith("loss") && value < 0) refuse(rule, "loss", place, text);
    if (metric.endsWith("accuracy") && value > 1) refuse(rule, "share", place, text);
    if (metric.endsWith("accuracy") && value < 0) refuse(rule, "share", place, text);
    // A curve that large has diverged.
    return value <= rule.limits.loss ? rounded(rule, value) : Infinity;
  };

  const started = (rule, runs, run) => {
    runs.push({ planned: null, net: "", rate: null, epochs: [], ...run });
    if (runs.length > rule.limits.runs) refuse(rule, "many", "", "runs", rule.limits.runs);
  };

  const add = (rule, run, epoch) => {
    run.epochs.push({ values: {}, done: "", total: "", ...epoch });
    if (run.epochs.length > rule.limits.epochs) refuse(rule, "many", epoch.place, "epochs of a run", rule.limits.epochs);
  };

  /** A rate, or nothing where nobody can have meant it. */
  const rateOf = (rule, text) => {
    const rate = Number(String(text ?? "").replace(",", "."));
    return rate > 0 && rate <= rule.limits.rate ? rate : null;
  };

  /** Runs of progress lines, of Keras 2 and 3, as a bar or as a line an epoch. */
  const printed = (rule, lines) => {
    const runs = [];
    let net = "", rate = null;
    const begin = (run) => {
      started(rule, runs, { ...run, net, rate });
      net = "";
    };
    const head = (place, epoch, planned) => {
      if (epoch < 1 || planned < epoch) refuse(rule, "epoch", place, `Epoch ${epoch}/${planned}`);
      const last = runs.length ? runs.at(-1).epochs.at(-1).number : 0;
      if (!last || epoch <= last || planned !== runs.at(-1).planned) begin({ headed: true, planned });
      else if (epoch > last + 1) refuse(rule, "order", place, `Epoch ${epoch}/${planned}`, last + 1);
      add(rule, runs.at(-1), { number: epoch, place });
    };
    for (const [place, line] of lines) {
      const plain = line.replace(pattern(rule, "escape", "gu"), "");
      const found = pattern(rule, "rate").exec(plain);
      if (found) rate = rateOf(rule, found[1]);
      if (pattern(rule, "bn").test(plain)) net = "bn";
      else if (pattern(rule, "dense").test(plain)) net ||= "baseline";
      let first = true;
      for (const part of plain.split(pattern(rule, "over"))) {
        const frame = trimmed(part), header = pattern(rule, "header").exec(frame);
        if (header) {
          head(place, Number(header[1]), Number(header[2]));
          continue;
        }
        const progress = pattern(rule, "progress").exec(frame);
        if (!progress) continue;
        const values = {};
        for (const [, name, text] of frame.matchAll(pattern(rule, "metric", "gu"))) values[alias(rule, name)] = number(rule, alias(rule, name), text, place);
        if (!Object.keys(values).length) continue;
        if (!runs.length) begin({ headed: false });
        const run = runs.at(-1);
        if (!run.headed && first) add(rule, run, { number: run.epochs.length + 1, place });
        first = false;
        Object.assign(run.epochs.at(-1), { values, place, done: progress[1] ?? "", total: progress[2] ?? "" });
      }
    }
    return runs;
  };

  const cell = (text) => trimmed(text).replace(/^["']+|["']+$/g, "");

  /** The delimiter and the columns of a table, if the first line heads one. */
  const tableOf = (rule, text) => {
    const [head] = text.replace(/^[\r\n]+/, "").split(/\r?\n/, 1);
    const count = (sign) => head.split(sign).length;
    const delimiter = [",", ";", "\t"].reduce((most, sign) => (count(sign) > count(most) ? sign : most));
    const columns = head.split(delimiter).map(cell);
    return columns.some((name) => known(rule, name)) ? { delimiter, columns } : null;
  };

  const csv = (rule, text, { delimiter, columns }) => {
    const rows = [];
    text.split(/\r?\n/).forEach((line, i) => {
      if (!trimmed(line)) return;
      const cells = line.split(delimiter).map(cell);
      rows.push([`line ${i + 1}`, Object.fromEntries(columns.slice(0, cells.length).map((name, at) => [name, cells[at]]))]);
    });
    rows.shift();
    const runs = [], base = rows[0]?.[1].epoch === "1" ? 0 : 1;
    for (const [place, cells] of rows) {
      const last = runs.length ? runs.at(-1).epochs.at(-1).number : 0;
      let at = last + 1;
      if (columns.includes("epoch")) {
        if (!/^[0-9]{1,9}$/.test(cells.epoch ?? "")) refuse(rule, "epoch", place, cells.epoch ?? "");
        at = Number(cells.epoch) + base;
      }
      const first = runs[0]?.epochs[0].number;
      if (at < first) refuse(rule, "rows", place, `epoch ${at - base} below epoch ${first - base}`);
      if (!runs.length || at <= last) started(rule, runs, { headed: true });
      else if (at > last + 1) refuse(rule, "order", place, `epoch ${at - base}`, last + 1 - base);
      const values = {};
      for (const name of columns) if (known(rule, name)) values[alias(rule, name)] = number(rule, alias(rule, name), cells[name] ?? "", place);
      add(rule, runs.at(-1), { number: at, place, values });
    }
    return runs;
  };

  const isDictionary = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  /** JSON, or a dictionary as Python prints it. */
  const parsed = (rule, body) => {
    const none = (text, names) => text.replace(new RegExp(`(?<![A-Za-z_"])-?(?:${names})(?![A-Za-z_"])`, "gu"), "null");
    const ways = [
      () => body,
      () => none(body, "NaN|Infinity"),
      () => none(body.replace(pattern(rule, "wrapped", "gu"), "$1").replaceAll("'", '"'), "NaN|Infinity|nan|inf"),
    ];
    for (const way of ways) {
      try {
        return JSON.parse(way());
      } catch {
        // The next way.
      }
    }
    return refuse(rule, "json", "", "Give the whole of it.");
  };

  const shown = (value) => (value === null ? "nan" : Array.isArray(value) ? "a list" : isDictionary(value) ? "a dict" : String(value));

  const history = (rule, value) => {
    const inner = isDictionary(value) ? (Object.hasOwn(value, "history") ? value.history : value) : null;
    if (!isDictionary(inner)) refuse(rule, "lengths", "", "no dictionary");
    const rows = Object.entries(inner).filter(([name]) => known(rule, name));
    if (!rows.every(([, column]) => Array.isArray(column))) refuse(rule, "lengths", "", "a metric without a list");
    if (new Set(rows.map(([, column]) => column.length)).size > 1) refuse(rule, "lengths", "", rows.map(([name, column]) => `${name} of ${column.length}`).join(", "));
    const run = { headed: true, planned: null, net: "", rate: null, epochs: [] };
    for (let i = 0; i < (rows[0]?.[1].length ?? 0); i += 1) {
      const place = `epoch ${i + 1}`, values = {};
      for (const [name, column] of rows) values[alias(rule, name)] = number(rule, alias(rule, name), shown(column[i]), `${place}, ${name}`);
      add(rule, run, { number: i + 1, place, values });
    }
    return run;
  };

  /** The code and the printed text of a notebook, line by line; all else stays unread. */
  const cellsOf = function* (rule, cells) {
    const worded = (value, place) => {
      if (typeof value === "string") return value;
      if (Array.isArray(value) && value.every((line) => typeof line === "string")) return value.join("");
      return refuse(rule, "cells", place, "no text");
    };
    if (!Array.isArray(cells)) refuse(rule, "cells", "", "no list of cells");
    for (const [i, one] of cells.entries()) {
      const place = `cell ${i + 1}`;
      if (!isDictionary(one)) refuse(rule, "cells", place, "no cell");
      if (one.cell_type !== "code") continue;
      for (const line of worded(one.source ?? "", place).split("\n")) yield [place, line];
      const outputs = one.outputs ?? [];
      if (!Array.isArray(outputs)) refuse(rule, "cells", place, "no list of outputs");
      const texts = outputs.map((output) => {
        if (!isDictionary(output)) refuse(rule, "cells", place, "no output");
        if (output.output_type === "stream") return worded(output.text ?? "", place);
        return isDictionary(output.data) && "text/plain" in output.data ? `${worded(output.data["text/plain"], place)}\n` : "";
      });
      for (const [at, line] of texts.join("").split("\n").entries()) yield [`${place}, line ${at + 1} of its output`, line.replace(/\r$/, "")];
    }
  };

  const json = (rule, body) => {
    const value = parsed(rule, body);
    if (isDictionary(value) && "cells" in value) return printed(rule, cellsOf(rule, value.cells));
    if (isDictionary(value) && "worksheets" in value) refuse(rule, "cells", "", "an older one");
    return (Array.isArray(value) ? value : [value]).slice(0, rule.limits.runs + 1).map((one) => history(rule, one));
  };

  /** A run without epochs that were not finished; nothing where none is left. */
  const curveOf = (rule, run) => {
    const notes = [], whole = run.epochs.filter(({ values }) => Object.keys(values).length);
    const last = whole.at(-1);
    if (last && /^[0-9]+$/.test(last.total) && last.done !== last.total) {
      notes.push(`Epoch ${last.number} was not finished, and is left out.`);
      whole.pop();
    }
    const metrics = rule.metrics.filter((metric) => whole.length && whole.every(({ values }) => metric in values));
    const lost = rule.metrics.filter((metric) => !metrics.includes(metric) && whole.some(({ values }) => metric in values));
    if (lost.length) notes.push(`Not every epoch prints ${lost.join(" and ")}, which is left out.`);
    if (!metrics.length) return [];
    const [{ place, number: first, total }] = whole, end = whole.at(-1).place;
    return [{
      metrics,
      epochs: whole.map(({ values }) => metrics.map((metric) => values[metric])),
      first,
      planned: run.planned,
      steps: /^[0-9]+$/.test(total) ? Number(total) : null,
      place: place === end ? place : `${place} to ${end}`,
      net: run.net,
      rate: run.rate,
      notes,
    }];
  };

  /** The text of a file: UTF-8, or UTF-16 that begins with a byte order mark. */
  const decoded = (bytes, name, rule) => {
    const [a, b, c, d] = bytes, mark = { "255 254": "utf-16le", "254 255": "utf-16be" }[`${a} ${b}`];
    const refused = (text) => Object.assign(new Error(`${name}: ${fill(rule.refused.encoding, { text })}`), { refused: true });
    if ((a === 0 && b === 0) || (b === 0 && c === 0) || (c === 0 && d === 0)) throw refused("UTF-32");
    if (!mark && [a, b, c, d].includes(0)) throw refused("UTF-16 without a mark");
    try {
      return new TextDecoder(mark ?? "utf-8", { fatal: Boolean(mark), ignoreBOM: !mark }).decode(bytes);
    } catch {
      throw refused("UTF-16 that is damaged");
    }
  };

  /** The runs in a log. */
  const read = (given, name, rule) => {
    try {
      const text = given.replace(/^\ufeff/, "");
      if (text.length > rule.limits.characters) refuse(rule, "large", "", counted(text.length), rule.limits.characters);
      const body = text.trim(), columns = tableOf(rule, text);
      const lines = () => text.split(/\r?\n/).map((line, i) => [`line ${i + 1}`, line]);
      const nested = /^[{[]/.test(body) && !pattern(rule, "headed").test(text);
      const runs = nested ? json(rule, body) : columns ? csv(rule, text, columns) : printed(rule, lines());
      const curves = runs.flatMap((run) => curveOf(rule, run));
      if (!curves.length) refuse(rule, "empty", "");
      if (curves.length > rule.limits.runs) refuse(rule, "many", "", "runs", rule.limits.runs);
      return curves;
    } catch (error) {
      if (!error.refused) throw error;
      throw Object.assign(new Error(`${[name, error.place].filter(Boolean).join(", ")}: ${error.message}`), { refused: true });
    }
  };

  // ---- Judging, as in bnreport/analysis/curves/judging.py ----

  /** The band unpacked: of each shelf the seeds and the numbers, a row a run, epoch by epoch. */
  const unpacked = ({ scale, shelves, ...band }) => ({
    ...band,
    shelves: Object.fromEntries(Object.entries(shelves).map(([name, { seeds, epochs, middle, steps }]) => [name, { seeds, epochs, runs: steps.map((run) => run.map((step, i) => (middle[i] + step) / scale)) }])),
  });

  const nameOf = ({ net, kind, rate }) => `${net} ${kind} ${rate}`;
  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;
  const root = (z) => Math.sqrt(mean(z.map((value) => value * value)));

  /** Of each number, the mean of the runs and the sum of their squares about it. */
  const moments = (runs) => runs[0].map((_, i) => {
    const column = runs.map((run) => run[i]), middle = mean(column);
    return { middle, squares: column.reduce((total, value) => total + (value - middle) ** 2, 0) };
  });

  class Compass {
    constructor(band, rule, stories, metrics, epochs, called) {
      const columns = metrics.map((metric) => rule.metrics.indexOf(metric));
      this.rule = rule;
      this.kept = new Map();
      this.windows = new Map();
      for (const story of stories) {
        const start = story.on ? called : 0, seeds = [], runs = [];
        for (const name of story.after && called !== story.after ? [] : story.shelves) {
          const shelf = band.shelves[name];
          if (start + epochs > shelf.epochs) continue;
          seeds.push(...shelf.seeds);
          for (const run of shelf.runs) {
            const row = [];
            for (let epoch = start; epoch < start + epochs; epoch += 1) for (const column of columns) row.push(run[epoch * rule.metrics.length + column]);
            runs.push(row);
          }
        }
        if (seeds.length) this.windows.set(story, { seeds, runs });
      }
    }

    z(numbers, n, parts) {
      return numbers.map((value, i) => (value - parts[i].middle) / (Math.max(Math.sqrt(parts[i].squares / (n - 1)), this.rule.floor) * Math.sqrt(1 + 1 / n)));
    }

    /** The runs of a story without those of a seed, and the distance of each from the others. */
    measured(story, without) {
      const key = `${nameOf(story)} ${without}`;
      if (!this.kept.has(key)) {
        const { seeds, runs: all } = this.windows.get(story);
        const runs = all.filter((_, i) => seeds[i] !== without), parts = moments(runs), n = runs.length;
        const own = runs.map((run) => root(this.z(run, n - 1, run.map((value, i) => {
          const { middle, squares } = parts[i], off = value - middle;
          return { middle: middle - off / (n - 1), squares: Math.max(squares - (off * off * n) / (n - 1), 0) };
        }))));
        this.kept.set(key, { parts, own, n });
      }
      return this.kept.get(key);
    }

    compared(story, numbers, without) {
      const held = this.windows.get(story).seeds.includes(without) ? without : undefined;
      const { parts, own, n } = this.measured(story, held), distance = root(this.z(numbers, n, parts));
      return { story, distance, asFar: own.filter((other) => other >= distance).length, n };
    }

    /** Whether enough runs of each are refused as the other; by even seeds, which set the rules. */
    toldApart(one, other) {
      return [[one, other], [other, one]].every(([truth, story]) => {
        const { seeds, runs } = this.windows.get(truth), even = seeds.map((seed, i) => [seed, i]).filter(([seed]) => seed % 2 === 0);
        return even.filter(([seed, i]) => !this.compared(story, runs[i], seed).asFar).length >= this.rule.apart * even.length;
      });
    }
  }

  // The same kind of log has its compass made once.
  const compasses = new WeakMap();
  const compassOf = (band, rule, stories, metrics, epochs, called) => {
    if (!compasses.has(band)) compasses.set(band, new Map());
    const made = compasses.get(band), key = [stories.map(nameOf), metrics, epochs, called].join("|");
    if (!made.has(key)) made.set(key, new Compass(band, rule, stories, metrics, epochs, called));
    return made.get(key);
  };

  const calledOf = ({ first, planned }, rule) => first - 1 || planned || rule.epochs;
  const healthy = ({ kind, rate: own }, rate, first) => kind === (first === 1 ? "fresh" : "continued") && (rate === null || rate === own);

  const fit = (curve, metrics, band, rule, stories, epochs) => {
    const compass = compassOf(band, rule, stories, metrics, epochs, calledOf(curve, rule));
    const columns = metrics.map((metric) => curve.metrics.indexOf(metric));
    const numbers = curve.epochs.slice(0, epochs).flatMap((row) => columns.map((column) => row[column]));
    const compared = [...compass.windows.keys()].map((story) => compass.compared(story, numbers)).sort((a, b) => a.distance - b.distance);
    const fitting = compared.filter(({ asFar }) => asFar).map(({ story }) => story);
    const possible = compared.filter(({ asFar, story }) => !asFar && fitting.some((fits) => !compass.toldApart(story, fits))).map(({ story }) => story);
    return { compass, compared, fitting, possible, numbers };
  };

  /** Which stories a curve fits. */
  const judge = (curve, band, rule, net, rate, most = rule.epochs) => {
    const lost = curve.epochs.findIndex((row) => row.some((value) => !Number.isFinite(value)));
    if (lost >= 0) return { outcome: "diverged", fitting: [], possible: [], compared: [], honest: [], lost: curve.first + lost };
    const epochs = Math.min(curve.epochs.length, most);
    const stories = band.stories.filter((story) => !net || story.net === net);
    const found = fit(curve, curve.metrics, band, rule, stories, epochs);
    const honest = found.compared.map(({ story }) => story).filter((story) => healthy(story, rate, curve.first));
    const verdict = { ...found, honest, epochs };
    const meant = (story) => honest.includes(story);
    if (found.fitting.some(meant)) return { ...verdict, outcome: "healthy" };
    if (found.possible.some(meant)) return { ...verdict, outcome: "open" };
    if (found.fitting.length) return { ...verdict, outcome: "stories" };
    const validated = rule.validation.filter((metric) => curve.metrics.includes(metric));
    if (validated.length && validated.length < curve.metrics.length) {
      const { fitting, possible } = fit(curve, validated, band, rule, stories, epochs);
      if (fitting.length) return { ...verdict, fitting, possible, outcome: "validation" };
    }
    return { ...verdict, outcome: "none" };
  };

  // ---- Telling, as in bnreport/analysis/curves/telling.py ----

  const phrase = ({ kind, net, rate }, words) => fill(words.phrases[kind], { net: words.nets[net], rate: String(rate) });
  const label = ({ kind, rate }, words) => words.labels[kind] + (kind === "fresh" ? `, ${rate}` : "");
  const either = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names.join(""));
  const unique = (values) => [...new Set(values)];

  const tell = (curve, verdict, band, words, net, rate) => {
    const { said } = words, { outcome, fitting, possible, compared, honest } = verdict;
    const notes = [...curve.notes];
    if (curve.steps !== null && !words.steps.includes(curve.steps)) notes.push(fill(said.steps, { steps: counted(curve.steps) }));
    if (outcome === "diverged") {
      const row = curve.epochs[verdict.lost - curve.first], at = row.findIndex((value) => !Number.isFinite(value)), metric = curve.metrics[at];
      const lost = `${words.lost[metric]} ${words.how[Number.isNaN(row[at]) ? "none" : "large"]}`;
      const found = band.diverged.find(([story, count]) => count && (!net || story.net === net));
      const told = { epoch: verdict.lost, lost, net: words.nets[net] ?? "at all" }, title = fill(words.titles.diverged, told);
      if (metric.endsWith("accuracy")) return { title, sentence: fill(said["no share"], told), advice: [], notes };
      if (!found) return { title, sentence: fill(said["none diverged"], told), advice: [], notes };
      const [story, count, n] = found;
      return { title, sentence: fill(said.diverged, { ...told, all: phrase(story, words), count, n }), advice: [words.advice[story.kind]], notes };
    }
    const title = words.titles[outcome], told = [...fitting, ...possible], [nearest] = compared;
    const first = told.find((story) => outcome !== "healthy" || honest.includes(story));
    const closest = compared.find(({ story }) => story === first) ?? nearest;
    const filled = {
      first: phrase(closest.story, words),
      others: either(told.filter((story) => story !== first).map((story) => phrase(story, words))),
      all: either(told.map((story) => phrase(story, words))),
      nearest: phrase(nearest.story, words),
      as_far: closest.asFar,
      n: closest.n,
      rate: rate === null ? "" : String(rate),
      meant: "",
    };
    if (rate !== null && !(outcome === "stories" && !honest.length)) filled.meant = fill(said.meant, filled);
    let sentence = fill(said[outcome === "stories" && !honest.length ? "unknown" : outcome], filled);
    if (outcome === "healthy" && told.length > 1) sentence += fill(said.besides, filled);
    const odd = told.filter((story) => !honest.includes(story));
    const advice = [...odd.map(({ kind }) => words.advice[kind]), ...odd.filter((story) => rate !== null && rate !== story.rate).map(() => words.advice.fresh)];
    return { title, sentence, advice: unique(advice), notes };
  };

  // ---- Where it is drawn ----

  const LEFT = 40, RIGHT = 320, TOP = 58, BOTTOM = 196, ROWS = 262, ROW = 18, NAMES = 150;
  const NETS = { "": "not said" };
  // More of a log is not shown for correction.
  const SHOWN = 60_000;
  const px = (value) => value.toFixed(1);
  /** A number of a table; one of many digits by its power of ten. */
  const brief = (value, digits) => (Math.abs(value) < 1e6 ? fixed(value, digits) : scientific(value).replace("-", "−"));
  /** A mark of the axis, for which there is little room. */
  const mark = (value) => (value < 1e5 ? fixed(value, value < 1e3 ? 2 : 0) : value.toExponential(0).replace("+", ""));

  class Compare extends Piece {
    // ---- State: the log never comes into the address ----

    started() {
      this.band = unpacked(this.data.band);
      return { ...this.data.start, run: 0, net: "", rate: "", metric: "loss", most: this.data.rule.epochs };
    }

    accepted(asked) {
      const { rule, words } = this.data, state = { ...this.start };
      if (Object.hasOwn(words.nets, asked.net ?? "")) state.net = asked.net;
      if (rateOf(rule, asked.rate?.slice(0, 12)) !== null) state.rate = asked.rate.slice(0, 12);
      if (rule.metrics.includes(asked.metric)) state.metric = asked.metric;
      if (/^[0-9]{1,2}$/.test(asked.epochs ?? "")) state.most = clamp(Number(asked.epochs), 1, rule.epochs);
      return state;
    }

    written() {
      const { state, start } = this, told = {};
      for (const name of ["net", "rate", "metric"]) if (state[name] !== start[name]) told[name] = state[name];
      if (state.most !== start.most) told.epochs = state.most;
      return told;
    }

    with(values, by) {
      this.change({ by }, { ...this.state, ...values });
    }

    /** The runs of the log, or why there are none; read once. */
    get curves() {
      const { text, name } = this.state;
      if (this.last?.text !== text || this.last.name !== name) {
        this.last = { text, name, curves: [], error: "" };
        try {
          this.last.curves = read(text, name, this.data.rule);
        } catch (error) {
          if (!error.refused) throw error;
          this.last.error = error.message;
        }
      }
      return this.last.curves;
    }

    /** What is found of the run that is chosen, once for each state. */
    found() {
      const { state } = this;
      if (this.of === state) return this.result;
      this.of = state;
      const { rule, words } = this.data, curve = this.curves[Math.min(state.run, this.curves.length - 1)];
      if (!curve) return (this.result = null);
      const rate = rateOf(rule, state.rate) ?? curve.rate;
      const net = state.net || curve.net, verdict = judge(curve, this.band, rule, net, rate, state.most);
      const metric = curve.metrics.includes(state.metric) ? state.metric : curve.metrics[0];
      return (this.result = { curve, net, rate, verdict, metric, told: tell(curve, verdict, this.band, words, net, rate) });
    }

    /** The stories that the curve is shown beside: the one that was meant, and the closest. */
    beside() {
      const { honest, compared } = this.found().verdict;
      return unique([...honest.slice(0, 1), ...compared.slice(0, 1).map(({ story }) => story)]);
    }

    /** Why the rate that was entered is not taken; nothing while a number below one is begun. */
    refusedRate() {
      const { rule } = this.data, text = this.state.rate.trim();
      if (rateOf(rule, text) !== null || /^0*[.,]?0*$/.test(text)) return [];
      return [fill(rule.refused.rate, { text, most: counted(rule.limits.rate) })];
    }

    // ---- Controls ----

    controls() {
      const { rule, words } = this.data;
      this.area = html("textarea", { id: "compare-log", rows: 7, spellcheck: "false", autocomplete: "off", autocapitalize: "off", input: () => this.with({ text: this.area.value, name: "log", run: 0 }, "text") });
      this.file = html("input", { id: "compare-file", type: "file", accept: ".txt,.log,.csv,.json,.ipynb", change: () => this.open(this.file.files[0]) });
      this.run = choice("Which run", {}, (run) => this.with({ run: Number(run) }, "run"));
      this.net = choice("Net", { ...NETS, ...words.nets }, (net) => this.with({ net }, "net"));
      this.metric = choice("Drawn", Object.fromEntries(rule.metrics.map((metric) => [metric, metric])), (metric) => this.with({ metric }, "metric"));
      this.rate = html("input", { id: "compare-rate", type: "text", inputmode: "decimal", autocomplete: "off", placeholder: "from the code", input: () => this.with({ rate: this.rate.value.slice(0, 12) }, "rate") });
      this.most = slider("Epochs", { min: 1, max: rule.epochs, step: 1, words: String }, (most) => this.with({ most: Math.round(most) }, "epochs"));
      return [
        html("div", { class: "piece__choice" }, html("label", { for: "compare-log" }, "Printed lines, a History, a CSV or a notebook"), this.area),
        html("div", { class: "piece__choice" }, html("label", { for: "compare-file" }, "Or a file, which stays on your machine"), this.file),
        html("div", { class: "piece__rows piece__rows--two" }, ...this.run.parts, ...this.net.parts, html("label", { for: "compare-rate" }, "Learning rate meant"), this.rate, ...this.metric.parts),
        html("div", { class: "piece__rows" }, ...this.most.parts),
      ];
    }

    /** Read a file that the reader chose; one that is too large is not even opened. */
    async open(file) {
      if (!file) return;
      const { limits, refused } = this.data.rule, most = 4 * limits.characters;
      const tell = (text) => {
        this.last = { text, name: file.name, curves: [], error: text };
        this.with({ text, name: file.name, run: 0 }, "file");
      };
      if (file.size > most) {
        tell(`${file.name}: ${fill(refused.large, { most: counted(limits.characters), text: `${counted(file.size)} bytes` })}`);
        return;
      }
      try {
        this.with({ text: decoded(new Uint8Array(await file.arrayBuffer()), file.name, this.data.rule), name: file.name, run: 0 }, "file");
      } catch (error) {
        tell(error.refused ? error.message : `${file.name}: Expected a file that can be read. Received: one that cannot. Open another.`);
      }
    }

    buttons() {
      return [button("Empty", () => this.with({ text: "", name: this.start.name, run: 0 }, "empty"))];
    }

    further() {
      return [(this.answers = html("div", { class: "piece__answers" }))];
    }

    set() {
      const { state, curves } = this, { text } = state;
      const shown = text.length > SHOWN ? "" : text;
      if (this.area.value !== shown) this.area.value = shown;
      this.area.placeholder = text.length > SHOWN ? `${state.name}: ${counted(text.length)} characters` : "Epoch 1/10 …";
      if (this.rate.value !== state.rate) this.rate.value = state.rate;
      this.run.input.replaceChildren(...(curves.length ? curves : [null]).map((curve, i) => html("option", { value: i }, curve ? `${i + 1} of ${curves.length}` : "none")));
      this.run.input.value = Math.min(state.run, Math.max(curves.length - 1, 0));
      this.net.input.value = state.net;
      this.metric.input.value = this.found()?.metric ?? state.metric;
      this.most.set(state.most);
      const lines = this.found() ? [...this.refusedRate(), ...this.found().told.advice, ...this.found().told.notes] : [];
      this.answers.replaceChildren(...(lines.length ? [html("ul", {}, ...lines.map((line) => html("li", {}, line)))] : []));
    }

    // ---- The picture ----

    drawn() {
      const text = (kind, x, y, told) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, told);
      const found = this.found();
      if (!found) return { parts: [svg("text", { class: "title", y: 12 }, "No run that can be read")], height: 30, heard: `No run that can be read. ${this.told()}` };
      const { words } = this.data, { curve, metric, told, verdict } = found;
      const parts = [svg("text", { class: "title", y: 12 }, told.title)], at = curve.metrics.indexOf(metric);
      const numbers = curve.epochs.slice(0, verdict.epochs ?? this.data.rule.epochs).map((row) => row[at]);
      const bands = verdict.compared.length ? this.beside().map((story) => this.columns(story, at)) : [];
      const all = [...numbers, ...bands.flat(2)].filter(Number.isFinite);
      const [low, high] = [Math.min(...all, Infinity), Math.max(...all, -Infinity)];
      const across = (i) => LEFT + 8 + ((RIGHT - LEFT - 16) * i) / Math.max(numbers.length - 1, 1);
      const up = (value) => BOTTOM - 8 - ((BOTTOM - TOP - 16) * (value - low)) / (high - low || 1);
      const path = (values) => values.map((value, i) => `${px(across(i))} ${px(up(value))}`).join(" ");
      parts.push(svg("path", { class: "line", d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}` }));
      if (all.length) for (const at of [low, (low + high) / 2, high]) parts.push(svg("path", { class: "line", d: `M${LEFT - 4} ${px(up(at))}H${LEFT}` }), text("end", LEFT - 6, up(at) + 4, mark(at)));
      numbers.forEach((_, i) => parts.push(text("middle", across(i), BOTTOM + 15, String(curve.first + i))));
      parts.push(text("", 0, BOTTOM + 31, `${metric} by epoch`));
      const tones = bands.length > 1 ? ["std", "bn"] : ["bn"];
      bands.forEach((columns, i) => {
        const highs = columns.map((column) => Math.max(...column)), lows = columns.map((column) => Math.min(...column));
        const back = lows.map((value, e) => `${px(across(e))} ${px(up(value))}`).reverse().join(" ");
        parts.push(svg("path", { class: `filled ${tones[i]}`, d: `M${path(highs)} ${back}Z` }), svg("path", { class: `line thick ${tones[i]}${i ? "" : " dashed"}`, d: `M${path(columns.map(mean))}` }));
      });
      const names = verdict.compared.length ? this.beside().map((story) => `${label(story, words)}, ${words.nets[story.net]}`) : [];
      names.forEach((name, i) => parts.push(text(tones[i], 0, 30 + 15 * i, `${i || names.length === 1 ? "closest" : "meant"}: ${name}`)));
      numbers.forEach((value, i) => {
        if (Number.isFinite(value)) parts.push(svg("path", { class: "line thick", d: `M${px(across(i) - 4)} ${px(up(value) - 4)}l8 8m0 -8l-8 8` }));
      });
      return { parts: [...parts, ...this.distances(text)], height: ROWS + ROW * verdict.compared.length + (verdict.compared.length ? 24 : -18), heard: `${told.title}. ${told.sentence}` };
    }

    /** What the runs of a story print of a metric, epoch by epoch. */
    columns(story, at) {
      const { compass, epochs } = this.found().verdict, { runs } = compass.windows.get(story), { length } = this.found().curve.metrics;
      return Array.from({ length: epochs }, (_, epoch) => runs.map((run) => run[epoch * length + at]));
    }

    /** The distance from each story, on a scale of powers of ten. */
    distances(text) {
      const { words } = this.data, { verdict, net } = this.found();
      if (!verdict.compared.length) return [];
      const last = Math.max(...verdict.compared.map(({ distance }) => distance), 10);
      const along = (distance) => NAMES + (RIGHT - NAMES) * clamp((Math.log10(distance) + 1) / (Math.log10(last) + 1), 0, 1);
      const bottom = ROWS + ROW * verdict.compared.length - 8;
      const parts = [text("bold", 0, ROWS - 12, "How far from each story; filled: it fits")];
      for (let power = -1; 10 ** power <= last; power += Math.ceil((Math.log10(last) + 1) / 6)) parts.push(svg("path", { class: "line dashed", d: `M${px(along(10 ** power))} ${ROWS - 4}V${bottom}` }), text("middle", along(10 ** power), bottom + 14, power < 4 ? String(10 ** power) : tenTo(power)));
      verdict.compared.forEach(({ story, distance, asFar }, i) => {
        const y = ROWS + ROW * i + 8, tone = story.net === "bn" ? "bn" : "raw";
        parts.push(
          text("", 0, y, label(story, words) + (net ? "" : `, ${words.nets[story.net]}`)),
          svg("circle", { class: `line ${asFar ? "solid" : "hollow"} ${tone}`, cx: px(along(distance)), cy: px(y - 4), r: asFar ? 5 : 4 }),
        );
      });
      return parts;
    }

    // ---- Words and numbers ----

    get invitation() {
      return this.told();
    }

    told() {
      const found = this.found();
      if (!found) return this.last.error;
      const { words } = this.data, { curve, net, rate, told } = found, runs = this.curves.length;
      const which = runs > 1 ? `Run ${Math.min(this.state.run, runs - 1) + 1} of ${runs}` : "One run";
      const of = net ? `the net ${words.nets[net]}` : "a net that is not known", at = rate === null ? "a rate that is not known" : `a rate of ${rate}`;
      return `${which}, ${counted(curve.epochs.length)} epochs, compared as ${of} at ${at}. ${told.sentence}`;
    }

    numbers() {
      const found = this.found();
      if (!found || !found.verdict.compared.length) return table("No run to compare", ["epoch"], []);
      const { words } = this.data, { curve, verdict } = found, { compass, numbers, epochs } = verdict;
      const beside = this.beside(), { length } = curve.metrics;
      const z = beside.map((story) => {
        const { parts, n } = compass.measured(story);
        return compass.z(numbers, n, parts);
      });
      const rows = (values) => Array.from({ length: epochs }, (_, e) => [String(curve.first + e), ...values.slice(e * length, (e + 1) * length).map((value) => brief(value, 1))]);
      const each = beside.map((story, i) => table(`The distance of each number from our runs ${words.nets[story.net]}, ${label(story, words)}, in deviations of one more run`, ["epoch", ...curve.metrics], rows(z[i])));
      const all = verdict.compared.map(({ story, distance, asFar, n }) => [`${label(story, words)}, ${words.nets[story.net]}`, brief(distance, 2), `${asFar} of ${n}`, asFar ? "fits" : "does not fit"]);
      return html("div", {}, ...each, table("The root mean square of z, and how many runs of the story lie as far from the others", ["story", "distance", "runs as far off", "answer"], all));
    }

    witnessed({ text, refused, runs }) {
      const { rule, words, start } = this.data;
      let curves;
      try {
        curves = read(text, start.name, rule);
      } catch (error) {
        if (!error.refused) throw error;
        return error.message === refused ? 0 : Infinity;
      }
      if (refused || curves.length !== runs.length) return Infinity;
      return Math.max(...curves.map((curve, i) => {
        const verdict = judge(curve, this.band, rule, curve.net, curve.rate), told = tell(curve, verdict, this.band, words, curve.net, curve.rate);
        const ours = [
          [curve.place, curve.metrics, curve.epochs.length, curve.first, curve.planned, curve.steps, curve.net, curve.rate],
          [verdict.outcome, told.title, told.sentence, told.advice, told.notes],
          verdict.compared.map(({ story, asFar, n }) => [nameOf(story), asFar, n]),
        ];
        const { read: theirs, said, as_far: asFar, numbers } = runs[i];
        if (JSON.stringify(ours) !== JSON.stringify([theirs, said, asFar])) return Infinity;
        return difference([...curve.epochs.flat().filter(Number.isFinite), ...verdict.compared.map(({ distance }) => distance)], numbers);
      }));
    }
  }

  window.bnreport.pieces.compare = { decoded, read, judge, tell, unpacked };
  customElements.define("bn-compare", Compare);
})();
