/* The batch that can be dragged: batch normalization of one feature, and the gradient that comes back. */
(() => {
  "use strict";
  const { Piece, allow, box, button, choice, clamp, difference, fixed, html, listed, short, slider, svg, table, tenTo } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/reference.py ----

  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;

  /** Normalize a batch of one feature by its own mean and variance, or by stored ones. */
  const forward = (x, gamma, beta, epsilon, stored) => {
    const center = stored ? stored.mean : mean(x);
    const centered = x.map((value) => value - center);
    const variance = stored ? stored.variance : mean(centered.map((value) => value * value));
    const deviation = Math.sqrt(variance + epsilon);
    const normalized = centered.map((value) => value / deviation);
    return { mean: center, variance, deviation, normalized, output: normalized.map((value) => gamma * value + beta), gamma, stored };
  };

  /** What becomes of a gradient on its way back: the two parts that are lost, and what passes. */
  const backward = (g, { normalized, deviation, gamma, stored }) => {
    const along = stored ? 0 : mean(g.map((value, i) => value * normalized[i]));
    const alike = stored ? 0 : mean(g);
    const stretch = normalized.map((value) => value * along);
    const passes = g.map((value, i) => value - alike - stretch[i]);
    return { alike: g.map(() => alike), stretch, passes, x: passes.map((value) => (gamma / deviation) * value) };
  };

  // ---- What can be set ----

  const NAMES = [..."ABCDEFGH"];
  const MOST = NAMES.length;
  const NUMBERS = ["No number", "One number", "Two numbers", "Three numbers", "Four numbers", "Five numbers", "Six numbers", "Seven numbers", "Eight numbers"];
  // What the axis of the inputs shows, from the narrowest: its ends and its marks.
  const SCALES = [
    { low: -10, high: 30, marks: [0, 10, 20] },
    { low: -50, high: 150, marks: [0, 50, 100] },
    { low: -500, high: 1500, marks: [0, 500, 1000] },
  ];
  const WIDEST = SCALES.at(-1);
  const WISHES = { one: "A alone", alike: "all alike", stretch: "their spread", apart: "the outer two, and falls with the rest", own: "g as set by hand" };
  const LIMITS = { gamma: [-3, 3], beta: [-3, 3], power: [-8, 2], g: [-1, 1] };
  // Below it a change is not seen in the picture.
  const SEEN = 0.005;
  const rounded = (value) => Math.round(value * 1e4) / 1e4;
  /** A number with so many decimals, or so many digits where it is small: only zero is shown as zero. */
  const cut = (value, digits) => (Math.abs(value) < 1e-12 ? 0 : Number(Math.abs(value) < 0.1 ? value.toPrecision(digits) : value.toFixed(digits)));
  const near = (value, digits = 2) => {
    const [figures, power] = cut(value, digits).toExponential().split("e");
    return Number(power) < -4 ? `${short(Number(figures), 10)} × ${tenTo(Number(power))}` : short(cut(value, digits), 10);
  };
  const scaleOf = (x) => SCALES.find(({ low, high }) => x.every((value) => low <= value && value <= high)) || WIDEST;

  /** Numbers of an address; none where any is none. */
  const parsed = (text, [low, high]) => {
    const values = (text ?? "").split(" ").map((word) => (word ? Number(word) : NaN));
    return text && values.every(Number.isFinite) ? values.map((value) => clamp(value, low, high)) : undefined;
  };

  // ---- Where it is drawn, in a picture 328 wide: bnreport's own pictures have the same places ----

  const LEGEND = 31, INPUT = 60, BAR = 70, NORMALIZED = 160, OUTPUT = 236;
  const at = (value, low, high) => clamp(10 + (308 * (value - low)) / (high - low), 4, 324);
  const px = (value) => value.toFixed(1);
  // How far the lower axes may go to either side: the narrowest is shown that holds whatever can come
  // of the axis above, so that all dots move on axes that stand still.
  const NORMALIZEDS = [3, 6, 15, 30, 60, 150, 300], OUTPUTS = [8, 10, 20, 40, 80, 200, 400, 1000];
  const farthest = (values, ends) => {
    const most = Math.max(...values.map(Math.abs));
    return ends.find((end) => most <= end) ?? ends.at(-1);
  };
  // Rows of bars under the input, of one unit each.
  const ROWS = [150, 208, 266, 324], UNIT = 22, LONGEST = 28;
  const column = (i, n) => 128 + (196 * (i + 0.5)) / n;

  const axis = (level, place, marks, label, below = 18) => [
    svg("path", { class: "line", d: `M2 ${level}H326 ${marks.map((mark) => `M${px(place(mark))} ${level - 4}V${level + 4}`).join(" ")}` }),
    ...marks.map((mark) => svg("text", { class: "small middle halo", x: px(place(mark)), y: level + below }, short(mark))),
    svg("text", { class: "small halo", x: 2, y: level + below }, label),
  ];

  class Batch extends Piece {
    invitation = "Drag a dot and watch the others. Drag the bar below them, or its ends. Each has a slider, too.";

    // ---- State ----

    started() {
      const { x, gamma, beta, power, g } = this.data.start;
      return { x, gamma, beta, power, g, stored: false };
    }

    accepted(asked) {
      const { start } = this;
      const x = (parsed(asked.x, [WIDEST.low, WIDEST.high]) || start.x).slice(0, MOST);
      const one = (name) => rounded(parsed(asked[name], LIMITS[name])?.[0] ?? start[name]);
      const g = parsed(asked.g, LIMITS.g) || start.g;
      return { x, gamma: one("gamma"), beta: one("beta"), power: one("power"), g: x.map((_, i) => g[i] || 0), stored: asked.stored === "yes" };
    }

    written() {
      const { state, start } = this;
      const told = {};
      const rows = this.dataset.view === "gradients" ? ["x", "g"] : ["x"];
      for (const name of rows) if (String(state[name]) !== String(start[name])) told[name] = state[name].join(" ");
      for (const name of ["gamma", "beta", "power"]) if (state[name] !== start[name]) told[name] = state[name];
      return state.stored ? { ...told, stored: "yes" } : told;
    }

    /** The batch of a state, worked out. */
    worked({ x, gamma, beta, power, stored }) {
      return forward(x, gamma, beta, 10 ** power, stored && this.data.stored);
    }

    change(what, next, kept) {
      // What a reader moved is marked until something else is done.
      this.marked = what.kind === "dot" ? this.chosen : undefined;
      super.change(what, next, kept);
    }

    reset() {
      this.chosen = this.marked = undefined;
      super.reset();
    }

    with(changes, by, kind = by) {
      this.change({ by, kind }, { ...this.state, ...changes });
    }

    moveOne(i, value, scale = WIDEST) {
      const x = this.state.x.slice();
      x[i] = rounded(clamp(value, scale.low, scale.high));
      this.chosen = i;
      this.with({ x }, `dot ${i}`, "dot");
    }

    /** Set what a reader typed: a decimal comma is fine, and what cannot be is told. */
    typed(text, name, value, [low, high], moved) {
      const asked = /\d/.test(text) ? Number(text.trim().replace(",", ".").replace("−", "-")) : NaN;
      this.by = undefined;
      this.typing = Number.isNaN(asked) ? `“${text}” is not a number, and ${name} stays at ${short(value, 4)}.` : asked < low || asked > high ? `${name} can go from ${short(low)} to ${short(high)}, and not to ${text}.` : "";
      if (Number.isNaN(asked)) this.change({ by: "typed" }, this.state);
      else moved(clamp(asked, low, high));
      this.typing = "";
    }

    /** Which example is at an end of the axis, in words. */
    edge({ low, high }) {
      const { x } = this.state;
      const i = x.findIndex((value) => value < low + 0.001 || value > high - 0.001);
      return `${NAMES[i]} is at the edge of the axis, ${short(x[i])}, and the others stop with it.`;
    }

    /** Where a dot stops that cannot go on; nothing where it is not at an end. */
    ended(i) {
      const value = this.state.x[i];
      const { low, high } = this.scale();
      return value > low && value < high ? "" : `${NAMES[i]} is at the edge of the axis, ${short(value)}.`;
    }

    /** Move all by as much, as far as the axis goes. */
    moveAll(center, scale = WIDEST) {
      const { x } = this.state;
      const asked = center - mean(x), by = clamp(asked, scale.low - Math.min(...x), scale.high - Math.max(...x));
      this.stopped = Math.abs(asked - by) > 1e-6 ? scale : undefined;
      this.with({ x: x.map((value) => rounded(value + by)) }, "mean");
    }

    /** Stretch all away from their mean, as far as the axis goes; what agrees cannot be stretched. */
    stretchAll(spread, scale = WIDEST) {
      const { x } = this.state;
      const center = mean(x), now = Math.sqrt(mean(x.map((value) => (value - center) ** 2)));
      if (now < 1e-9) return;
      const most = Math.min(...x.map((value) => (value < center ? center - scale.low : scale.high - center) / Math.max(Math.abs(value - center), 1e-9)));
      const factor = clamp(spread / now, 0.02, most);
      this.stopped = spread / now > most ? scale : undefined;
      this.with({ x: x.map((value) => rounded(center + factor * (value - center))) }, "spread");
    }

    resize(x) {
      this.chosen = this.by = undefined;
      this.with({ x, g: x.map((_, i) => this.state.g[i] ?? 0) }, "number");
    }

    // ---- Controls ----

    controls() {
      const gradients = this.dataset.view === "gradients";
      this.inputs = [];
      this.rows = html("div", { class: gradients ? "piece__rows piece__rows--four" : "piece__rows", role: "group", "aria-label": "The examples" });
      if (gradients) this.rows.append(...["", "x", "", "g"].map((head) => html("span", { "aria-hidden": "true" }, head)));
      this.center = slider("Move all", { step: 0.5 }, (value) => this.moveAll(value, this.scale()));
      this.spread = slider("Stretch all", { step: 0.1 }, (value) => this.stretchAll(value, this.scale()));
      const free = (label, name, options) => {
        const [min, max] = LIMITS[name];
        return (this[name] = slider(label, { min, max, ...options }, (value) => this.with({ [name]: rounded(value) }, name)));
      };
      const sliders = [this.center, this.spread, free("γ, gamma", "gamma", { step: 0.1 }), free("β, beta", "beta", { step: 0.1 }), free("ε, epsilon", "power", { step: 1, words: tenTo })];
      // The first view leaves epsilon out, and beta has no part in a gradient.
      const shown = sliders.filter((control) => control !== (this.dataset.view === "first" ? this.power : gradients ? this.beta : undefined));
      this.formula = html("p", { class: "piece__sum" });
      this.stored = box("Use stored averages, as at inference", (stored) => this.with({ stored }, "stored"));
      this.wish = choice("The loss rises with", WISHES, (wish) => this.with({ g: this.wished(wish) }, "wish"));
      return [
        ...(gradients ? [html("div", { class: "piece__choice" }, ...this.wish.parts)] : []),
        this.rows,
        html("div", { class: "piece__rows" }, ...shown.flatMap((control) => control.parts)),
        ...this.stored.parts,
        ...(this.dataset.view === "steps" ? [this.formula] : []),
      ];
    }

    get eager() {
      return true;
    }

    buttons() {
      this.more = button("Add one", () => this.add());
      this.less = button("Take one out", () => this.resize(this.state.x.slice(0, -1)));
      return [this.more, this.less, ...Object.entries(this.data.strange).map(([label, x]) => button(label, () => this.resize(x)))];
    }

    scale() {
      return this.held || scaleOf(this.state.x);
    }

    add() {
      const { x } = this.state;
      const { low, high } = this.scale();
      const above = Math.max(...x) + 4, below = Math.min(...x) - 4;
      this.resize([...x, above <= high ? above : Math.max(below, low)]);
    }

    /** The gradient that a wish stands for. */
    wished(wish) {
      const { x, g } = this.state;
      const { normalized } = this.worked(this.state);
      const largest = Math.max(...normalized.map(Math.abs)) || 1, center = (x.length - 1) / 2;
      const of = {
        one: (i) => (i ? 0 : 1),
        alike: () => 1,
        stretch: (i) => rounded(normalized[i] / largest),
        apart: (i) => (Math.abs(i - center) === center ? 1 : -1),
        own: (i) => g[i],
      }[wish];
      return x.map((_, i) => of(i));
    }

    /** Keep a row of native controls for each example; those that are there stay, and keep the focus. */
    fitRows() {
      const { x } = this.state;
      while (this.inputs.length > x.length) this.inputs.pop().row.forEach((part) => part.remove());
      while (this.inputs.length < x.length) {
        const i = this.inputs.length, name = NAMES[i];
        const { parts, input, set } = slider(name, { step: 0.5 }, (value) => this.moveOne(i, value));
        const field = (label, name, now, limits, moved) => {
          const input = html("input", { type: "text", autocomplete: "off", "aria-label": label, change: () => this.typed(input.value, name, now(), limits, moved) });
          return input;
        };
        const exact = field(`${name} as a number`, name, () => this.state.x[i], [WIDEST.low, WIDEST.high], (value) => this.moveOne(i, value));
        const asked = field(`g of ${name}, from −1 to 1`, `g of ${name}`, () => this.state.g[i], LIMITS.g, (value) => this.push(i, value));
        const row = [parts[0], input, exact, ...(this.dataset.view === "gradients" ? [asked] : [])];
        this.inputs.push({ row, set, exact, asked });
        this.rows.append(...row);
      }
    }

    push(i, value) {
      const g = this.state.g.slice();
      g[i] = value;
      this.with({ g }, `g ${i}`, "g");
    }

    set() {
      const { x, g, gamma, beta, power, stored } = this.state;
      const { low, high } = this.scale();
      this.fitRows();
      this.inputs.forEach(({ set, exact, asked }, i) => {
        set(x[i], low, high);
        exact.value = x[i];
        asked.value = g[i];
      });
      const center = mean(x), spread = Math.sqrt(mean(x.map((value) => (value - center) ** 2)));
      this.center.set(center, low, high);
      this.spread.set(spread, 0.1, (high - low) / 2);
      this.spread.input.disabled = spread < 1e-9;
      this.gamma.set(gamma);
      this.beta.set(beta);
      this.power.set(power);
      this.stored.input.checked = stored;
      this.wish.input.value = Object.keys(WISHES).find((wish) => String(this.wished(wish)) === String(g));
      const i = Math.min(this.chosen ?? 0, x.length - 1), made = this.worked(this.state), minus = (text) => (text.startsWith("−") ? `(${text})` : text);
      // As few digits as give, when they are worked out, what is printed.
      const output = fixed(made.output[i]);
      const gives = (digits) => fixed((gamma * (x[i] - cut(made.mean, digits))) / Math.sqrt(cut(made.variance, digits) + 10 ** power) + beta) === output;
      const digits = [2, 3, 4, 5, 6, 7, 8, 9, 10].find(gives) ?? 12;
      this.formula.textContent = `${NAMES[i]}: ${short(gamma, 4)} × (${short(x[i], 4)} − ${minus(near(made.mean, digits))}) / √(${near(made.variance, digits)} + ${tenTo(power)}) ${beta < 0 ? "−" : "+"} ${short(Math.abs(beta), 4)} = ${output}`;
      allow(this.more, x.length < MOST);
      allow(this.less, x.length > 1);
    }

    // ---- The picture ----

    /** What each axis of a state goes to. */
    axes(state, { low, high } = scaleOf(state.x)) {
      const { mean: center, deviation, stored } = this.worked(state);
      const bound = Math.sqrt(state.x.length - 1);
      const ends = stored ? [low, high].map((value) => (value - center) / deviation) : [-bound, bound];
      return { x: high, "x̂": farthest(ends, NORMALIZEDS), y: farthest(ends.map((end) => state.gamma * end + state.beta), OUTPUTS) };
    }

    drawn() {
      const { state, before } = this;
      const n = state.x.length, made = this.worked(state), was = this.worked(before);
      const { low, high, marks } = this.scale();
      const atInput = (value) => at(value, low, high);
      const { "x̂": wide, y: far } = this.axes(state, this.scale());
      const atNormalized = (value) => at(value, -wide, wide), atOutput = (value) => at(value, -far, far);
      const moved = JSON.stringify(before) !== JSON.stringify(state) && before.x.length === n;
      // The one that was moved lies on top.
      const order = state.x.map((_, i) => i).sort((i, j) => (i === this.chosen) - (j === this.chosen));
      const tone = (i) => (moved && i === this.marked && before.x[i] !== state.x[i] ? "raw" : "bn");
      const gradients = this.dataset.view === "gradients";
      const parts = [];
      const dot = (i, place, level) => [
        svg("circle", { class: `line hollow ${tone(i)}`, cx: px(place), cy: level, r: 8 }),
        svg("text", { class: "small middle", x: px(place), y: level }, NAMES[i]),
      ];
      const shadow = (place, level) => place > 4 && place < 324 && svg("circle", { class: "line dashed", cx: px(place), cy: level, r: 8 });
      if (!gradients) {
        state.x.forEach((value, i) => {
          const d = `M${px(atInput(value))} ${INPUT} ${px(atNormalized(made.normalized[i]))} ${NORMALIZED} ${px(atOutput(made.output[i]))} ${OUTPUT}`;
          parts.push(svg("path", { class: `line ${tone(i)}`, d }));
        });
      }
      parts.push(svg("text", { class: "title", y: 12 }, gradients ? "What a gradient loses on its way" : `${NUMBERS[n]} through the layer`));
      parts.push(...axis(INPUT, atInput, marks, "x comes in", 38), ...this.bar(made, atInput));
      if (gradients) parts.push(...this.bars(made));
      else {
        parts.push(...axis(NORMALIZED, atNormalized, [-wide / 3, 0, wide / 3], "normalized, x̂"), ...axis(OUTPUT, atOutput, [-far / 2, 0, far / 2], "y goes out"));
        if (!made.stored && n > 1) {
          const bound = Math.sqrt(n - 1);
          for (const side of [-bound, bound]) parts.push(svg("path", { class: "line dashed", d: `M${px(atNormalized(side))} ${NORMALIZED - 16}V${NORMALIZED + 11}` }));
          if (n > 2) parts.push(svg("text", { class: "small middle halo", x: px(atNormalized(bound)), y: NORMALIZED + 18 }, `√${n - 1}`));
        }
        if (moved) before.x.forEach((_, i) => parts.push(shadow(atNormalized(was.normalized[i]), NORMALIZED), shadow(atOutput(was.output[i]), OUTPUT)));
        order.forEach((i) => parts.push(...dot(i, atNormalized(made.normalized[i]), NORMALIZED), ...dot(i, atOutput(made.output[i]), OUTPUT)));
      }
      if (moved) before.x.forEach((value) => parts.push(shadow(atInput(value), INPUT)));
      // Rings that lie under the dots need no words.
      const pairs = [[before.x, state.x, atInput], ...(gradients ? [] : [[was.normalized, made.normalized, atNormalized], [was.output, made.output, atOutput]])];
      const apart = moved && pairs.some(([from, to, place]) => from.some((value, i) => Math.abs(place(value) - place(to[i])) > 1));
      if (apart) parts.push(svg("circle", { class: "line dashed", cx: 10, cy: LEGEND, r: 6 }), svg("text", { class: "small", x: 21, y: LEGEND }, "dashed: where each was before"));
      if (tone(this.marked) === "raw") parts.push(svg("circle", { class: "line raw", cx: 216, cy: LEGEND, r: 6 }), svg("text", { class: "small raw", x: 227, y: LEGEND }, "what you moved"));
      order.forEach((i) => parts.push(...dot(i, atInput(state.x[i]), INPUT)));
      // A stored mean is no one's to drag.
      parts.push(svg("path", { class: "piece__grip", d: `M2 ${INPUT - 14}H326V${state.stored ? BAR - 1 : BAR + 16}H2Z` }));
      return { parts: parts.filter(Boolean), height: gradients ? 366 : 262, heard: `${NUMBERS[n]} through the layer. ${this.heard(made)}` };
    }

    /** The mean and, to either side, one deviation: of the batch, or as they are stored. */
    bar({ mean: center, variance, stored }, place) {
      const spread = Math.sqrt(variance);
      const left = place(center - spread), right = place(center + spread), middle = place(center);
      const tone = stored ? "std" : "bn";
      return [
        svg("path", { class: `line filled ${tone}`, d: `M${px(left)} ${BAR}H${px(right)}V${BAR + 14}H${px(left)}Z` }),
        svg("path", { class: `line thick ${tone}`, d: `M${px(middle)} ${BAR}V${BAR + 14}` }),
        ...(stored ? [] : [left, right].map((x) => svg("circle", { class: `solid ${tone}`, cx: px(x), cy: BAR + 7, r: 6 }))),
      ];
    }

    /** The gradient that arrives, the two parts of it that are lost, and what passes, as bars. */
    bars(made) {
      const { g } = this.state;
      const found = backward(g, made);
      const n = g.length;
      const factor = `× γ/√(σ²+ε) = ${fixed(made.gamma / made.deviation)}`;
      const rows = [
        ["the loss asks", "for g", g, "raw"],
        ["lost: its mean,", "a shift of all", found.alike, ""],
        ["lost: along x̂,", "a stretch of all", found.stretch, ""],
        ["passes,", factor, found.passes, "bn"],
      ];
      // One unit for all, in which the largest still has room.
      const unit = Math.min(UNIT, LONGEST / Math.max(...rows.flatMap(([, , values]) => values.map(Math.abs))));
      return rows.flatMap(([first, second, values, tone], row) => {
        const level = ROWS[row];
        return [
          svg("text", { class: `small bold ${tone}`, x: 2, y: level - 8 }, first),
          svg("text", { class: "small", x: 2, y: level + 8 }, second),
          svg("path", { class: "line", d: `M118 ${level}H326` }),
          ...values.flatMap((value, i) => {
            const middle = column(i, n), tall = unit * value, half = Math.min(12, 80 / n);
            const word = n > 5 && row ? [] : [svg("text", { class: "small middle", x: px(middle), y: px(level - tall + (value < 0 ? 9 : -9)) }, row ? fixed(value) : `${NAMES[i]} ${short(value)}`)];
            return [svg("path", { class: `line filled ${tone}`, d: `M${px(middle - half)} ${level}H${px(middle + half)}V${px(level - tall)}H${px(middle - half)}Z` }), ...word];
          }),
        ];
      });
    }

    /** What a hand takes: the nearest dot; or of the bar below an end, to stretch, or the rest, to move all. */
    grabbed(across, down) {
      if (down < INPUT - 14 || down > BAR + 16) return undefined;
      const { x, stored } = this.state;
      const scale = this.scale(), { low, high } = scale;
      const place = (value) => at(value, low, high), grid = (high - low) / 400;
      const nearest = (distances) => distances.indexOf(Math.min(...distances));
      // The axis stays as it is while a hand moves on it.
      const moving = (move) => {
        this.held = scale;
        return (later) => move(Math.round((low + ((later - 10) / 308) * (high - low)) / grid) * grid);
      };
      if (down < BAR - 1) {
        const gaps = x.map((value) => Math.abs(place(value) - across)), i = nearest(gaps);
        return gaps[i] <= 24 ? moving((value) => this.moveOne(i, value, scale)) : undefined;
      }
      if (stored) return undefined;
      const { mean: center, variance } = this.worked(this.state);
      const ends = [-1, 1].map((side) => place(center + side * Math.sqrt(variance)));
      const gaps = ends.map((end) => Math.abs(end - across));
      if (ends[1] - ends[0] > 24 && gaps[nearest(gaps)] <= 12) return moving((value) => this.stretchAll(Math.abs(value - center), scale));
      return ends[0] - 16 < across && across < ends[1] + 16 ? moving((value) => this.moveAll(value, scale)) : undefined;
    }

    rested() {
      this.held = undefined;
      this.show({ kind: this.kind });
    }

    // ---- Words ----

    /** The picture in words. */
    heard(made) {
      const row = (values) => values.map((value) => fixed(value)).join(", ");
      const { x, g } = this.state;
      const told = `In: ${x.map((value) => short(value, 4)).join(", ")}. Mean ${short(made.mean, 4)}, variance ${near(made.variance)}. Normalized: ${row(made.normalized)}. Out: ${row(made.output)}.`;
      return this.dataset.view === "gradients" ? `${told} Gradient that arrives: ${row(g)}; that passes: ${row(backward(g, made).passes)}.` : told;
    }

    /** One line on the last move, told from the numbers alone. */
    told(what) {
      const kind = what.kind ?? what.by;
      this.kind = kind;
      if (kind === "typed") return this.typing;
      return [this.typing, this.cause(kind), this.effect(kind), this.special(), this.rescaled(kind)].filter(Boolean).join(" ");
    }

    /** Which axes are others than before, so that dots stand elsewhere. */
    rescaled(kind) {
      const { state, before, held } = this;
      if (state === before || kind === "reset") return "";
      const [was, now] = [before, state].map((of) => this.axes(of, held));
      const shown = this.dataset.view === "gradients" ? ["x"] : Object.keys(now);
      const names = shown.filter((name) => now[name] !== was[name]);
      if (!names.length) return "";
      const wider = names.filter((name) => now[name] > was[name]).length, be = names.length > 1 ? "are" : "is";
      const become = wider === names.length ? `${be} now wider` : wider ? "have changed" : `${be} now narrower`;
      return `The ${names.length > 1 ? "axes" : "axis"} of ${listed(names)} ${become}: dots of the same value stand elsewhere.`;
    }

    cause(kind) {
      const { state, before } = this;
      const i = this.chosen;
      const center = (x) => short(mean(x), 4);
      const spread = (x) => near(this.worked({ ...state, x, stored: false }).variance ** 0.5);
      switch (kind) {
        case "dot": return String(state.x) === String(before.x) ? this.ended(i) : `${NAMES[i]} went from ${short(before.x[i], 4)} to ${short(state.x[i], 4)}.`;
        case "mean": case "spread": {
          const stopped = this.stopped ? this.edge(this.stopped) : "";
          if (String(state.x) === String(before.x)) return stopped;
          const moved = kind === "mean"
            ? `All inputs moved by ${fixed(mean(state.x) - mean(before.x), 2, true)}, and so did their mean: ${center(state.x)}.`
            : `All inputs were ${this.worked({ ...state, stored: false }).variance < this.worked({ ...before, stored: false }).variance ? "drawn together" : "stretched"}: their deviation went from ${spread(before.x)} to ${spread(state.x)}.`;
          return [moved, stopped].filter(Boolean).join(" ");
        }
        case "gamma": return `Gamma went from ${short(before.gamma)} to ${short(state.gamma)}.`;
        case "beta": return `Beta went from ${short(before.beta)} to ${short(state.beta)}.`;
        case "power": return `Epsilon went from ${tenTo(before.power)} to ${tenTo(state.power)}.`;
        case "stored": return state.stored
          ? `The stored mean, ${short(this.data.stored.mean)}, and variance, ${short(this.data.stored.variance)}, are those of the first batch here, and the green bar shows them. Now drag a dot: no other knows of it.`
          : "The batch's own mean and variance are back.";
        case "reset": return this.invitation;
        case "wish": case "g": return `The loss now asks for g = (${state.g.map((value) => short(value)).join(", ")}).`;
        default: return `The batch is now ${listed(state.x.map((value) => short(value, 4)))}.${state.x.length === MOST ? " No more than eight fit in the picture." : ""}`;
      }
    }

    /** How far outputs, or what passes of the gradient, moved. */
    effect(kind) {
      const { state, before } = this;
      if (state === before || state.x.length !== before.x.length || kind === "reset") return "";
      // Where no input moved, it is no news that no output did.
      if (["dot", "mean", "spread"].includes(kind) && String(state.x) === String(before.x)) return "";
      const gradients = this.dataset.view === "gradients";
      const found = (at) => (gradients ? backward(at.g, this.worked(at)).x : this.worked(at).output);
      const now = found(state), was = found(before);
      const moves = now.map((value, i) => Math.abs(value - was[i]));
      const noun = gradients ? "gradient" : "output", digits = gradients ? 3 : 2, seen = gradients ? SEEN / 10 : SEEN;
      const most = Math.max(...moves);
      if (kind === "dot" && !gradients) {
        const others = moves.filter((_, i) => i !== this.chosen);
        if (most < SEEN) return "No output moved.";
        const own = `Its output moved by ${fixed(now[this.chosen] - was[this.chosen], 2, true)}`;
        if (!others.length) return `${own}.`;
        const largest = Math.max(...others);
        const names = NAMES.slice(0, moves.length).filter((_, i) => i !== this.chosen && moves[i] >= SEEN);
        return largest < SEEN ? `${own}, and no other.` : `${own}, and ${listed(names)} moved too, by ${names.length > 1 ? "up to " : ""}${fixed(largest)}${this.ways(was, now)}.`;
      }
      if (kind === "stored" && most < seen) return "";
      const factor = gradients && ["gamma", "spread"].includes(kind) ? "; the bars stand before that factor" : "";
      return most < seen ? `No ${noun} moved.` : `The ${noun}s moved by up to ${fixed(most, digits)}${factor}.`;
    }

    /** Where the outputs went that no one moved: all one way, and how far apart they are now. */
    ways(was, now) {
      const [from, to] = [was, now].map((values) => values.filter((_, i) => i !== this.chosen));
      const moves = to.map((value, i) => value - from[i]), wide = (values) => Math.max(...values) - Math.min(...values);
      const way = moves.every((move) => move > -SEEN) ? "up" : moves.every((move) => move < SEEN) ? "down" : "";
      const apart = wide(to) - wide(from);
      const closing = Math.abs(apart) < SEEN ? "" : apart < 0 ? "closer together" : "further apart";
      return [way, closing].filter(Boolean).length ? `: ${[way, closing].filter(Boolean).join(" and ")}` : "";
    }

    /** What is special about this batch, if anything is. */
    special() {
      const { state } = this;
      const made = this.worked(state), n = state.x.length;
      if (this.dataset.view === "gradients") return this.lost(made);
      if (state.stored) return "";
      if (n === 1) return "Alone, it is its own mean: beta comes out, whatever goes in.";
      if (made.variance < 1e-12) return "All agree, so beta is all that comes out.";
      const largest = Math.max(...made.normalized.map(Math.abs));
      if (n === 2) return largest > 0.995 ? "Which of two is larger is all that comes out." : "They differ so little that epsilon counts.";
      const i = made.normalized.findIndex((value) => Math.abs(value) === largest), bound = Math.sqrt(n - 1);
      if (largest < 0.98 * bound) return "";
      const rest = made.normalized.filter((_, j) => j !== i);
      return `Normalized, ${NAMES[i]} has come to ${fixed(largest, 3)} of at most √${n - 1} = ${fixed(bound, 3)}, and the others are left with ${fixed(Math.max(...rest) - Math.min(...rest))} between them.`;
    }

    /** How much of the length of the gradient is lost, and to what. */
    lost(made) {
      const { g } = this.state;
      const squared = (values) => sum(values.map((value) => value * value));
      const whole = squared(g);
      if (!whole) return "Nothing arrives, so nothing passes.";
      if (made.stored) return "With stored averages nothing is lost: each input gets its own gradient times gamma over the deviation.";
      const { alike, stretch, passes } = backward(g, made);
      const share = (values) => `${fixed((100 * squared(values)) / whole, 0)}%`;
      const left = 1 - [alike, stretch, passes].reduce((found, values) => found + squared(values), 0) / whole;
      const remark = left > 0.005 ? " The shares do not add up: with so large an epsilon, a part along x̂ passes as well." : "";
      return `Of its squared length ${share(alike)} is lost with the mean and ${share(stretch)} along x̂, and ${share(passes)} passes.${remark}`;
    }

    // ---- Numbers ----

    numbers() {
      const { x, g, power } = this.state;
      const made = this.worked(this.state);
      const found = backward(g, made);
      const gradients = this.dataset.view === "gradients";
      const head = gradients ? ["example", "x", "x̂", "g", "passes", "∂L/∂x"] : ["example", "x", "minus the mean", "x̂", "y"];
      const rows = x.map((value, i) =>
        gradients
          ? [NAMES[i], short(value, 4), fixed(made.normalized[i], 4), short(g[i], 4), fixed(found.passes[i], 4), fixed(found.x[i], 4)]
          : [NAMES[i], short(value, 4), fixed(value - made.mean, 4), fixed(made.normalized[i], 4), fixed(made.output[i], 4)],
      );
      const sums = gradients ? `; what passes sums to ${fixed(sum(found.passes), 4)}, and its products with x̂ to ${fixed(sum(found.passes.map((value, i) => value * made.normalized[i])), 4)}` : "";
      return table(`${made.stored ? "Stored mean" : "Mean"} ${short(made.mean, 4)}, variance ${near(made.variance, 4)}, ε = ${tenTo(power)}${sums}`, head, rows);
    }

    witnessed({ x, gamma, beta, epsilon, g, normalized, output, gradient, stored }) {
      const made = forward(x, gamma, beta, epsilon, stored);
      return Math.max(difference(made.normalized, normalized), difference(made.output, output), difference(backward(g, made).x, gradient));
    }
  }

  window.bnreport.pieces.batch = { forward, backward };
  customElements.define("bn-batch", Batch);
})();
