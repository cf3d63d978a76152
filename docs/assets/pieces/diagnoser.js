/* The diagnoser: three scores of the same images, what they show of batch normalization, and where to look. */
(() => {
  "use strict";
  const { Piece, button, choice, clamp, difference, fixed, html, short, slider, svg, table } = window.bnreport.pieces.shared;

  // ---- The rule, as in bnreport/lessons/diagnosis.py, which hands over its limits, rows and sentences ----

  const fill = (template, words) => template.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  const upper = (words) => words.slice(0, 1).toUpperCase() + words.slice(1);
  const whole = (text) => Number(text.replace(/[, ]/g, ""));
  const counted = (count) => count.toLocaleString("en");
  /** A difference in percentage points, as text; what lies halfway is rounded up. */
  const points = (gap) => short(Math.floor(Math.abs(gap) * 1000 + 0.5 + 1e-9) / 10, 1);

  const refuse = (rule, kind, name, text) => {
    const [label, low, high] = rule.counts[name] ?? [upper(rule.scores[name]), 0, 0];
    const signs = [...text], shown = signs.length <= rule.limits.repeated ? text : `${signs.slice(0, rule.limits.repeated).join("")}…`;
    throw Object.assign(new Error(fill(rule.refused[kind], { Name: label, text: shown, low: counted(low), high: counted(high) })), { refused: kind });
  };

  /** What was typed, as numbers: accuracies as percent or as shares of 1, and whole numbers. */
  const read = (texts, rule) => {
    const { patterns } = rule;
    const typed = (name) => (texts[name] ?? "").trim();
    const numbers = {}, scores = {}, counts = {};
    for (const name of Object.keys(rule.scores)) {
      const text = typed(name);
      if (!text && rule.optional.includes(name)) continue;
      if (!text) refuse(rule, "missing", name, text);
      if (new RegExp(patterns.nothing).test(text.toLowerCase())) refuse(rule, "nothing", name, text);
      const found = new RegExp(patterns.score).exec(text);
      if (!found) refuse(rule, "no score", name, text);
      numbers[name] = { value: Number(found[1].replace(",", ".")), percent: Boolean(found[2]) };
    }
    const plain = Object.values(numbers).filter(({ percent }) => !percent).map(({ value }) => value);
    const shares = plain.length > 0 && Math.max(...plain) <= 1;
    for (const [name, { value, percent }] of Object.entries(numbers)) {
      if (!percent && !shares && value > 0 && value <= 1) refuse(rule, "mixed", name, typed(name));
      scores[name] = shares && !percent ? value : value / 100;
      if (scores[name] > 1) refuse(rule, "over", name, typed(name));
    }
    for (const [name, [, low, high]] of Object.entries(rule.counts)) {
      const text = typed(name);
      if (!text && rule.optional.includes(name)) continue;
      if (!new RegExp(patterns.whole).test(text) || whole(text) < low || whole(text) > high) refuse(rule, "whole", name, text);
      counts[name] = whole(text);
    }
    return { scores, ...counts, library: rule.libraries.includes(texts.library) ? texts.library : rule.libraries[0] };
  };

  /** Whether so uneven signs are no chance. */
  const uneven = (up, down, { chance, exact, deviations }) => {
    const n = up + down;
    if (n > exact) return Math.abs(up - down) - 1 > deviations * Math.sqrt(n);
    let ways = 1, total = 0;
    for (let k = 0; k <= Math.min(up, down); k += 1) {
      total += ways;
      ways = (ways * (n - k)) / (k + 1);
    }
    return n > 0 && (2 * total) / 2 ** n < chance;
  };

  /** Weigh the difference of two scores: for images that agree as often as can be, and as seldom. */
  const weigh = (first, second, images, limits) => {
    const [one, other] = [first, second].map((share) => Math.floor(share * images + 0.5));
    const mean = (one - other) / images;
    const cases = [Math.max(one - other, 0), Math.min(one, images - other)].map((up) => {
      const down = up - one + other;
      const error = Math.sqrt(Math.max(up + down - images * mean * mean, 0) / (images - 1) / images);
      return { error, counts: mean >= limits.points && mean > limits.errors * error && uneven(up, down, limits) };
    });
    const [least, most] = cases;
    return { gap: first - second, least: least.error, most: most.error, weight: !least.counts ? "no" : most.counts ? "yes" : "open" };
  };

  const NONE = { gap: 0, least: 0, most: 0, weight: "no" };
  const weighed = ({ scores, images }, first, second, limits) =>
    first in scores && second in scores ? weigh(scores[first], scores[second], images, limits) : NONE;
  const least = (weights) => ["no", "open"].find((weight) => weights.includes(weight)) ?? "yes";

  const causesOf = (row, { library, size }, chance, { tiny }) => {
    const holds = { chance, alone: size === 1, tiny: size < tiny };
    const named = row.causes.filter(({ only, why }) => (!only || holds[only]) && (library in why || "all" in why));
    const rank = ({ first }) => (holds[first] ? 0 : 1);
    return [...named].sort((a, b) => rank(a) - rank(b)).map(({ anchor, title, why }) => [anchor, title, why[library] ?? why.all]);
  };

  /** What a reader's scores show. */
  const diagnose = (texts, rule) => {
    const { limits, said, titles } = rule;
    let entered;
    try {
      entered = read(texts, rule);
    } catch (error) {
      if (!error.refused) throw error;
      const lost = error.refused === "nothing";
      return { outcome: "refused", title: titles.refused, sentence: error.message, lead: lost ? said["lead one"] : "", causes: lost ? [rule.nan] : [] };
    }
    const gaps = rule.higher.map(([first, second, higher]) => ({ first, second, higher, ...weighed(entered, first, second, limits) }));
    const gapOf = ([first, second]) => gaps.find((gap) => gap.first === first && gap.second === second);
    const chance = entered.scores.averages <= 1 / entered.classes + limits.points;
    const weightOf = (row) => least(row.higher.map((pair) => gapOf(pair).weight));
    const tell = (kind, gap, meaning = "") => fill(said[kind], { higher: fill(gap.higher, { gap: points(gap.gap) }), meaning, images: counted(entered.images) });
    const row = rule.rows.find((some) => weightOf(some) !== "no");
    const worse = weighed(entered, ...rule.below, limits);
    const below = worse.weight === "yes" ? fill(said.below, { gap: points(worse.gap) }) : "";
    if (!row || (row.name === "training" && below)) {
      const told = (outcome, sentence) => ({ outcome, title: titles[outcome], sentence, lead: "", causes: [] });
      if (below) return told("below", below);
      const widest = rule.rows.map(({ higher: [pair] }) => gapOf(pair)).reduce((most, gap) => (gap.gap > most.gap ? gap : most));
      if (widest.gap >= limits.points + 1 / entered.images) return told("few", tell("few", widest));
      if (chance) return told("chance", said.chance);
      const few = entered.images < limits.few;
      return told(few ? "few" : "none", fill(said[few ? "few, and no gap" : "none"], { images: counted(entered.images) }) + ("printed" in entered.scores ? "" : said.unprinted));
    }
    const causes = causesOf(row, entered, chance, limits);
    if (weightOf(row) === "open") {
      const sure = gaps.find(({ weight }) => weight === "yes");
      const sentence = tell("open", row.higher.map(gapOf).find(({ weight }) => weight === "open")) + (sure ? tell("sure", sure) : "");
      return { outcome: "open", title: titles.open, sentence, lead: fill(said["lead open"], { meaning: row.meaning }), causes };
    }
    const partly = row.name === "averages" && gapOf(["batch", "fresh"]).weight === "yes";
    const sentence = tell("counts", gapOf(row.higher[0]), row.meaning) + (partly ? said.partly : "") + (row.name === "data" ? said.unrepaired : "") + (below && ` ${below}`);
    if (partly) causes.push(rule.moved);
    return { outcome: row.name, title: partly ? titles.partly : row.title, sentence, lead: causes.length > 1 ? said.lead : causes.length ? said["lead one"] : "", causes };
  };

  // ---- Where it is drawn ----

  const LEFT = 112, LONG = 168, FIRST = 44, ROW = 22, MIDDLE = 190, HALF = 76, GAPS = 190;
  const TONES = { averages: "std", batch: "bn", fresh: "ln", printed: "raw" };
  // The longest entry that is kept.
  const LONGEST = 40;
  const px = (value) => value.toFixed(1);
  const level = (i) => FIRST + ROW * i;

  /** The link to a fix in a library's tab below the heading of that name; none where there is no such tab. */
  const fixOf = (anchor, library) => {
    let part = document.getElementById(anchor);
    if (!part || !/^H[1-6]$/.test(part.tagName)) return undefined;
    while ((part = part.nextElementSibling) && !/^H[1-3]$/.test(part.tagName)) {
      if (!part.matches(".tabbed-set")) continue;
      const label = [...part.querySelectorAll(":scope > .tabbed-labels > label")].find(({ textContent }) => textContent.trim() === library);
      return label?.htmlFor;
    }
    return undefined;
  };

  class Diagnoser extends Piece {
    // ---- State: what is typed ----

    started() {
      return { ...this.data.start };
    }

    accepted(asked) {
      const state = { ...this.start };
      for (const name of Object.keys(state)) if (name in asked) state[name] = asked[name].slice(0, LONGEST);
      if (!this.data.rule.libraries.includes(state.library)) state.library = this.start.library;
      return state;
    }

    written() {
      return Object.fromEntries(Object.entries(this.state).filter(([name, text]) => text !== this.start[name]));
    }

    with(values, by) {
      this.change({ by }, { ...this.state, ...values });
    }

    diagnosed() {
      return diagnose(this.state, this.data.rule);
    }

    /** The scores that can be read, whatever else is missing. */
    shares() {
      const { state, data: { rule } } = this;
      const shares = {};
      for (const name of Object.keys(rule.scores)) {
        const found = new RegExp(rule.patterns.score).exec(state[name].trim());
        if (found) shares[name] = { value: Number(found[1].replace(",", ".")), percent: Boolean(found[2]) };
      }
      const plain = Object.values(shares).filter(({ percent }) => !percent).map(({ value }) => value);
      const whole = plain.length > 0 && Math.max(...plain) <= 1;
      return Object.fromEntries(Object.entries(shares).map(([name, { value, percent }]) => [name, whole && !percent ? value : value / 100]).filter(([, share]) => share <= 1));
    }

    // ---- Controls ----

    controls() {
      const { rule } = this.data;
      const typed = (name, label, attributes = {}) =>
        html("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": label, input: ({ currentTarget }) => this.with({ [name]: currentTarget.value.slice(0, LONGEST) }, name), ...attributes });
      this.sliders = {};
      this.fields = {};
      const scores = Object.entries(rule.scores).filter(([name]) => !rule.optional.includes(name)).flatMap(([name, words]) => {
        const { parts, set } = slider(upper(words), { max: 100, step: 0.1, words: (value) => `${short(value, 1)}%` }, (value) => this.with({ [name]: `${short(value, 1)}%` }, name));
        this.sliders[name] = set;
        this.fields[name] = typed(name, `${upper(words)}, typed`, { inputmode: "decimal" });
        return [parts[0], parts[1], this.fields[name]];
      });
      const others = ["printed", ...Object.keys(rule.counts)].flatMap((name) => {
        const label = rule.counts[name]?.[0] ?? upper(rule.scores[name]), id = `diagnoser-${name}`;
        this.fields[name] = typed(name, undefined, { id, inputmode: "decimal", placeholder: rule.optional.includes(name) ? "if known" : undefined });
        return [html("label", { for: id }, label), this.fields[name]];
      });
      this.library = choice("Library", Object.fromEntries(rule.libraries.map((name) => [name, name])), (library) => this.with({ library }, "library"));
      return [html("div", { class: "piece__rows" }, ...scores), html("div", { class: "piece__rows piece__rows--two" }, ...others, ...this.library.parts)];
    }

    buttons() {
      return ["Examples: ", ...Object.entries(this.data.examples).map(([label, values]) =>
        button(label, () => this.with({ ...this.start, ...values, library: this.state.library }, "example")))];
    }

    further() {
      return [(this.answers = html("div", { class: "piece__answers" }))];
    }

    set() {
      const { state } = this, shares = this.shares();
      for (const [name, set] of Object.entries(this.sliders)) set(clamp(100 * (shares[name] ?? 0), 0, 100));
      for (const [name, field] of Object.entries(this.fields)) if (field.value !== state[name]) field.value = state[name];
      this.library.input.value = state.library;
      const { lead, causes } = this.diagnosed();
      const item = ([anchor, title, why]) => {
        const tab = fixOf(anchor, state.library);
        // Material shows this tab, and the same library in all others.
        const show = () => document.getElementById(tab).click();
        const fix = tab ? [" ", html("a", { class: "piece__fix", href: `#${tab}`, click: show }, `Fix in ${state.library}`)] : [];
        return html("li", {}, html("a", { href: `#${anchor}` }, title), `: ${why}.`, ...fix);
      };
      this.answers.replaceChildren(...(causes.length ? [html("p", {}, lead), html("ol", {}, ...causes.map(item))] : []));
    }

    // ---- The picture ----

    grabbed(x, y) {
      const i = Math.round((y - FIRST) / ROW), name = Object.keys(this.sliders)[i];
      if (!name || x < LEFT - 12) return undefined;
      return (to) => this.with({ [name]: `${short(clamp((100 * (to - LEFT)) / LONG, 0, 100), 1)}%` }, name);
    }

    gaps() {
      const { rule, shown } = this.data, { limits } = rule;
      let entered;
      try {
        entered = read(this.state, rule);
      } catch (error) {
        if (!error.refused) throw error;
        return [];
      }
      return shown.map(([first, second, label]) => {
        const found = weighed(entered, first, second, limits), back = weighed(entered, second, first, limits).weight;
        const either = ["yes", "open"].find((weight) => weight === found.weight || weight === back) ?? "no";
        return { label, ...found, either };
      });
    }

    drawn() {
      const { rule, widths, words } = this.data, { limits } = rule;
      const shares = this.shares(), { title, sentence } = this.diagnosed(), gaps = this.gaps();
      const text = (kind, x, y, told) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, told);
      const parts = [svg("text", { class: "title", y: 12 }, title)];
      const classes = Number(this.state.classes), chance = classes >= 2 ? LEFT + LONG / classes : undefined;
      if (chance) parts.push(svg("path", { class: "line dashed", d: `M${px(chance)} 34V126` }), text("halo", chance - 8, 29, "chance"));
      Object.entries(rule.scores).forEach(([name, label], i) => {
        if (name in shares || !rule.optional.includes(name)) parts.push(text("", 0, level(i), name === "printed" ? "printed" : label));
        if (!(name in shares)) return;
        const x = LEFT + LONG * shares[name];
        parts.push(
          svg("path", { class: "line", d: `M${LEFT} ${level(i)}H${px(x)}` }),
          svg("circle", { class: `solid ${TONES[name]}`, cx: px(x), cy: level(i), r: 6 }),
          text("halo", x + 10, level(i), `${points(shares[name])}%`),
        );
      });
      parts.push(svg("path", { class: "line", d: "M112 126H280M112 122V126M196 122V126M280 122V126" }));
      for (const mark of [0, 50, 100]) parts.push(text("middle", LEFT + (LONG * mark) / 100, 142, `${mark}%`));
      if (gaps.length) {
        const reach = Math.max(...gaps.map(({ gap, most }) => 100 * (Math.abs(gap) + limits.errors * most)));
        const width = widths.find((wide) => reach <= wide) ?? widths.at(-1);
        const along = (gap) => MIDDLE + HALF * clamp((100 * gap) / width, -1, 1);
        parts.push(
          text("bold", 0, 170, "Which differences count, in points"),
          svg("path", { class: "line", d: "M190 180V252M114 252H266" }),
          ...[-limits.points, limits.points].map((mark) => svg("path", { class: "line dashed", d: `M${px(along(mark))} 180V252` })),
          ...[-width, 0, width].map((mark) => text("middle", along(mark / 100), 268, fixed(mark, 0))),
        );
        gaps.forEach(({ label, gap, least: few, most, either }, i) => {
          const y = GAPS + ROW * i;
          const reaching = (error) => `M${px(along(gap - limits.errors * error))} ${y}H${px(along(gap + limits.errors * error))}`;
          parts.push(
            svg("path", { class: "line bn", d: reaching(most) }),
            svg("path", { class: "line thick bn", d: reaching(few) }),
            svg("circle", { class: "solid bn", cx: px(along(gap)), cy: y, r: 3 }),
            text("", 0, y, label),
            text("", 278, y, words[either]),
          );
        });
      }
      return { parts, height: 276, heard: `${title}. ${sentence}` };
    }

    // ---- Words and numbers ----

    get invitation() {
      return this.diagnosed().sentence;
    }

    told() {
      return this.diagnosed().sentence;
    }

    numbers() {
      const { words, rule: { limits } } = this.data;
      const rows = this.gaps().map(({ label, gap, least: few, most, either }) => [label, ...[gap, few, most].map((value) => fixed(100 * value, 2)), words[either]]);
      const caption = `In points of accuracy. A difference counts from ${100 * limits.points} on, if it is more than ${limits.errors} standard errors and a sign test finds it below ${limits.chance}. How often two scores are right about the same images is not known, so that the error lies between the least and the most`;
      return table(caption, ["scores", "difference", "least error", "most error", "it"], rows);
    }

    witnessed({ typed, expected, numbers }) {
      const { rule } = this.data;
      if (JSON.stringify(diagnose(typed, rule)) !== JSON.stringify(expected)) return Infinity;
      if (!numbers.length) return 0;
      const entered = read(typed, rule);
      const found = rule.higher.flatMap(([first, second]) => {
        const { gap, least: few, most } = weighed(entered, first, second, rule.limits);
        return [gap, few, most];
      });
      return difference(found, numbers);
    }
  }

  window.bnreport.pieces.diagnoser = { diagnose, weigh };
  customElements.define("bn-diagnoser", Diagnoser);
})();
