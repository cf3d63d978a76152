/* The live lab: two small nets learn two spirals in the reader's browser, with batch normalization and without. */
(() => {
  "use strict";

  // ---- The arithmetic, as in bnreport/lessons/lab.py. Every sum is taken in the same order, and every function of real
  // numbers that a step needs is made of sums, products and roots, so that all browsers train the very same nets. ----

  const FAR = 60;

  /** Multiply rows of inputs by weights. */
  const dense = (x, weight, inputs, units) => {
    const rows = x.length / inputs, sums = new Float64Array(rows * units);
    for (let row = 0, from = 0, to = 0; row < rows; row += 1, from += inputs) {
      for (let unit = 0; unit < units; unit += 1, to += 1) {
        let sum = 0;
        for (let i = 0, at = unit; i < inputs; i += 1, at += units) sum += x[from + i] * weight[at];
        sums[to] = sum;
      }
    }
    return sums;
  };

  /** Values where an output is positive, and zero elsewhere: ReLU, and its gradient. */
  const positive = (output, values) => {
    const kept = new Float64Array(values.length);
    for (let i = 0; i < kept.length; i += 1) if (output[i] > 0) kept[i] = values[i];
    return kept;
  };

  /** The mean, the variance and what is normalized, by unit. */
  const normalized = (sums, units, epsilon) => {
    const rows = sums.length / units, hat = new Float64Array(sums.length);
    const [mean, variance, deviation] = [1, 2, 3].map(() => new Float64Array(units));
    for (let unit = 0; unit < units; unit += 1) {
      for (let at = unit; at < sums.length; at += units) mean[unit] += sums[at];
      mean[unit] /= rows;
      for (let at = unit; at < sums.length; at += units) {
        hat[at] = sums[at] - mean[unit];
        variance[unit] += hat[at] * hat[at];
      }
      variance[unit] /= rows;
      deviation[unit] = Math.sqrt(variance[unit] + epsilon);
      const inverse = 1 / deviation[unit];
      for (let at = unit; at < sums.length; at += units) hat[at] *= inverse;
    }
    return { mean, variance, deviation, hat };
  };

  const shifted = (values, units, shift, scale) => {
    const moved = new Float64Array(values.length);
    for (let unit = 0; unit < units; unit += 1) {
      const factor = scale ? scale[unit] : 1;
      for (let at = unit; at < values.length; at += units) moved[at] = factor * values[at] + shift[unit];
    }
    return moved;
  };

  /** Pass points through a net as in training: batch normalization takes their own statistics. */
  const passed = (net, x, epsilon) => {
    const passes = [];
    for (const { inputs, units, weight, shift, scale } of net) {
      const sums = dense(x, weight, inputs, units), batch = scale && normalized(sums, units, epsilon);
      const output = shifted(batch ? batch.hat : sums, units, shift, scale);
      passes.push({ x, batch, output });
      x = positive(output, output);
    }
    return passes;
  };

  /** The logarithms of the odds at inference, by statistics of each hidden layer under this name. */
  const answers = (net, x, name, epsilon) => {
    let output;
    for (const layer of net) {
      const { inputs, units, weight, shift, scale } = layer, sums = dense(x, weight, inputs, units);
      if (scale) {
        const { mean, variance } = layer[name];
        const factors = scale.map((value, unit) => value / Math.sqrt(variance[unit] + epsilon));
        output = shifted(sums, units, shift.map((value, unit) => value - factors[unit] * mean[unit]), factors);
      } else output = shifted(sums, units, shift);
      x = positive(output, output);
    }
    return output;
  };

  /** The exponential of what is not positive. */
  const power = (exponent) => {
    const small = Math.max(exponent, -FAR) / 256;
    let whole = 1;
    for (let k = 12; k > 0; k -= 1) whole = 1 + (small * whole) / k;
    for (let k = 0; k < 8; k += 1) whole *= whole;
    return whole;
  };

  const share = (odds) => {
    const part = power(-Math.abs(odds));
    return (odds >= 0 ? 1 : part) / (1 + part);
  };

  /** The gradient of the mean cross-entropy by each layer. */
  const slopes = (net, passes, target) => {
    const found = [], rows = target.length;
    let arriving = passes.at(-1).output.map((odds, row) => (share(odds) - target[row]) / rows);
    for (let l = net.length - 1; l >= 0; l -= 1) {
      const { inputs, units, weight, scale } = net[l], { x, batch } = passes[l];
      const slope = { weight: new Float64Array(weight.length), shift: new Float64Array(units) };
      let behind = arriving;
      for (let unit = 0; unit < units; unit += 1) for (let at = unit; at < arriving.length; at += units) slope.shift[unit] += arriving[at];
      if (batch) {
        slope.scale = new Float64Array(units);
        behind = new Float64Array(arriving.length);
        for (let unit = 0; unit < units; unit += 1) {
          for (let at = unit; at < arriving.length; at += units) slope.scale[unit] += arriving[at] * batch.hat[at];
          // What batch normalization takes out of a gradient.
          const constant = slope.shift[unit] / rows, along = slope.scale[unit] / rows, factor = scale[unit] / batch.deviation[unit];
          for (let at = unit; at < arriving.length; at += units) behind[at] = factor * (arriving[at] - constant - batch.hat[at] * along);
        }
      }
      for (let row = 0; row < rows; row += 1) {
        for (let i = 0, to = 0; i < inputs; i += 1) {
          const value = x[row * inputs + i];
          for (let from = row * units; from < (row + 1) * units; from += 1, to += 1) slope.weight[to] += value * behind[from];
        }
      }
      found.unshift(slope);
      if (!l) break;
      const turned = new Float64Array(weight.length);
      for (let i = 0; i < inputs; i += 1) for (let unit = 0; unit < units; unit += 1) turned[unit * inputs + i] = weight[i * units + unit];
      arriving = positive(passes[l - 1].output, dense(behind, turned, units, inputs));
    }
    return found;
  };

  /** Compare logarithms of odds with classes: the mean cross-entropy, and how many points are right. */
  const scored = (odds, target) => {
    let loss = 0, right = 0;
    odds.forEach((value, row) => {
      loss += Math.log1p(Math.exp(-Math.abs(value))) + (value > 0 ? (1 - target[row]) * value : -target[row] * value);
      right += value > 0 === target[row] > 0.5;
    });
    return { loss: loss / odds.length, right };
  };

  /** A net as it is, how it does on all points, and the statistics of its hidden layers there. */
  const looked = (net, { points, target, epsilon }) => {
    const passes = passed(net, points, epsilon);
    const kept = net.map(({ weight, shift, scale, stored, ...rest }, l) => ({
      ...rest,
      weight: weight.slice(),
      shift: shift.slice(),
      ...(scale && { scale: scale.slice(), stored: { ...stored }, fresh: { mean: passes[l].batch.mean, variance: passes[l].batch.variance } }),
    }));
    const odds = passes.at(-1).output, fresh = scored(odds, target);
    const same = odds.every((value) => value === odds[0] || value !== value);
    return { net: kept, same, fresh, stored: net[0].scale ? scored(answers(net, points, "stored", epsilon), target) : fresh };
  };

  /** Take a step of gradient descent on a batch. */
  const step = (net, x, target, { rate, momentum, epsilon }) => {
    const passes = passed(net, x, epsilon);
    const move = (values, slope) => {
      for (let i = 0; i < slope.length; i += 1) values[i] -= rate * slope[i];
    };
    slopes(net, passes, target).forEach((slope, l) => {
      const layer = net[l], { batch } = passes[l];
      for (const name of Object.keys(slope)) move(layer[name], slope[name]);
      if (batch) for (const name of ["mean", "variance"]) layer.stored[name] = layer.stored[name].map((value, i) => momentum * value + (1 - momentum) * batch[name][i]);
    });
  };

  /** The net before its first step; the same weights with batch normalization and without. */
  const begun = ({ shapes, weights }, bn) => {
    let from = 0;
    return shapes.map(([inputs, units], l) => {
      const weight = weights.slice(from, (from += inputs * units)), zeros = () => new Float64Array(units);
      const layer = { inputs, units, weight, shift: zeros() };
      return bn && l + 1 < shapes.length ? { ...layer, scale: zeros().fill(1), stored: { mean: zeros(), variance: zeros().fill(1) } } : layer;
    });
  };

  /** Train both nets on the same batches, a step at a time; look at both at the start and after every so many. */
  function* training(task) {
    const { points, target, picks, size, steps, every } = task;
    const nets = [false, true].map((bn) => begun(task, bn)), look = () => nets.map((net) => looked(net, task));
    yield look();
    for (let at = 1; at <= steps; at += 1) {
      const drawn = picks.subarray(size * (at - 1), size * at), x = new Float64Array(2 * size);
      drawn.forEach((point, row) => x.set(points.subarray(2 * point, 2 * point + 2), 2 * row));
      const named = Float64Array.from(drawn, (point) => target[point]);
      for (const net of nets) step(net, x, named, task);
      yield at % every ? undefined : look();
    }
  }

  /** Train what was asked for last, in slices of so many milliseconds, and tell what came of each. */
  const paced = (tell, slice) => {
    let current, run;
    const go = (asked) => {
      if (asked !== current) return;
      const end = performance.now() + slice, looks = [];
      let done = false;
      while (!done && performance.now() < end) {
        const next = run.next();
        if (next.value) looks.push(next.value);
        done = next.done;
      }
      if (!done) setTimeout(go, 0, asked);
      if (looks.length || done) tell({ ticket: asked.ticket, key: asked.key, looks, done });
    };
    return (asked) => {
      run = training(asked);
      go((current = asked));
    };
  };

  // In a worker there is no page, and nothing to draw.
  if (typeof document === "undefined") {
    const ask = paced((told) => postMessage(told), 30);
    addEventListener("message", ({ data }) => ask(data));
    return;
  }

  const { Piece, box, button, clamp, difference, fixed, html, short, slider, svg, table, uniform } = window.bnreport.pieces.shared;
  const address = document.currentScript.src;

  /** Who trains: a worker, of this very script. A page from a folder may have none and takes slices of its own time, as one does whose worker fails. */
  const trainer = (tell) => {
    let last;
    const here = () => paced(tell, 8);
    if (location.protocol === "file:") return here();
    const worker = new Worker(address);
    let ask = (asked) => worker.postMessage(asked);
    worker.addEventListener("message", ({ data }) => tell(data));
    worker.addEventListener("error", () => (ask = here())(last));
    return (asked) => ask((last = asked));
  };

  // ---- Draws: the points, the first weights and the batches of a seed ----

  const spirals = (seed, { points: count, turns, noise, grid }) => {
    const points = new Float64Array(2 * count), target = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      const [u, v, w] = [1, 2, 3].map((k) => uniform(3 * seed, 3 * i + k));
      target[i] = i % 2;
      const radius = 0.05 + 0.95 * Math.sqrt(u), angle = 2 * Math.PI * turns * radius + Math.PI * target[i];
      [[Math.cos(angle), v], [Math.sin(angle), w]].forEach(([part, moved], k) => {
        points[2 * i + k] = Math.floor(grid * (2 * (radius * part + noise * (moved - 0.5))) + 0.5) / grid;
      });
    }
    return { points, target };
  };

  /** All that a training needs, as plain arrays. */
  const tasked = ({ depth, rate, size, seed, steps }, data) => {
    const { width, every, momentum, epsilon, points } = data;
    const shapes = [[2, width], ...Array(depth - 1).fill([width, width]), [width, 1]];
    const weights = [];
    for (const [inputs, units] of shapes) for (let i = 0; i < inputs * units; i += 1) weights.push((2 * uniform(3 * seed + 1, weights.length + 1) - 1) * Math.sqrt(6 / inputs));
    const picks = new Int32Array(steps * size);
    for (let i = 0; i < picks.length; i += 1) picks[i] = Math.floor(points * uniform(3 * seed + 2, i + 1));
    return { ...spirals(seed, data), shapes, weights: Float64Array.from(weights), picks, rate, size, steps, every, momentum, epsilon };
  };

  // ---- Where it is drawn ----

  const SIDE = 154, LEFTS = [2, 172], HIGH = 42, REACH = 2.3, CELLS = 28;
  const LEFT = 32, WIDE = 288, TOP = 226, BOTTOM = 298, MOST = 1;
  const TONES = ["std", "bn"], NAMES = ["without BN", "with BN"];
  const px = (value) => value.toFixed(1);
  const line = (places) => `M${places.map(([x, y]) => `${px(x)} ${px(y)}`).join(" ")}`;
  const placed = (left, x, y) => [left + (SIDE * (x + REACH)) / (2 * REACH), HIGH + SIDE - (SIDE * (y + REACH)) / (2 * REACH)];
  const marks = [(x, y) => `M${px(x - 3.5)} ${px(y - 3.5)}h7v7h-7Z`, (x, y) => `M${px(x - 4)} ${px(y)}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z`];

  /** The corners of all cells, as points that a net can be asked of. */
  const corners = () => {
    const points = [];
    for (let row = 0; row <= CELLS; row += 1) for (let column = 0; column <= CELLS; column += 1) points.push(((2 * column) / CELLS - 1) * REACH, (1 - (2 * row) / CELLS) * REACH);
    return Float64Array.from(points);
  };

  /** Where values at the corners are positive: rows of whole cells, and parts of cells. */
  const region = (values, left) => {
    const edge = SIDE / CELLS, parts = [];
    for (let row = 0; row < CELLS; row += 1) {
      for (let column = 0, whole = 0; column <= CELLS; column += 1) {
        const around = column < CELLS ? [[0, 0], [0, 1], [1, 1], [1, 0]].map(([down, across]) => {
          const value = values[(row + down) * (CELLS + 1) + column + across];
          return { value, x: left + edge * (column + across), y: HIGH + edge * (row + down) };
        }) : [];
        const inside = around.filter(({ value }) => value > 0).length;
        if (inside === 4) {
          whole += 1;
          continue;
        }
        if (whole) parts.push(`M${px(left + edge * (column - whole))} ${px(HIGH + edge * row)}h${px(edge * whole)}v${px(edge)}h${px(-edge * whole)}Z`);
        whole = 0;
        if (inside) parts.push(`${line(around.flatMap((one, i) => {
          const other = around[(i + 1) % 4], cut = one.value / (one.value - other.value);
          const crossed = one.value > 0 !== other.value > 0 ? [[one.x + (other.x - one.x) * cut, one.y + (other.y - one.y) * cut]] : [];
          return [...(one.value > 0 ? [[one.x, one.y]] : []), ...crossed];
        }))}Z`);
      }
    }
    return parts.join("");
  };

  const whole = (text, low, high) => (/^\d+$/.test(text ?? "") ? clamp(Number(text), low, high) : undefined);
  const one = (text, values) => values.find((value) => String(value) === text);
  const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
    return (sorted[Math.floor(half)] + sorted[Math.ceil(half) - 1]) / 2;
  };
  /** A loss; beyond all numbers it is as large as can be. */
  const known = (loss) => (Number.isNaN(loss) ? Infinity : loss);
  const lossOf = (value) => (Number.isFinite(value) ? fixed(value, 2) : "∞");

  class Lab extends Piece {
    // ---- State ----

    started() {
      const { depth, rate, size } = this.data.start;
      return { depth, rate, size, seed: 1, seen: this.data.steps, stored: false, many: false };
    }

    accepted(asked) {
      const { start, data } = this;
      return {
        depth: one(asked.depth, data.depths) ?? start.depth,
        rate: one(asked.rate, data.rates) ?? start.rate,
        size: one(asked.size, data.sizes) ?? start.size,
        seed: whole(asked.seed, 1, data.seeds) ?? start.seed,
        seen: Math.floor((whole(asked.seen, 0, data.steps) ?? start.seen) / data.every) * data.every,
        stored: asked.stored === "yes",
        many: asked.many === "yes",
      };
    }

    written() {
      const { state, start } = this, told = {};
      for (const name of ["depth", "rate", "size", "seed", "seen"]) if (state[name] !== start[name]) told[name] = state[name];
      for (const name of ["stored", "many"]) if (state[name]) told[name] = "yes";
      return told;
    }

    with(changes, by) {
      if (by !== "run") this.stop();
      this.change({ by }, { ...this.state, ...changes });
    }

    // ---- Trainings: asked for here, and told by the trainer as they go on ----

    key({ depth, rate, size }, seed) {
      return [depth, rate, size, seed].join(" ");
    }

    /** All trainings that a state shows; its own comes first. */
    wanted(state) {
      const others = state.many ? [...Array(this.data.seeds).keys()].map((i) => i + 1).filter((seed) => seed !== state.seed) : [];
      return [state.seed, ...others].map((seed) => ({ ...state, seed, steps: this.data.steps, key: this.key(state, seed) }));
    }

    request() {
      this.runs ??= new Map();
      this.trainer ??= trainer((told) => this.arrived(told));
      const asked = this.wanted(this.state), keys = asked.map(({ key }) => key).join();
      if (keys === this.asked) return;
      this.asked = keys;
      const kept = [this.key(this.before, this.before.seed), ...asked.map(({ key }) => key)];
      for (const [key, { done }] of this.runs) if (!done || (this.runs.size > 24 && !kept.includes(key))) this.runs.delete(key);
      const missing = asked.filter(({ key }) => !this.runs.has(key));
      this.ticket = (this.ticket ?? 0) + 1;
      for (const { key } of missing) this.runs.set(key, { looks: [], done: false });
      this.queue = missing;
      this.next();
    }

    next() {
      const settings = this.queue.shift();
      if (settings) this.trainer({ ticket: this.ticket, key: settings.key, ...tasked(settings, this.data) });
    }

    arrived({ ticket, key, looks, done }) {
      if (ticket !== this.ticket) return;
      const run = this.runs.get(key);
      run.looks.push(...looks);
      run.done = done;
      // Of ten seeds each is shown as soon as it is whole.
      if (done || key === this.key(this.state, this.state.seed)) super.show(this.what);
      this.ready();
      if (done) this.next();
    }

    /** Say to whoever cannot see it whether a training goes on. */
    ready() {
      this.setAttribute("aria-busy", String(this.wanted(this.state).some(({ seed }) => !this.run(this.state, seed).done)));
    }

    show(what) {
      this.what = what;
      this.request();
      super.show(what);
      this.ready();
    }

    run(state, seed = state.seed) {
      return this.runs.get(this.key(state, seed)) ?? { looks: [], done: false };
    }

    /** Both nets as they are shown: at the step that is looked at, or as far as the training has come. */
    shown(state) {
      const { looks } = this.run(state);
      return looks[Math.min(state.seen / this.data.every, looks.length - 1)];
    }

    score(state, look) {
      return look[state.stored ? "stored" : "fresh"];
    }

    /** The seeds that are trained to the end, once all are. */
    whole(state) {
      const runs = this.wanted(state).map(({ seed }) => this.run(state, seed));
      return state.many && runs.every(({ done }) => done) ? runs : undefined;
    }

    // ---- Controls ----

    controls() {
      const { depths, rates, sizes, steps, every } = this.data;
      const indexed = (label, values, moved) => slider(label, { max: values.length - 1, step: 1, words: (i) => short(values[Math.round(i)], 3) }, (i) => moved(values[i]));
      this.depth = indexed("Depth", depths, (depth) => this.with({ depth }, "depth"));
      this.rate = indexed("Rate", rates, (rate) => this.with({ rate }, "rate"));
      this.size = indexed("Batch size", sizes, (size) => this.with({ size }, "size"));
      this.seen = slider("Step", { max: steps, step: every, words: (seen) => String(seen) }, (seen) => this.with({ seen }, "seen"));
      this.stored = box("Use stored averages", (stored) => this.with({ stored }, "stored"));
      this.many = box("Ten seeds", (many) => this.with({ many }, "many"));
      return [
        html("div", { class: "piece__rows" }, ...[this.depth, this.rate, this.size, this.seen].flatMap((control) => control.parts)),
        html("div", { class: "piece__boxes" }, ...this.many.parts, ...this.stored.parts),
      ];
    }

    buttons() {
      this.play = button("Run", () => (this.frames ? this.stop() : this.watch()));
      return [this.play, button("Another seed", () => this.with({ seed: (this.state.seed % this.data.seeds) + 1 }, "seed"))];
    }

    set() {
      const { state, data } = this;
      this.depth.set(data.depths.indexOf(state.depth));
      this.rate.set(data.rates.indexOf(state.rate));
      this.size.set(data.sizes.indexOf(state.size));
      this.seen.set(state.seen);
      this.stored.input.checked = state.stored;
      this.many.input.checked = state.many;
      this.play.textContent = this.frames ? "Stop" : "Run";
    }

    /** Show the training from its first step, or from where it is, as fast as it can be watched. */
    watch() {
      const { steps, every } = this.data, from = this.state.seen === steps ? 0 : this.state.seen;
      this.by = undefined;
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.with({ seen: this.state.seen === steps ? 0 : steps }, "run");
      let began;
      const go = (now) => {
        // A frame may have begun before the press that asked for it.
        began ??= now;
        const seen = Math.min(steps, from + every * Math.floor(((now - began) / 5000) * (steps / every)));
        this.frames = seen < steps ? requestAnimationFrame(go) : undefined;
        if (seen !== this.state.seen || seen === steps) this.with({ seen }, "run");
      };
      this.frames = requestAnimationFrame(go);
      this.set();
    }

    stop() {
      cancelAnimationFrame(this.frames);
      this.frames = undefined;
      this.play.textContent = "Run";
    }

    reset() {
      this.stop();
      super.reset();
    }

    /** In the chart a hand chooses the step. */
    grabbed(x, y) {
      const { steps, every } = this.data;
      if (x < LEFT - 4 || y < TOP - 4 || y > BOTTOM + 6) return undefined;
      const move = (at) => this.with({ seen: clamp(every * Math.round(((steps / every) * (at - LEFT)) / WIDE), 0, steps) }, "drag");
      move(x);
      return move;
    }

    // ---- The picture ----

    frame() {
      // Until a training has come so far, what stood there without scripts stays.
      const still = [...this.querySelector("svg").childNodes];
      super.frame();
      this.picture.append(...still);
      this.picture.setAttribute("aria-label", this.picture.querySelector("desc").textContent.trim());
    }

    drawn() {
      const { state } = this, looks = this.shown(state);
      if (!looks) return { height: 316, heard: this.picture.getAttribute("aria-label"), parts: [...this.picture.childNodes] };
      const text = (kind, x, y, words) => svg("text", { class: `small ${kind}`.trim(), x: px(x), y: px(y) }, words);
      const path = (kind, d) => svg("path", { class: kind, d });
      const dots = this.dots(state.seed);
      this.corners ??= corners();
      const panels = looks.flatMap((look, which) => {
        const left = LEFTS[which], values = answers(look.net, this.corners, state.stored ? "stored" : "fresh", this.data.epsilon);
        return [
          path(`region ${TONES[which]}`, region(values, left)),
          path("dots", dots[which][1]),
          path("dots", dots[which][0]),
          path("dots dots--hollow", dots[which][0]),
          path("line", `M${left} ${HIGH}h${SIDE}v${SIDE}h${-SIDE}Z`),
          text(`bold ${TONES[which]}`, left, 31, `${NAMES[which]}: ${this.score(state, look).right} right`),
        ];
      });
      const parts = [svg("text", { class: "title", y: 12 }, this.title()), ...panels, ...this.charted(looks, text, path)];
      return { parts, height: 316, heard: `${this.title()}. ${this.standing()}` };
    }

    /** The points of a seed, by panel and class. */
    dots(seed) {
      this.drawnDots ??= {};
      return (this.drawnDots[seed] ??= LEFTS.map((left) => {
        const parts = ["", ""], { points, target } = spirals(seed, this.data);
        target.forEach((named, i) => {
          const [x, y] = placed(left, points[2 * i], points[2 * i + 1]);
          parts[named] += `M${px(x)} ${px(y)}h0`;
        });
        return parts;
      }));
    }

    /** The losses over the steps, of the seed that is shown or of ten. */
    charted(looks, text, path) {
      const { state, before, data } = this, { steps, every } = data;
      const up = (loss) => BOTTOM - ((BOTTOM - TOP) * Math.min(loss, MOST)) / MOST;
      const place = (loss, i) => [LEFT + (WIDE * every * i) / steps, up(loss)];
      const losses = ({ looks: all }, which, of = state) => all.map((both) => known(this.score(of, both[which]).loss));
      const others = this.whole(state), was = this.run(before);
      const curves = [0, 1].flatMap((which) => {
        if (others) {
          const each = others.map((run) => losses(run, which)), at = (pick) => each[0].map((_, i) => place(pick(each.map((row) => row[i])), i));
          const band = [...at((values) => Math.max(...values)), ...at((values) => Math.min(...values)).reverse()];
          return [path(`filled ${TONES[which]}`, `${line(band)}Z`), path(`line thick ${TONES[which]}`, line(at(median)))];
        }
        const shadow = was.done && this.key(before, before.seed) !== this.key(state, state.seed);
        return [
          ...(shadow ? [path(`line dashed ${TONES[which]}`, line(losses(was, which, before).map(place)))] : []),
          path(`line thick ${TONES[which]}`, line(losses(this.run(state), which).map(place))),
        ];
      });
      const at = Math.min(state.seen / every, this.run(state).looks.length - 1);
      // Of ten seeds the mark and the number beside the name are those of the line.
      const ends = looks.map((look, which) => known(others ? median(others.map(({ looks: all }) => known(this.score(state, all[at][which]).loss))) : this.score(state, look).loss));
      const chance = up(Math.LN2);
      return [
        text("bold", 0, 211, others ? "median loss" : "loss"),
        ...ends.flatMap((loss, which) => {
          const x = [122, 238][which];
          return [path(`solid ${TONES[which]}`, marks[which](x - 9, 211)), text(TONES[which], x, 211, `${NAMES[which]} ${lossOf(loss)}`)];
        }),
        path("line", `M${LEFT} ${TOP}V${BOTTOM}H${LEFT + WIDE}${[0, 0.5, 1].map((mark) => `M${LEFT - 4} ${px(up(mark))}H${LEFT}`).join("")}`),
        ...[0, 0.5, 1].map((mark) => text("end", LEFT - 6, up(mark), short(mark))),
        path("line dashed", `M${LEFT} ${px(chance)}H${LEFT + WIDE}`),
        ...curves,
        ...ends.map((loss, which) => path(`solid ${TONES[which]}`, marks[which](...place(loss, at)))),
        // Beside its line no place stays free of curves.
        path("line dashed", `M${LEFT} 309H${LEFT + 14}`),
        text("", LEFT + 18, 309, "chance"),
        text("end", LEFT + WIDE, 309, `${steps} steps`),
      ];
    }

    // ---- Words ----

    rights() {
      return this.shown(this.state).map((look) => this.score(this.state, look).right);
    }

    title() {
      const [plain, bn] = this.rights(), half = this.data.points / 2;
      if (Math.max(plain, bn) < 1.2 * half) return "Neither net has learned much";
      if (Math.abs(plain - bn) < this.data.margin) return "Both nets get about as many right";
      return `With${bn > plain ? "" : "out"} BN the net gets more right`;
    }

    get invitation() {
      return this.shown(this.state) ? `${this.standing()} Change the depth, the rate or the size of the batch, watch both learn, or ask ten seeds.` : "The nets are being trained.";
    }

    standing() {
      const { state, data } = this, [plain, bn] = this.rights(), run = this.run(state);
      const come = Math.min(state.seen, data.every * (run.looks.length - 1));
      const after = come === data.steps ? `After ${come} steps` : `After ${come} of ${data.steps} steps`;
      const here = `${after}, ${plain} of ${data.points} points are right without BN, and ${bn} with it${state.stored ? " by stored averages" : ""}.`;
      return run.done || come === state.seen ? here : `${here} The training goes on.`;
    }

    /** What ten seeds come to. */
    repeated() {
      const { state, data } = this;
      if (!state.many) return "";
      const runs = this.whole(state);
      if (!runs) return `${data.seeds} seeds are being trained.`;
      const rights = runs.map(({ looks }) => looks[state.seen / data.every].map((look) => this.score(state, look).right));
      const between = (which) => {
        const all = rights.map((pair) => pair[which]), low = Math.min(...all), high = Math.max(...all);
        return low === high ? `${low}` : `${low} to ${high}`;
      };
      const count = (test) => rights.filter(test).length;
      const { margin, seeds } = data, many = (n) => (n === seeds ? "all" : n || "none");
      const ahead = count(([plain, bn]) => bn - plain >= margin), behind = count(([plain, bn]) => plain - bn >= margin);
      const by = `by ${margin} points or more`;
      const verdict = behind === seeds ? `BN is behind in all of them, ${by}` : `BN is ahead in ${many(ahead)} of them, ${by}${ahead === seeds ? "" : `, and behind in ${many(behind)}`}`;
      return `Over ${data.seeds} seeds, ${between(0)} are right without BN and ${between(1)} with it; ${verdict}.`;
    }

    /** What is special about these nets, if anything is. */
    special() {
      const { state } = this, [plain, bn] = this.shown(state);
      if (plain.same) return "Without BN the net gives the same answer everywhere.";
      if (state.size === 1) return "Alone in its batch a point is its own mean, and BN leaves nothing of it to learn from.";
      return bn.same ? "With BN the net gives the same answer everywhere." : "";
    }

    told(what) {
      if (what.by === "reset" || !this.shown(this.state)) return this.invitation;
      const { state, before } = this;
      const from = (name, words = name) => `The ${words} went from ${short(before[name], 3)} to ${short(state[name], 3)}.`;
      const cause = {
        depth: () => from("depth"),
        rate: () => from("rate"),
        size: () => from("size", "batch size"),
        seed: () => `Seed ${state.seed}: other points, other first weights and other batches, the same for both nets.`,
        stored: () => (state.stored ? "BN now uses the averages that it stored in training." : "BN now uses the statistics of all points."),
      }[what.by];
      return [cause && before !== state ? cause() : "", this.standing(), state.many ? this.repeated() : this.special()].filter(Boolean).join(" ");
    }

    numbers() {
      const { state, data } = this, others = this.whole(state);
      const cells = (both) => [both[0].fresh, both[1].fresh, both[1].stored].flatMap(({ loss, right }) => [lossOf(loss) === "∞" ? "∞" : fixed(loss, 4), String(right)]);
      const head = ["loss, no BN", "right", "loss, BN", "right", "loss, stored", "right"];
      if (others) {
        const rows = this.wanted(state).map(({ seed }, i) => [String(seed), ...cells(others[i].looks[state.seen / data.every])]);
        return table(`After ${state.seen} steps, for each seed: the loss on all ${data.points} points, and how many are right; with BN by their own statistics, and by stored averages`, ["seed", ...head], rows.sort(([a], [b]) => a - b));
      }
      const { looks } = this.run(state);
      const rows = looks.flatMap((both, i) => ((data.every * i) % 50 && data.every * i !== state.seen ? [] : [[String(data.every * i), ...cells(both)]]));
      return table(`The loss on all ${data.points} points, and how many are right; with BN by their own statistics, and by stored averages`, ["step", ...head], rows);
    }

    witnessed({ settings, expected }) {
      return difference(checked(settings, this.data), expected);
    }
  }

  /** The numbers that both nets of a training are known by: the first gradient, losses before and after, and the last weights. */
  const checked = (settings, data) => {
    const task = { ...tasked(settings, data), every: settings.steps }, first = [...task.picks.subarray(0, task.size)];
    const x = Float64Array.from(first.flatMap((point) => [...task.points.subarray(2 * point, 2 * point + 2)]));
    const named = Float64Array.from(first, (point) => task.target[point]);
    const [starts, ends] = [...training(task)].filter(Boolean);
    return starts.flatMap(({ net, fresh }, which) => {
      const [slope] = slopes(net, passed(net, x, task.epsilon), named), end = ends[which];
      return [...slope.weight, ...slope.shift, ...(slope.scale ?? []), fresh.loss, end.fresh.loss, end.stored.loss, ...end.net.at(-1).weight];
    });
  };

  window.bnreport.pieces.lab = { answers, begun, checked, passed, region, scored, slopes, spirals, tasked, training };
  customElements.define("bn-lab", Lab);
})();
