/* Chasing the mean: moving averages while a layer trains, and what they make of an example when it is served. */
(() => {
  "use strict";
  const { Training, allow, button, choice, clamp, difference, fixed, html, normals, short, slider, svg, table } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/lessons/chase.py ----

  /** Running sums of so many standard normal draws of a seed, and of their squares. */
  const drawn = (seed, count) => {
    const sums = new Float64Array(count + 1), squares = new Float64Array(count + 1);
    normals(seed, count).forEach((z, i) => {
      sums[i + 1] = sums[i] + z;
      squares[i + 1] = squares[i] + z * z;
    });
    return { sums, squares };
  };

  /** Train: for each batch the true mean, that of the batch and the average after it, and why they differ.

  `error`, the true mean less the average, is the sum of what the start still weighs, of the way that
  the feature went since (`lag`), and of the chance of the batches. */
  const chase = ({ momentum, size, speed, falling, epochs, anew }, { images, mean, deviation }, { sums, squares }) => {
    const each = Math.ceil(images / size), steps = epochs * each;
    const path = [{ truth: mean, batch: NaN, mean: 0, variance: 1, start: mean, lag: 0, chance: 0 }];
    for (let k = 0; k < steps; k += 1) {
      const last = path[k];
      if (k === anew) Object.assign(last, fresh(last, deviation, { sums, squares }));
      const way = deviation * speed * (falling ? 1 - k / steps : 1);
      const truth = last.truth + way;
      const from = Math.floor(k / each) * images + (k % each) * size;
      const to = Math.min(from + size, (Math.floor(k / each) + 1) * images);
      const off = (sums[to] - sums[from]) / (to - from);
      const variance = deviation ** 2 * ((squares[to] - squares[from]) / (to - from) - off * off);
      const batch = truth + deviation * off;
      path.push({
        truth,
        batch,
        mean: momentum * last.mean + (1 - momentum) * batch,
        variance: momentum * last.variance + (1 - momentum) * variance,
        start: momentum * last.start,
        lag: momentum * (last.lag + way),
        chance: momentum * last.chance - (1 - momentum) * deviation * off,
      });
    }
    if (anew === steps) Object.assign(path[steps], fresh(path[steps], deviation, { sums, squares }));
    return path;
  };

  // Images of a recalibration.
  const FRESH = 4096;

  /** Statistics of weights that stand still. */
  const fresh = ({ truth }, deviation, { sums, squares }) => {
    const off = sums[FRESH] / FRESH;
    return { mean: truth + deviation * off, variance: deviation ** 2 * (squares[FRESH] / FRESH - off * off), start: 0, lag: 0, chance: -deviation * off };
  };

  /** How an example is served: where one at the true mean comes out, and the spread around it. */
  const served = ({ truth, mean, variance }, deviation, epsilon) => {
    const root = Math.sqrt(variance + epsilon);
    return { gap: (truth - mean) / root, spread: deviation / root };
  };

  // ---- What can be set ----

  const MOMENTA = [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999];
  const SIZES = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
  const FASTEST = 0.05, EPOCHS = 3, SEEDS = 99;
  const whole = (text, low, high) => (/^\d+$/.test(text ?? "") ? clamp(Number(text), low, high) : undefined);
  const one = (text, values) => values.find((value) => String(value) === text);

  // ---- Where it is drawn ----

  const LEFT = 24, RIGHT = 322, TOP = 50, BOTTOM = 176, BASE = 276, TALL = 80;
  // At most so many points of a path.
  const POINTS = 108;
  const px = (value) => value.toFixed(1);
  // By what the marks of the lower axis can be multiplied: the narrowest that holds all is shown.
  const FACTORS = [1, 2, 5, 10, 20, 50, 100];
  // Spreads of a hump to either side.
  const REACH = 20 / 6;
  // The bars of the parts: where zero lies, and where a bar ends that is as long as the first mean.
  // Twice or five times that is the end only where a lag grows longer.
  const ZERO = 84, FULL = 190, LONGER = [1, 2, 5];
  // For the left axis: the largest of 1, 2, 5, 10 … up to a value, and how it is written there.
  const round = (value) => {
    const ten = 10 ** Math.floor(Math.log10(value));
    return ten * (value >= 5 * ten ? 5 : value >= 2 * ten ? 2 : 1);
  };
  const brief = (value) => (value < 1000 ? short(value) : `${short(value / 1000)}k`);
  /** A number of steps, or how far they go: two decimals, or as many digits where it is small. */
  const near = (value) => short(value, value < 0.1 ? 4 : 2);
  const counted = (count) => `${count.toLocaleString("en")} ${count === 1 ? "batch" : "batches"}`;

  class Averages extends Training {
    // ---- State ----

    started() {
      const { momentum, size, seed } = this.data.start;
      const start = { momentum, size, speed: 0, falling: false, epochs: 1, anew: -1, seed };
      return { ...start, seen: this.steps(start) };
    }

    accepted(asked) {
      const { start } = this;
      const speed = Number(asked.speed);
      const state = {
        momentum: one(asked.momentum, MOMENTA) ?? start.momentum,
        size: one(asked.size, SIZES) ?? start.size,
        speed: asked.speed && Number.isFinite(speed) ? clamp(speed, 0, FASTEST) : start.speed,
        falling: asked.rate === "falls",
        epochs: whole(asked.epochs, 1, EPOCHS) ?? start.epochs,
        seed: whole(asked.seed, 1, SEEDS) ?? start.seed,
      };
      const steps = this.steps(state);
      return { ...state, seen: whole(asked.seen, 0, steps) ?? steps, anew: whole(asked.anew, 0, steps) ?? -1 };
    }

    written() {
      const { state, start } = this;
      const told = {};
      for (const name of ["momentum", "size", "speed", "epochs", "seed"]) if (state[name] !== start[name]) told[name] = state[name];
      if (state.falling) told.rate = "falls";
      if (state.seen !== this.steps(state)) told.seen = state.seen;
      if (state.anew >= 0) told.anew = state.anew;
      return told;
    }

    steps({ size, epochs }) {
      return epochs * Math.ceil(this.data.images / size);
    }

    /** The path of a state. Draws are kept, since only another seed needs others, and so are some paths. */
    path(state) {
      const { images, feature } = this.data;
      if (this.seed !== state.seed) {
        this.seed = state.seed;
        this.draws = drawn(state.seed, EPOCHS * images);
        this.paths = new Map();
      }
      const key = JSON.stringify({ ...state, seen: 0 });
      if (this.paths.size > 8) this.paths.clear();
      if (!this.paths.has(key)) this.paths.set(key, chase(state, { images, ...feature }, this.draws));
      return this.paths.get(key);
    }

    with(changes, by) {
      if (by !== "run") this.stop();
      const next = { ...this.state, ...changes };
      const steps = this.steps(next);
      // Another training is looked at when it is over; one of as many batches, where it is.
      if (!("seen" in changes) && steps !== this.steps(this.state)) next.seen = steps;
      if (next.anew > steps || "size" in changes) next.anew = -1;
      this.change({ by }, next);
    }

    // ---- Controls ----

    controls() {
      const indexed = (label, name, values) => slider(label, { max: values.length - 1, step: 1, words: (i) => (values[i] < 1 ? short(values[i], 3) : values[i].toLocaleString("en")) }, (i) => this.with({ [name]: values[i] }, name));
      this.momentum = indexed("Momentum", "momentum", MOMENTA);
      this.size = indexed("Batch size", "size", SIZES);
      this.speed = slider("Drift", { max: FASTEST, step: 0.005, words: (speed) => `${short(speed, 3)} σ` }, (speed) => this.with({ speed: Number(speed.toFixed(3)) }, "speed"));
      this.seen = slider("Batches", { max: 1, step: 1, words: (seen) => seen.toLocaleString("en") }, (seen) => this.with({ seen }, "seen"));
      this.rate = choice("Learning rate", { constant: "constant", falls: "falls to zero" }, (rate) => this.with({ falling: rate === "falls" }, "rate"));
      return [
        html("div", { class: "piece__rows" }, ...[this.momentum, this.size, this.speed, this.seen].flatMap((control) => control.parts)),
        html("div", { class: "piece__choice" }, ...this.rate.parts),
        (this.parts = html("div", { class: "piece__parts" })),
        html("p", { class: "piece__sum" }, `Drift: how far the feature's mean goes with each batch, in its own deviations σ = ${short(this.data.feature.deviation)}, because the weights move.`),
      ];
    }

    buttons() {
      // After the last batch another epoch begins, as long as that changes no batch before it.
      this.next = button("One batch on", () => {
        const { seen, epochs } = this.state;
        if (seen < this.steps(this.state)) this.with({ seen: seen + 1 }, "seen");
        else this.with({ seen: seen + 1, epochs: epochs + 1 }, "on");
      });
      this.again = button("One more epoch", () => this.with({ epochs: this.state.epochs + 1 }, "epochs"));
      const recalibrate = button("Recalibrate", () => this.with({ anew: this.state.seen, seen: this.state.seen }, "anew"));
      const others = button("Other images", () => this.with({ seed: (this.state.seed % SEEDS) + 1 }, "seed"));
      const { size, speed } = this.data.drifting;
      const drift = button(`Drift, ${size} images`, () => this.with({ ...this.start, size, speed, seen: this.steps({ size, epochs: 1 }) }, "drift"));
      return [this.runner(), this.next, this.again, recalibrate, drift, others];
    }

    get eager() {
      return true;
    }

    /** How many steps a steady drift leaves the average behind in the end, and how far; none where nothing drifts on. */
    limit({ momentum, speed, falling }) {
      const steps = momentum / (1 - momentum);
      return speed && momentum && !falling ? { steps, far: steps * speed * this.data.feature.deviation } : undefined;
    }

    get lasting() {
      return 4000;
    }

    set() {
      const { state } = this;
      const steps = this.steps(state);
      this.momentum.set(MOMENTA.indexOf(state.momentum));
      this.size.set(SIZES.indexOf(state.size));
      this.speed.set(state.speed);
      this.seen.set(state.seen, 0, steps);
      this.rate.input.value = state.falling ? "falls" : "constant";
      this.run.textContent = this.frames ? "Stop" : "Run";
      this.parts.replaceChildren(...this.summed(this.path(state)));
      allow(this.next, state.seen < steps || (state.epochs < EPOCHS && !state.falling));
      allow(this.again, state.epochs < EPOCHS);
      this.again.textContent = state.epochs < EPOCHS ? "One more epoch" : `${EPOCHS} epochs at most`;
    }

    /** The parts of the difference as bars, and how the gap comes of it: as few digits as give what is printed. */
    summed(path) {
      const point = path[this.state.seen];
      const parts = ["start", "lag", "chance"].map((name) => [name, point[name]]);
      const whole = point.truth - point.mean, root = this.remembered(point), gap = fixed(this.served(point).gap);
      const gives = (digits) => {
        const [d, r, ...each] = [whole, root, ...parts.map(([, value]) => value)].map((value) => Number(value.toFixed(digits)));
        return fixed(d / r) === gap && fixed(each[0] + each[1] + each[2], digits) === fixed(d, digits);
      };
      const digits = [2, 3, 4, 5, 6].find(gives) ?? 6;
      // One scale for all of a training.
      const { mean } = this.data.feature, lag = path.reduce((most, at) => Math.max(most, at.lag), 0);
      const most = mean * (LONGER.find((times) => lag <= times * mean) ?? LONGER.at(-1)), unit = (FULL - ZERO) / most;
      const rows = parts.map(([name, value], i) => {
        const y = 31 + 20 * i, text = fixed(value, digits);
        return svg("g", {},
          svg("text", { class: "small", x: 0, y }, name),
          ...(Number(text) === 0 ? [] : [svg("path", { class: "line filled std", d: `M${ZERO} ${y - 6}H${px(ZERO + unit * value)}V${y + 6}H${ZERO}Z` })]),
          svg("text", { class: "small end", x: 240, y }, text));
      });
      const line = svg("path", { class: "line", d: `M${ZERO} 20V84M${FULL} 80V84M${ZERO} 84H${FULL}` });
      const marks = [0, most].map((mark) => svg("text", { class: "small middle", x: ZERO + unit * mark, y: 94 }, short(mark)));
      return [
        html("div", { class: "picture piece__bars" }, svg("svg", { role: "img", viewBox: "0 0 240 102", "aria-label": parts.map(([name, value]) => `${name} ${fixed(value, digits)}`).join(", ") },
          svg("text", { class: "small", y: 8 }, "True mean − remembered mean, due to"), ...rows, line, ...marks)),
        html("p", { class: "piece__sum" }, `Together: ${fixed(whole, digits)}. Over the remembered deviation: ${fixed(whole, digits)} / ${fixed(root, digits)} = ${gap}, the gap.`),
      ];
    }

    // ---- The picture ----

    served(point) {
      return served(point, this.data.feature.deviation, this.data.epsilon);
    }

    drawn() {
      const { state } = this;
      const path = this.path(state), steps = this.steps(state), point = path[state.seen];
      const { gap, spread } = this.served(point);
      const batches = path.slice(1).reduce((most, { batch }) => Math.max(most, batch), 0);
      const top = Math.max(1.2 * path[steps].truth, 1.16 * batches);
      const across = (k) => LEFT + ((RIGHT - LEFT) * k) / steps;
      const up = (value) => clamp(BOTTOM - ((BOTTOM - TOP) * value) / top, TOP, BOTTOM);
      const stride = Math.ceil(steps / POINTS);
      const some = [...path.keys()].filter((k) => k % stride === 0 || k === steps);
      const seen = [...some.filter((k) => k < state.seen), state.seen];
      const shown = seen.filter((_, i) => i % 2);
      const line = (points, place) => `M${points.map((k) => `${px(across(k))} ${px(up(place(path[k])))}`).join(" ")}`;
      const text = (kind, x, y, ...words) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, ...words);
      // Labels stand clear of the dots; and of the axis, where a line has hardly left it.
      const part = (share) => path[Math.round(share * steps)];
      const dots = (from, to) => some.filter((k) => k && from * steps <= k && k <= to * steps).map((k) => up(path[k].batch));
      const around = Math.min(up(part(0.62).truth) - 12, Math.min(...dots(0, 0.65)) - 9);
      const below = Math.max(up(part(0.4).mean) + 14, Math.max(...dots(0.4, 1)) + 10);
      const remembers = below > BOTTOM - 6 ? up(part(0.9).mean) - 12 : below;
      // The first mean, and the end of a long way; only the latter where they would lie on each other.
      const marked = [...new Set([path[0].truth, round(path[steps].truth)])];
      if (up(marked[0]) > BOTTOM - 12 || up(marked[0]) - up(marked.at(-1)) < 14) marked.splice(0, marked.length - 1);
      const factor = FACTORS.find((times) => gap + REACH * spread <= 9 * times && gap - REACH * spread >= -4 * times) ?? FACTORS.at(-1);
      const atOutput = (value) => clamp(10 + (308 * (value / factor + 4)) / 13, 4, 324);
      const tall = Math.min(TALL, 150 * spread);
      const marks = [0, 2, 4, 6, 8].map((mark) => mark * factor);
      const limit = this.limit(state), after = some.filter((k) => limit && path[k].truth > limit.far);
      const fraction = short(state.momentum, 3), other = short(1 - state.momentum, 3);
      const parts = [
        svg("text", { class: "title", y: 12 }, "What the layer remembers"),
        text("", 0, 30, `Momentum ${fraction} in Keras and Flax, ${other} in PyTorch`),
        svg("path", { class: "line", d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}${marked.map((mark) => `M${LEFT - 4} ${px(up(mark))}H${LEFT}`).join("")}` }),
        // Three digits have just the room to the left of the mark.
        ...marked.map((mark) => (mark < 100 || mark >= 1000 ? text("end", LEFT - 7, up(mark), brief(mark)) : text("", 0, up(mark), brief(mark)))),
        text("end", LEFT - 7, BOTTOM, "0"),
        text("end", RIGHT, BOTTOM + 14, `${counted(steps)} of ${state.size.toLocaleString("en")}`),
        // Every second one, or they would merge into a line.
        ...shown.map((k) => svg("circle", { class: "solid bn", cx: px(across(k)), cy: px(up(path[k].batch)), r: 1.6 })),
        svg("path", { class: "line dashed", d: line(some, ({ truth }) => truth) }),
        ...(limit && after.length > 1
          ? [
              svg("path", { class: "line dashed std", d: line(after, ({ truth }) => truth - limit.far) }),
              svg("path", { class: "line dashed std", d: `M${LEFT} ${BOTTOM + 14}h14` }),
              text("std", LEFT + 18, BOTTOM + 14, `limit, ${near(limit.steps)} steps behind`),
            ]
          : []),
        svg("path", { class: "line thick std", d: line(seen, ({ mean }) => mean) }),
        svg("circle", { class: "solid std", cx: px(across(state.seen)), cy: px(up(point.mean)), r: 4 }),
        // As dots and dashes are coloured.
        shown.length
          ? text("soft halo", LEFT + 6, around, svg("tspan", { class: "solid bn" }, "batches"), ", around the true mean")
          : text("soft halo", LEFT + 6, around, "the true mean"),
        text("std halo", across(0.4 * steps) + 6, remembers, "what the layer remembers"),
        // A tick above what it could cut.
        ...(state.anew >= 0
          ? [
              svg("path", { class: "line thick std", d: `M${px(across(state.anew))} ${TOP - 1}v5` }),
              text("middle std halo", clamp(across(state.anew), 46, 282), TOP - 8, "fresh statistics"),
            ]
          : []),
        text("bold", 0, 208, `At the mean: 0 in training, ${fixed(gap)} as served`),
        svg("path", { class: "line", d: `M2 ${BASE}H326 ${marks.map((mark) => `M${px(atOutput(mark))} ${BASE - 4}V${BASE + 4}`).join(" ")}` }),
        ...marks.map((mark) => text("middle", atOutput(mark), BASE + 18, String(mark))),
        text("", 2, BASE + 18, "normalized"),
        svg("path", { class: "line filled bn", d: hump(0, 1, atOutput, tall) }),
        svg("path", { class: "line filled std", d: hump(gap, spread, atOutput, tall) }),
        text("end bn halo", atOutput(-1), BASE - 26, "in training"),
        text("std halo", clamp(atOutput(gap + spread) + 4, atOutput(-1) + 6, 262), BASE - 26, "as served"),
      ];
      const heard = `After ${state.seen} of ${steps} batches the layer remembers a mean of ${fixed(point.mean)}; the true one is ${fixed(point.truth)}. An example at the mean comes out at 0 in training and at ${fixed(gap)} when served.`;
      return { parts, height: 300, heard };
    }

    // ---- Words and numbers ----

    get invitation() {
      return `${this.standing()} Lower the momentum, let the feature drift, or recalibrate.`;
    }

    remembered({ variance }) {
      return Math.sqrt(variance + this.data.epsilon);
    }

    standing() {
      const { state } = this;
      const point = this.path(state)[state.seen];
      return `After ${counted(state.seen)} the layer remembers ${fixed(point.mean)} and the mean is ${fixed(point.truth)}.${this.lagging(point)}`;
    }

    /** Where a steady drift takes the lag, in deviations of the feature and in its own units. */
    lagging({ lag }) {
      const { state } = this, limit = this.limit(state);
      if (!limit) return "";
      if (state.seen === state.anew) return " The lag is 0, and grows again as soon as the weights move on.";
      const end = `${near(limit.steps * state.speed)} deviations (${near(limit.far)} in the feature's units), the drift of ${near(limit.steps)} ${limit.steps === 1 ? "step" : "steps"}`;
      return near(lag) === near(limit.far) ? ` However long it trains, the lag stays at ${end}.` : ` Its lag tends to ${end}.`;
    }

    told(what) {
      if (what.by === "reset") return this.invitation;
      const { state, before } = this;
      // Another training is shown when it is over, and has none of the recalibrations that another
      // batch size drops: so is what it is compared with.
      const other = this.steps(before) !== this.steps(state);
      const kept = { ...before, anew: what.by === "size" ? -1 : before.anew, seen: other ? this.steps(before) : before.seen };
      const [was, is] = [kept, state].map((of) => this.path(of)[of.seen]);
      const [from, to] = [was, is].map((point) => fixed(this.served(point).gap));
      const differs = ({ truth, mean }) => fixed(truth - mean);
      const cause = {
        momentum: () => `Momentum ${short(before.momentum, 3)} became ${short(state.momentum, 3)}.`,
        size: () => `Batches of ${before.size.toLocaleString("en")} became batches of ${state.size.toLocaleString("en")}${before.anew < 0 ? "." : ", and nothing is recalibrated."}`,
        speed: () => `The mean now goes ${short(state.speed, 3)} deviations with each batch${state.falling ? ", and less and less" : ""}.`,
        rate: () => (state.falling ? "The rate falls to zero, and with it the drift." : "The rate stays as it is, and so does the drift."),
        anew: () => `Fresh statistics were taken from ${FRESH.toLocaleString("en")} images while the weights stood still${before.anew < 0 || before.anew === state.anew ? "" : `, instead of after ${counted(before.anew)}`}.`,
        on: () => `Epoch ${state.epochs} begins.`,
        epochs: () => `${state.falling ? "The rate now falls over all" : "The training now has"} ${counted(this.steps(state))}. The difference went from ${differs(was)} to ${differs(is)}, and the remembered deviation from ${fixed(this.remembered(was))} to ${fixed(this.remembered(is))}.`,
        drift: () => `The mean goes ${short(state.speed, 3)} deviations with each batch, and an epoch now has ${counted(this.steps(state))}.`,
        seed: () => "These are other images of the same kind.",
      }[what.by];
      const same = from === to;
      const moved = other && before.seen < kept.seen
        ? `The former training ended with a gap of ${from} deviations, this one ${same ? "too" : `with ${to}`}.`
        : same ? `The gap stays at ${to} deviations.` : `The gap went from ${from} to ${to} deviations.`;
      // Of few examples, the variance within the batch is too small.
      const few = what.by === "size" && state.size <= 8 ? `On average, their variance is too small by 1/${state.size}, which spreads values by ${fixed((1 - 1 / state.size) ** -0.5)} instead of 1 as served; here by ${fixed(this.served(is).spread)}.` : "";
      return [cause?.(), few, cause && moved, this.standing()].filter(Boolean).join(" ");
    }

    numbers() {
      const { state } = this;
      const path = this.path(state);
      const marks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * this.steps(state))).concat(state.seen))].sort((a, b) => a - b);
      const rows = marks.map((k) => {
        const point = path[k], { gap } = this.served(point);
        return [String(k), ...[point.truth, point.mean, point.start, point.lag, point.chance, point.variance, gap].map((value) => fixed(value, 3))];
      });
      return table("After so many batches: the true and the remembered mean; the parts of their difference; the remembered variance; and the gap, where an example at the mean is served", ["batch", "true mean", "remembered mean", "start", "lag", "chance", "remembered variance", "gap"], rows);
    }

    witnessed({ settings, expected }) {
      const { images, feature } = this.data;
      const draws = drawn(settings.seed, settings.epochs * images);
      const last = chase(settings, { images, ...feature }, draws).at(-1), { gap, spread } = this.served(last);
      return difference([last.truth, last.mean, last.variance, last.start, last.lag, last.chance, gap, spread], expected);
    }
  }

  /** A normal density around a place of the lower axis. */
  const hump = (center, spread, place, tall) => {
    const points = [...Array(41).keys()].map((i) => center + spread * REACH * (i / 20 - 1));
    return `M${points.map((at) => `${px(place(at))} ${px(BASE - (tall * Math.exp(-(((at - center) / spread) ** 2) / 2)) / (spread * Math.sqrt(2 * Math.PI)))}`).join(" ")}Z`;
  };

  window.bnreport.pieces.averages = { drawn, chase, served };
  customElements.define("bn-averages", Averages);
})();
