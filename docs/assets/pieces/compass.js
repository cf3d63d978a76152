/* The compass: direction and length of one weight under steps and weight decay, with batch normalization and without. */
(() => {
  "use strict";
  const { Training, allow, box, button, clamp, difference, fixed, html, listed, normals, scientific, short, slider, svg, table, tenTo } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/lessons/compass.py ----

  const STEPS = 1280, LAST = 320, SPAN = 32, FAR = 1e6;
  const DEGREE = Math.PI / 180;
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const mean = (values) => sum(values) / values.length;
  /** The root mean square. */
  const usual = (values) => Math.sqrt(mean(values.map((value) => value * value)));
  const direction = (degrees) => [Math.cos(degrees * DEGREE), Math.sin(degrees * DEGREE)];

  /** The outputs of a unit for a batch of inputs (x, y), and the gradient of half their mean squared error by the weight (u, v). */
  const gradient = (batch, [u, v], normalized) => {
    const sums = batch.map(({ x, y }) => x * u + y * v);
    const middle = normalized ? mean(sums) : 0;
    const deviation = normalized ? usual(sums.map((value) => value - middle)) : 1;
    const output = sums.map((value) => (value - middle) / deviation);
    const arriving = output.map((value, i) => (value - batch[i].target) / batch.length);
    // What batch normalization takes out of a gradient.
    const constant = normalized ? mean(arriving) : 0;
    const along = normalized ? mean(arriving.map((value, i) => value * output[i])) : 0;
    const passed = arriving.map((value, i) => (value - constant - output[i] * along) / deviation);
    return { output, gradient: ["x", "y"].map((axis) => sum(passed.map((value, i) => value * batch[i][axis]))) };
  };

  /** Train: the weight before each step and after the last, with the outputs and the gradient for the batch that follows. */
  const train = ({ rate, decay, start, normalized, times, at, steps }, { examples, directions }, draws) => {
    const best = direction(directions.best), way = [];
    let weight = direction(directions.beginning).map((part) => start * part);
    for (let step = 0; step <= steps; step += 1) {
      if (step === at) weight = weight.map((part) => times * part);
      if (!(Math.hypot(...weight) < FAR)) break;
      const batch = [...Array(examples).keys()].map((i) => {
        const [x, y, noise] = draws.subarray(3 * (examples * step + i));
        return { x, y, target: x * best[0] + y * best[1] + noise };
      });
      const made = gradient(batch, weight, normalized);
      way.push({ weight, length: Math.hypot(...weight), slope: Math.hypot(...made.gradient), ...made });
      weight = weight.map((part, i) => (1 - rate * decay) * part - rate * made.gradient[i]);
    }
    // In degrees: by how much the step that follows turns it.
    way.forEach((point, k) => {
      if (k + 1 === way.length) return;
      const [[x, y], [u, v]] = [point.weight, way[k + 1].weight];
      point.turn = Math.abs(Math.atan2(x * v - y * u, x * u + y * v)) / DEGREE;
    });
    return way;
  };

  const turns = (way) => way.slice(0, -1).map(({ turn }) => turn);

  /** The length at which decay balances steps, for a gradient of that length where the weight has length one. */
  const settled = (rate, decay, slope) => ((rate ** 2 * slope ** 2) / (1 - (1 - rate * decay) ** 2)) ** 0.25;
  const slopeOf = (way) => usual(way.map(({ length, slope }) => length * slope));
  /** The turn in degrees at which they balance. */
  const predicted = (rate, decay) => Math.atan(rate / settled(rate, decay, 1) ** 2) / DEGREE;

  /** How long a gradient at length one is that turns weights of a net's last length so far. */
  const slopeOfNets = ({ rate, length, turn }) => (Math.tan(turn.at(-1) * DEGREE) * length.at(-1) ** 2) / rate;

  // ---- What can be set ----

  const RATES = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];
  const DECAYS = [0.00125, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08];
  const STARTS = [0.125, 0.25, 0.5, 1, 2, 4, 8];
  const TIMES = [0.125, 0.25, 0.5, 1, 2, 4, 8];
  const SEEDS = 99;
  const whole = (text, low, high) => (/^\d+$/.test(text ?? "") ? clamp(Number(text), low, high) : undefined);
  const one = (text, values) => values.find((value) => String(value) === text);
  const long = (value) => short(value, 5);

  // ---- Where it is drawn ----

  // Of the compass: how far it reaches to the right, the left, up and down; and by how much the gradient is drawn longer.
  const MIDDLE = [92, 124], REACH = [70, 88, 92, 44], LONGER = 2, RULER = 50;
  const OUTPUTS = 250, UNIT = 24;
  const LEFTS = [28, 196], BROAD = 128, TOP = 202, BOTTOM = 264, STRIDE = 4;
  const px = (value) => value.toFixed(1);
  const line = (places) => `M${places.map(([x, y]) => `${px(x)} ${px(y)}`).join(" ")}`;
  // Of the axis of outputs, the narrowest that holds all is shown.
  const FACTORS = [1, 2, 5, 10, 20, 50, 100];
  const power = (exponent) => (Math.abs(exponent) > 2 ? tenTo(exponent) : short(10 ** exponent));
  /** As many decimals as two digits need that count, and no fewer than asked. */
  const digits = (value, least) => (value > 0 ? Math.max(least, 1 - Math.floor(Math.log10(value))) : least);
  const sized = (value) => (value >= 1000 ? value.toLocaleString("en", { maximumFractionDigits: 0 }) : fixed(value, digits(value, 2)));
  const angle = (value) => `${fixed(value, digits(value, value < 0.95 ? 2 : 1))}°`;
  const counted = (steps) => `${steps.toLocaleString("en")} ${steps === 1 ? "step" : "steps"}`;
  const head = (tone) => svg("marker", { id: `compass-head-${tone}`, class: `head ${tone}`, viewBox: "0 0 10 10", refX: 10, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d: "M0 1 10 5 0 9z" }));

  /** The units of the picture to a length of one, so that the compass holds all of the vectors. */
  const fitting = (vectors) => {
    const ends = [0, 0, 0, 0];
    for (const [x, y] of vectors) [x, -x, y, -y].forEach((end, i) => (ends[i] = Math.max(ends[i], end)));
    return Math.min(...REACH.map((reach, i) => (ends[i] > 0 ? reach / ends[i] : Infinity)));
  };

  /** The longest round length of at most so many units of the picture. */
  const round = (scale, most) => {
    const power = 10 ** Math.floor(Math.log10(most / scale));
    return power * [5, 2, 1].find((times) => times * power * scale <= most);
  };

  /** Where an arrow ends that is cut off at the edge of the compass. */
  const within = (from, to) => {
    const room = [[2, 168], [20, 170]].map(([low, high], i) => ((to[i] > from[i] ? high : low) - from[i]) / (to[i] - from[i] || Infinity));
    const part = Math.min(1, ...room.map((share) => Math.max(0, share || 1)));
    return from.map((start, i) => start + part * (to[i] - start));
  };

  class Compass extends Training {
    // ---- State ----

    started() {
      const { rate, decay, start, normalized, times, at, seed } = this.data.start;
      return { rate, decay, free: false, start, normalized, times, at, seed, seen: this.data.seen };
    }

    accepted(asked) {
      const { start } = this;
      const times = one(asked.times, TIMES) ?? 1;
      return {
        rate: one(asked.rate, RATES) ?? start.rate,
        decay: one(asked.decay, DECAYS) ?? start.decay,
        free: asked.free === "yes",
        start: one(asked.start, STARTS) ?? start.start,
        normalized: asked.bn !== "no",
        times,
        at: times === 1 ? -1 : (whole(asked.at, 0, STEPS) ?? start.seen),
        seed: whole(asked.seed, 1, SEEDS) ?? start.seed,
        seen: whole(asked.seen, 0, STEPS) ?? start.seen,
      };
    }

    written() {
      const { state, start } = this;
      const told = {};
      for (const name of ["rate", "decay", "start", "seed", "seen"]) if (state[name] !== start[name]) told[name] = state[name];
      if (state.free) told.free = "yes";
      if (!state.normalized) told.bn = "no";
      if (state.at >= 0) Object.assign(told, { times: state.times, at: state.at });
      return told;
    }

    /** The training of a state; some are kept. */
    way(state) {
      const settings = { ...state, decay: state.free ? 0 : state.decay, steps: STEPS, seen: 0 };
      const key = JSON.stringify(settings);
      this.ways ??= new Map();
      if (this.ways.size > 8) this.ways.clear();
      if (!this.ways.has(key)) this.ways.set(key, train(settings, this.data, this.draws(state.seed, STEPS)));
      return this.ways.get(key);
    }

    draws(seed, steps) {
      if (this.drawnOf !== seed || this.drawnFor < steps) {
        this.kept = normals(seed, 3 * this.data.examples * (steps + 1));
        Object.assign(this, { drawnOf: seed, drawnFor: steps });
      }
      return this.kept;
    }

    /** The point of a training that is shown. */
    point(state) {
      return this.way(state)[this.shown(state)];
    }

    /** The step that is shown: the last one, where it diverged before. */
    shown(state) {
      return Math.min(state.seen, this.way(state).length - 1);
    }

    /** What the last steps come to; where it diverges, after how many steps. */
    end(state) {
      const way = this.way(state);
      if (way.length <= STEPS) return { diverged: way.length };
      return { length: usual(way.slice(-LAST).map(({ length }) => length)), turn: usual(turns(way).slice(-LAST)) };
    }

    /** Where rate and decay balance; nowhere without either normalization or decay. */
    balance(state) {
      if (!state.normalized || state.free) return undefined;
      const slope = slopeOf(this.way(state).slice(STEPS / 2));
      return { slope, length: settled(state.rate, state.decay, slope), turn: predicted(state.rate, state.decay) };
    }

    /** The recorded nets of the same rate and decay, with BN or without. */
    nets({ rate, decay, free, normalized }) {
      return this.data.recorded.find((net) => net.rate === rate && net.decay === (free ? 0 : decay) && net.normalized === normalized);
    }

    with(changes, by) {
      if (by !== "run") this.stop();
      this.change({ by }, { ...this.state, ...changes });
    }

    // ---- Controls ----

    controls() {
      const indexed = (label, values, words, moved) => slider(label, { max: values.length - 1, step: 1, words: (i) => words(values[i]) }, (i) => moved(values[i]));
      this.rate = indexed("Rate", RATES, long, (rate) => this.with({ rate }, "rate"));
      this.decay = indexed("Decay", DECAYS, long, (decay) => this.with({ decay, free: false }, "decay"));
      this.begin = indexed("First length", STARTS, long, (start) => this.with({ start }, "start"));
      this.seen = slider("Step", { max: STEPS, step: 1, words: (seen) => seen.toLocaleString("en") }, (seen) => this.with({ seen }, "seen"));
      this.times = indexed("Multiply", TIMES, (times) => `× ${long(times)}`, (times) => this.with({ times, at: times === 1 ? -1 : this.state.seen }, "times"));
      this.bn = box("Batch normalization", (normalized) => this.with({ normalized }, "bn"));
      this.decays = box("Weight decay", (decays) => this.with({ free: !decays }, "free"));
      return [
        html("div", { class: "piece__rows" }, ...[this.rate, this.decay, this.begin, this.times, this.seen].flatMap((control) => control.parts)),
        html("div", { class: "piece__boxes" }, ...this.bn.parts, ...this.decays.parts),
      ];
    }

    buttons() {
      this.next = button("One step on", () => this.with({ seen: Math.min(this.state.seen + 1, STEPS) }, "seen"));
      this.trade = button("Rate × 4, decay ÷ 4", () => this.with({ rate: RATES[RATES.indexOf(this.state.rate) + 2], decay: DECAYS[DECAYS.indexOf(this.state.decay) - 2], free: false }, "trade"));
      const others = button("Other batches", () => this.with({ seed: (this.state.seed % SEEDS) + 1 }, "seed"));
      return [this.runner(), this.next, this.trade, others];
    }

    further() {
      this.beside = html("p", { class: "piece__sum piece__beside" });
      return [this.beside];
    }

    get lasting() {
      return 8000;
    }

    steps() {
      return STEPS;
    }

    set() {
      const { state } = this;
      this.rate.set(RATES.indexOf(state.rate));
      this.decay.set(DECAYS.indexOf(state.decay));
      this.begin.set(STARTS.indexOf(state.start));
      this.times.set(TIMES.indexOf(state.times));
      this.seen.set(this.shown(state));
      this.bn.input.checked = state.normalized;
      this.decays.input.checked = !state.free;
      this.run.textContent = this.frames ? "Stop" : "Run";
      allow(this.next, state.seen < STEPS);
      this.trade.textContent = state.free ? "Rate × 4: needs decay" : "Rate × 4, decay ÷ 4";
      allow(this.trade, !state.free && RATES.indexOf(state.rate) + 2 < RATES.length && DECAYS.indexOf(state.decay) >= 2);
      this.beside.textContent = this.recorded();
    }

    /** In the charts a hand chooses the step. */
    grabbed(x, y) {
      const left = LEFTS.find((start) => x > start - 4 && x < start + BROAD + 4);
      if (y < TOP || y > BOTTOM + 6 || left === undefined) return undefined;
      const move = (at) => this.with({ seen: clamp(Math.round((STEPS * (at - left)) / BROAD), 0, STEPS) }, "drag");
      move(x);
      return move;
    }

    // ---- The picture ----

    drawn() {
      const { state, before } = this;
      const way = this.way(state), shown = this.shown(state), point = way[shown];
      const balance = this.balance(state), nets = this.nets(state);
      // Where they balanced before the change: without it a circle of another length would look the same.
      const last = before === state ? undefined : this.balance(before);
      const tone = state.normalized ? "bn" : "std";
      const text = (kind, x, y, words) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, words);
      // One that diverges is drawn as far as it has come.
      const scale = fitting([...(way.length <= STEPS ? way.slice(0, shown + 1) : way).map(({ weight }) => weight), ...[balance, last].flatMap((of) => (of ? [[of.length, -of.length]] : []))]);
      const ruler = round(scale, RULER);
      const at = ([x, y], by = scale) => [MIDDLE[0] + by * x, MIDDLE[1] - by * y];
      const best = direction(this.data.directions.best);
      const trail = [...Array(Math.ceil(shown / STRIDE)).keys()].map((i) => STRIDE * i).concat(shown);
      const [tip, whole, end] = [at(point.weight), at(point.weight.map((part, i) => part - LONGER * point.gradient[i])), at(best, fitting([best]))];
      const slope = within(tip, whole);
      const cut = difference(slope, whole) > 1;
      // Its head would hide a short one.
      const headed = Math.hypot(slope[0] - tip[0], slope[1] - tip[1]) > 10;
      const far = point.output.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
      const factor = FACTORS.find((times) => far <= 3.1 * times) ?? FACTORS.at(-1);
      const across = (value) => clamp(OUTPUTS + (UNIT * value) / factor, 176, 324);
      const was = before !== state && before.seen === state.seen && before.seed === state.seed ? this.point(before).output : [];
      const parts = [
        svg("defs", {}, head(tone), head("raw")),
        svg("text", { class: "title", y: 12 }, state.normalized ? "With BN the length sets only the turn" : "Without BN the length counts, too"),
        svg("path", { class: "line", d: `M2 24V30H${px(2 + scale * ruler)}V24` }),
        text("", 6 + scale * ruler, 28, `length ${long(ruler)}`),
        svg("path", { class: "line dashed", d: line([MIDDLE, end]) }),
        ...(last ? [svg("circle", { class: "line was", cx: px(MIDDLE[0]), cy: px(MIDDLE[1]), r: px(scale * last.length), "stroke-opacity": 0.4 })] : []),
        ...(balance ? [svg("circle", { class: `line dashed ${tone}`, cx: px(MIDDLE[0]), cy: px(MIDDLE[1]), r: px(scale * balance.length) })] : []),
        svg("path", { class: `line ${tone}`, d: line(trail.map((k) => at(way[k].weight))) }),
        svg("path", { class: `line thick ${tone}`, d: line([MIDDLE, tip]), "marker-end": `url(#compass-head-${tone})` }),
        svg("path", { class: `line thick raw ${cut ? "dashed" : ""}`, d: line([tip, slope]), "marker-end": headed && "url(#compass-head-raw)" }),
        text("halo", end[0] - 14, end[1] - 4, "best"),
        text("", 172, 32, `After ${shown.toLocaleString("en")} of ${counted(STEPS)}`),
        text(`bold ${tone}`, 172, 50, `length ${sized(point.length)}`),
        text("", 172, 66, `rate / length² ${this.effective(point)}`),
        text("bold raw", 172, 82, `gradient ${sized(point.slope)}`),
        text("", 172, 98, point.turn === undefined ? "" : `next step turns it ${angle(point.turn)}`),
        text("", 172, 122, "outputs for the next batch"),
        svg("path", { class: "line", d: `M172 142H328${[-2, 0, 2].map((mark) => `M${OUTPUTS + UNIT * mark} 138V146`).join("")}` }),
        ...[-2, 0, 2].map((mark) => text("middle", OUTPUTS + UNIT * mark, 158, fixed(mark * factor, 0))),
        ...was.map((value) => svg("circle", { class: "solid soft", cx: px(across(value)), cy: "142.0", r: 2 })),
        ...point.output.map((value) => svg("circle", { class: `line hollow ${tone}`, cx: px(across(value)), cy: "142.0", r: 4, "fill-opacity": was.length ? 0 : undefined })),
        ...this.charted(way, shown, balance, nets, tone, text),
      ];
      const heard = `After ${shown.toLocaleString("en")} of ${counted(STEPS)} the weight is ${sized(point.length)} long, its gradient ${sized(point.slope)}${point.turn === undefined ? "" : `, and the next step turns it by ${angle(point.turn)}`}. ${this.ending(state)}`;
      return { parts, height: 302, heard };
    }

    /** Two charts over the steps: the length, and the turn in a step. */
    charted(way, shown, balance, nets, tone, text) {
      const { state } = this;
      const spans = [];
      for (let k = 0; k + 1 < way.length; k += SPAN) spans.push(usual(turns(way).slice(k, k + SPAN)));
      const whole = [...Array(Math.ceil(way.length / (2 * STRIDE))).keys()].map((i) => 2 * STRIDE * i);
      const rows = [
        { title: "length", level: balance?.length, dots: nets?.length, points: whole.map((k) => [k, way[k].length]), here: way[shown].length },
        { title: "turn in a step, degrees", level: balance?.turn, dots: nets?.turn, points: spans.map((turn, i) => [SPAN * (i + 0.5), turn]), here: spans[Math.min(Math.floor(shown / SPAN), spans.length - 1)] },
      ];
      const size = nets && balance && slopeOfNets(nets) < balance.slope ? "shorter" : "longer";
      const legend = nets ? [svg("circle", { class: "line hollow", cx: "3.0", cy: "294.0", r: 2 }), text("", 10, 294, `${nets.seeds} recorded nets${balance ? `: ${size} gradients, so ${size} weights` : " at this rate and decay"}`)] : [];
      return [
        ...rows.flatMap(({ title, level, dots = [], points, here }, i) => {
          const values = [here, ...points.map(([, value]) => value), ...dots, ...(level ? [level] : [])].filter((value) => value > 0);
          const low = Math.min(-1, Math.max(-4, Math.floor(Math.log10(Math.min(...values)))));
          const high = Math.max(1, Math.ceil(Math.log10(Math.max(...values))));
          const up = (value) => clamp(BOTTOM - ((BOTTOM - TOP) * (Math.log10(value) - low)) / (high - low), TOP, BOTTOM);
          const place = ([step, value]) => [LEFTS[i] + (BROAD * step) / STEPS, up(value)];
          const skip = Math.ceil((high - low) / 4);
          const marks = [...Array(high - low + 1).keys()].map((k) => high - k).filter((mark) => (high - mark) % skip === 0);
          const when = LEFTS[i] + (BROAD * state.at) / STEPS;
          return [
            text("bold", i ? 172 : 0, 182, title),
            svg("path", { class: "line", d: `M${LEFTS[i]} ${TOP}V${BOTTOM}H${LEFTS[i] + BROAD}${marks.map((mark) => `M${LEFTS[i] - 4} ${px(up(10 ** mark))}H${LEFTS[i]}`).join("")}` }),
            ...marks.map((mark) => text("end", LEFTS[i] - 6, up(10 ** mark), power(mark))),
            // Beside the key of the second there is no room for more.
            text("end", LEFTS[i] + BROAD, 277, i ? STEPS.toLocaleString("en") : counted(STEPS)),
            ...(level ? [svg("path", { class: `line dashed ${tone}`, d: `M${px(LEFTS[i])} ${px(up(level))}H${px(LEFTS[i] + BROAD)}` })] : []),
            ...(state.at >= 0 ? [svg("path", { class: "line", d: `M${px(when)} ${TOP - 2}V${BOTTOM}` }), text("middle halo", clamp(when, LEFTS[i] + 14, LEFTS[i] + BROAD - 14), TOP - 5, `× ${long(state.times)}`)] : []),
            svg("path", { class: `line ${tone}`, d: line(points.map(place)) }),
            ...dots.map((value, k) => place([nets.steps[k], value])).map(([cx, cy]) => svg("circle", { class: "line hollow", cx: px(cx), cy: px(cy), r: 2 })),
            svg("circle", { class: `solid ${tone}`, cx: px(place([shown, here])[0]), cy: px(up(here)), r: 4 }),
            ...(i && level ? [svg("path", { class: `line dashed ${tone}`, d: "M172 277H186" }), text(tone, 190, 277, `predicted ${angle(level)}`)] : []),
          ];
        }),
        ...legend,
      ];
    }

    effective({ length }) {
      const value = this.state.rate / length ** 2;
      return value < 0.001 || value >= 1000 ? scientific(value) : fixed(value, value < 0.1 ? 3 : 2);
    }

    // ---- Words and numbers ----

    get invitation() {
      return `${this.standing()} ${this.ending(this.state)} Multiply the weight, start it longer, trade rate for decay, or switch BN or decay off.`;
    }

    standing() {
      const { length, turn } = this.point(this.state);
      return `After ${counted(this.shown(this.state))} the weight is ${sized(length)} long${turn === undefined ? "" : `, and the next step turns it by ${angle(turn)}`}.`;
    }

    /** What the training comes to, and what was to be expected of it. */
    ending(state) {
      const { length, turn, diverged } = this.end(state), balance = this.balance(state);
      if (diverged !== undefined) return `Without BN this rate is too large: the training diverges within ${counted(diverged)}.`;
      const found = `Over the last ${LAST} of ${counted(STEPS)} a step turns it by ${angle(turn)} (root mean square) at a length of ${sized(length)}`;
      if (!state.normalized) return `${found}; rate and decay alone do not predict that without BN.`;
      if (!balance) return `${found}; without decay it only grows, and turns less and less.`;
      return `${found}; ${this.rests(state) ? "" : "once it rests, "}rate and decay alone predict ${angle(balance.turn)}.`;
    }

    /** Whether steps have come to turn the weight about as far as where rate and decay balance. */
    rests(state) {
      return Math.abs(Math.log(this.end(state).turn / this.balance(state).turn)) < 0.15;
    }

    told(what) {
      if (what.by === "reset") return this.invitation;
      const { state, before } = this;
      const cause = {
        rate: () => `The rate went from ${long(before.rate)} to ${long(state.rate)}.`,
        decay: () => `The decay is now ${long(state.decay)}.`,
        start: () => `The weight now starts ${long(state.start)} long instead of ${long(before.start)}.`,
        trade: () => "Four times the rate, and a quarter of the decay.",
        free: () => (state.free ? "Nothing shrinks the weight any more." : "Weight decay shrinks the weight again."),
        bn: () => (state.normalized ? "The outputs are normalized by their batch again." : "The outputs are no longer normalized."),
        seed: () => "These are other batches of the same kind.",
        times: () => this.multiplied(),
      }[what.by];
      if (!cause) return `${this.standing()} ${this.ending(state)}`;
      if (what.by === "times") return `${cause()} ${this.ending(state)}`;
      const [was, is] = [before, state].map((of) => this.end(of));
      const [length, turn] = [[was.length, is.length].map(sized), [was.turn, is.turn].map(angle)];
      const compared =
        was.diverged === undefined && is.diverged === undefined
          ? `Over the last ${LAST} steps the length is ${length[1]}${length[0] === length[1] ? ", as before" : `; before the change it was ${length[0]}`}. A step turns it by ${turn[1]}${turn[0] === turn[1] ? ", as before" : ` instead of ${turn[0]}`}.`
          : "";
      const rule = compared && this.balance(state) ? `${this.rests(state) ? "Rate" : "Once it rests, rate"} and decay alone predict ${angle(this.balance(state).turn)}.` : "";
      return [cause(), compared, rule || (compared ? "" : this.ending(state))].filter(Boolean).join(" ");
    }

    /** What became of outputs, gradient and turn. */
    multiplied() {
      const { state } = this;
      const at = state.at >= 0 ? state.at : state.seen;
      const [was, is] = [{ ...state, times: 1, at: -1 }, state].map((of) => this.point({ ...of, seen: at }));
      if (state.at < 0) return "The weight is as it was.";
      const moved = difference(is.output, was.output);
      const outputs = moved < 1e-9 ? "no output moves" : `outputs move by up to ${sized(moved)}`;
      const turned = is.turn === undefined ? "" : `, and the next step turns it by ${angle(is.turn)} instead of ${angle(was.turn)}`;
      return `After ${counted(at)} the weight was multiplied by ${long(state.times)}: ${outputs}, the gradient goes from ${sized(was.slope)} to ${sized(is.slope)}${turned}.`;
    }

    /** How the recorded nets of the same rate and decay differ. */
    recorded() {
      const { state } = this, nets = this.nets(state), balance = this.balance(state);
      if (!nets) return this.data.recorded.length ? `No recorded net ${state.normalized ? "with" : "without"} BN has this rate and decay. There are nets of ${this.pairs()}.` : "";
      const length = nets.length.at(-1), turn = nets.turn.at(-1);
      const found = `${nets.seeds} recorded nets of 784 pixels and two hidden layers, ${state.normalized ? "with" : "without"} BN, turn their first layer by ${angle(turn)} a step after ${counted(nets.steps.at(-1))}, at a length of ${fixed(length)}.`;
      if (!balance) return found;
      return `${found} The turn needs no gradient, so the two agree once both are at rest. The length depends on it: at a length of 1 a gradient is about ${short(slopeOfNets(nets), 3)} long there and ${fixed(balance.slope)} here.`;
    }

    /** The rates and decays of the recorded nets. */
    pairs() {
      const same = this.data.recorded.filter(({ normalized }) => normalized === this.state.normalized);
      return listed(same.map(({ rate, decay }) => `rate ${long(rate)} with ${decay ? `decay ${long(decay)}` : "no decay"}`));
    }

    numbers() {
      const { state } = this, way = this.way(state), nets = this.nets(state);
      const marks = [...new Set([0, 64, 192, 448, 640, 960, 1216, state.seen].filter((k) => k < way.length - 1))].sort((a, b) => a - b);
      const best = direction(this.data.directions.best);
      const rows = marks.map((k) => {
        const { weight: [u, v], length, slope } = way[k];
        const off = Math.abs(Math.atan2(u * best[1] - v * best[0], u * best[0] + v * best[1])) / DEGREE;
        const found = nets ? [nets.length, nets.turn].map((values) => fixed(values[nets.steps.indexOf(k)] ?? NaN, 3)) : [];
        return [String(k), ...[length, state.rate / length ** 2, slope, usual(turns(way).slice(k, k + 8)), off].map((value) => fixed(value, 3)), ...found.map((value) => (value === "NaN" ? "–" : value))];
      });
      return table(
        "After so many steps: length, effective rate, length of the gradient, turn in a step (root mean square of the next eight) and how far the weight is from the best direction, in degrees",
        ["step", "length", "rate / length²", "gradient", "turn", "off", ...(nets ? ["length, nets", "turn, nets"] : [])],
        rows,
      );
    }

    witnessed({ settings, expected }) {
      const way = train(settings, this.data, normals(settings.seed, 3 * this.data.examples * (settings.steps + 1))), last = way.at(-1);
      const { rate, decay } = settings;
      const rests = decay ? [settled(rate, decay, slopeOf(way)), predicted(rate, decay)] : [];
      return difference([...last.weight, ...last.output, ...last.gradient, usual(turns(way).slice(-LAST)), ...rests], expected);
    }
  }

  window.bnreport.pieces.compass = { train, turns, usual };
  customElements.define("bn-compass", Compass);
})();
