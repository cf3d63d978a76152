/* Who is in the room: one example among neighbors, and what a net with batch normalization makes of it. */
(() => {
  "use strict";
  const { Piece, allow, box, button, choice, clamp, difference, fixed, html, paired, short, slider, svg, table, tenTo, uniform } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/lessons/room.py and bnreport/reference.py ----

  const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;
  const columns = (rows) => [0, 1].map((feature) => rows.map((row) => row[feature]));

  /** Draw a batch: its examples and their classes; the one that stays comes first. */
  const batch = ({ company, size, seed }, { centres, spread, fixed: stays, own, alike }) => {
    const x = [stays], classes = [own];
    for (let i = 0; i < size - 1; i += 1) {
      const [u, v, w] = [1, 2, 3].map((k) => uniform(seed, 3 * i + k));
      const which = alike[company] ?? Math.floor(centres.length * u);
      const moved = paired(v, w);
      classes.push(which);
      x.push(company === "copies" ? stays : centres[which].map((middle, feature) => middle + spread * moved[feature]));
    }
    return { x, classes };
  };

  /** How sure the dense layer is of each class at a place behind BN: a softmax. */
  const shares = (place, { weights, biases }) => {
    const logits = weights.map(([a, b], i) => a * place[0] + b * place[1] + biases[i]);
    const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
    const whole = powers.reduce((total, power) => total + power, 0);
    return powers.map((power) => power / whole);
  };

  const largest = (values) => values.indexOf(Math.max(...values));

  /** Normalize examples by their own statistics or by stored ones, and pass them through the dense layer. */
  const look = (x, net, stored) => {
    const means = stored ? net.mean : columns(x).map(mean);
    const variances = stored ? net.variance : columns(x).map((values, i) => mean(values.map((value) => (value - means[i]) ** 2)));
    const places = x.map((row) => row.map((value, i) => (value - means[i]) / Math.sqrt(variances[i] + net.epsilon)));
    const sure = places.map((place) => shares(place, net));
    return { mean: means, variance: variances, places, shares: sure, called: sure.map(largest) };
  };

  /** The example that stays in all batches of a kind: where it lands, and how many call it by each class. */
  const repeated = ({ company, size, stored }, data) => {
    const looks = [...Array(data.batches).keys()].map((i) => look(batch({ company, size, seed: i + 1 }, data).x, data.net, stored));
    return { places: looks.map(({ places }) => places[0]), counts: data.centres.map((_, which) => looks.filter(({ called }) => called[0] === which).length) };
  };

  const rightly = (seen, { classes }) => seen.called.filter((which, i) => which === classes[i]).length;

  // ---- Where it is drawn ----

  const CLASSES = [..."ABC"], TONES = ["raw", "gn", "std"];
  const SIDE = 154, TOP = 42, LEFT = 2, RIGHT = 172;
  // The lower left corner of what comes in, and how far it reaches; how far the normalized reach to
  // either side: the narrower where it holds all.
  const CORNER = [-3, -5], REACH = 22, LIMITS = [3.4, 6];
  const BAR = 124, END = 326, ROWS = [206, 228, 250];
  const LETTERS = [[-2.4, -2.4], [0, 2.7], [2.4, -2.4]];
  const px = (value) => value.toFixed(1);
  const line = (places) => `M${places.map(([x, y]) => `${px(x)} ${px(y)}`).join(" ")}Z`;
  const percent = (share) => (share > 0.99 && share < 1 ? ">99%" : `${fixed(100 * share, 0)}%`);
  const placed = (left, shareOf) => (point) => {
    const [across, up] = point.map((value, i) => clamp(shareOf(value, i), 0, 1));
    return [left + SIDE * across, TOP + SIDE * (1 - up)];
  };

  /** The corners of a polygon that is cut along a line, on whose one side it stays. */
  const kept = (corners, slope, start) => {
    const at = ([x, y]) => slope[0] * x + slope[1] * y + start;
    return corners.flatMap((corner, i) => {
      const following = corners[(i + 1) % corners.length], here = at(corner), there = at(following);
      const share = here / (here - there);
      return [...(here >= 0 ? [corner] : []), ...(here * there < 0 ? [corner.map((value, k) => value + (following[k] - value) * share)] : [])];
    });
  };

  /** Where behind BN the net names each class, as polygons. */
  const regions = (far, { weights, biases }) =>
    weights.map((weight, one) =>
      weights.reduce(
        (corners, against, other) => (other === one ? corners : kept(corners, weight.map((value, k) => value - against[k]), biases[one] - biases[other])),
        [[-far, -far], [far, -far], [far, far], [-far, far]],
      ),
    );

  /** What normalized examples have: no mean, and a variance that epsilon keeps below one. */
  const normalized = ({ variance }, { epsilon }) => ({ mean: [0, 0], variance: variance.map((value) => value / (value + epsilon)) });

  /** One deviation to either side of a mean. */
  const around = ({ mean: [a, b], variance }) => {
    const [across, up] = variance.map(Math.sqrt);
    return [[a - across, b - up], [a + across, b - up], [a + across, b + up], [a - across, b + up]];
  };

  /** Dots around places, to the pixel: the larger, the more lie there. */
  const dots = (places) => {
    const found = new Map();
    for (const place of places) {
      const key = place.map(Math.round).join(" ");
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    return [...found].map(([key, count]) => {
      const far = px(1.3 * Math.cbrt(count)), [x, y] = key.split(" ").map(Number);
      return `M${px(x - far)} ${px(y)}a${far} ${far} 0 1 0 ${px(2 * far)} 0a${far} ${far} 0 1 0 ${px(-2 * far)} 0Z`;
    }).join("");
  };

  /** The sign of a class around a place: a circle, a square, a triangle. */
  const mark = (which, [x, y]) =>
    [
      `M${px(x - 3.2)} ${px(y)}a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0Z`,
      `M${px(x - 2.9)} ${px(y - 2.9)}h5.8v5.8h-5.8Z`,
      `M${px(x - 3.6)} ${px(y + 2.9)}h7.2l-3.6 -6.4Z`,
    ][which];

  const one = (text, values) => values.find((value) => String(value) === text);

  class Room extends Piece {
    // ---- State ----

    started() {
      return { ...this.data.start };
    }

    accepted(asked) {
      const { start, data } = this;
      const seed = /^\d+$/.test(asked.seed ?? "") ? clamp(Number(asked.seed), 1, data.batches) : start.seed;
      return {
        company: Object.hasOwn(data.rooms, asked.company ?? "") ? asked.company : start.company,
        size: one(asked.size, data.sizes) ?? start.size,
        seed,
        stored: asked.stored === "yes",
      };
    }

    written() {
      const { state, start } = this, told = {};
      for (const name of ["company", "size", "seed"]) if (state[name] !== start[name]) told[name] = state[name];
      if (state.stored) told.stored = "yes";
      return told;
    }

    with(changes, by) {
      this.change({ by }, { ...this.state, ...changes });
    }

    /** The batch as drawn and as seen, and what becomes of the one that stays in all of its kind. */
    worked(state) {
      const drawn = batch(state, this.data);
      return { ...drawn, ...look(drawn.x, this.data.net, state.stored) };
    }

    kind(state) {
      const key = `${state.company} ${state.size} ${state.stored}`;
      this.kinds = this.kinds ?? new Map();
      if (!this.kinds.has(key)) this.kinds.set(key, repeated(state, this.data));
      return this.kinds.get(key);
    }

    /** Whether another draw is another batch. */
    get drawable() {
      return this.state.size > 1 && this.state.company !== "copies";
    }

    // ---- Controls ----

    controls() {
      const { sizes, rooms, batches } = this.data;
      this.size = slider("Batch size", { max: sizes.length - 1, step: 1, words: (i) => (i ? String(sizes[i]) : "1, alone") }, (i) => this.with({ size: sizes[i] }, "size"));
      this.company = choice("Who else is there", rooms, (company) => this.with({ company }, "company"));
      this.stored = box("Use stored averages", (stored) => this.with({ stored }, "stored"));
      const next = (step) => () => this.with({ seed: ((this.state.seed - 1 + step + batches) % batches) + 1 }, "seed");
      this.another = button("Another batch", next(1));
      this.former = button("The one before", next(-1));
      return [
        html("div", { class: "piece__buttons" }, this.another, this.former),
        html("div", { class: "piece__rows" }, ...this.size.parts),
        html("div", { class: "piece__choice" }, ...this.company.parts),
        ...this.stored.parts,
      ];
    }

    buttons() {
      return [];
    }

    set() {
      const { state, data } = this;
      this.size.set(data.sizes.indexOf(state.size));
      this.company.input.value = state.company;
      this.stored.input.checked = state.stored;
      for (const button of [this.another, this.former]) allow(button, this.drawable);
    }

    // ---- The picture ----

    drawn() {
      const { state, before, data } = this, { net } = data;
      const seen = this.worked(state), { places: cloud, counts } = this.kind(state);
      const limit = LIMITS.find((reach) => [...seen.places, ...cloud].flat().every((value) => Math.abs(value) < reach));
      const coming = placed(LEFT, (value, i) => (value - CORNER[i]) / REACH), normal = placed(RIGHT, (value) => (value + limit) / (2 * limit));
      const text = (kind, x, y, words) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, words);
      const path = (kind, d) => svg("path", { class: kind, d });
      const others = (kind, points, place) => points.slice(1).map((point, i) => path(`line ${kind}${TONES[seen.classes[i + 1]]}`, mark(seen.classes[i + 1], place(point))));
      const circle = (kind, [x, y], r) => svg("circle", { class: kind, cx: px(x), cy: px(y), r });
      const ring = (place) => circle("line thick hollow raw", place, 8);
      const [first, landed] = [coming(seen.x[0]), normal(seen.places[0])];
      const tone = state.stored ? "dashed" : "bn";
      const parts = [
        svg("text", { class: "title", y: 12 }, this.title(seen)),
        text("", LEFT, 31, "what comes in"),
        text("", RIGHT, 31, "as the net sees it"),
        path("line", "M2 42H156V196H2Z"),
        ...regions(limit, net).map((corners, i) => path(`filled ${TONES[i]}`, line(corners.map(normal)))),
        path("line", "M172 42H326V196H172Z"),
        path("line dashed", line(around(net).map(coming))),
        ...(state.stored ? [] : [path("line thick bn", line(around(seen).map(coming)))]),
        path(`line thick ${tone}`, line(around(normalized(seen, net)).map(normal))),
        ...LETTERS.map((place, i) => {
          const [x, y] = normal(place.map((value) => (value * limit) / LIMITS[0]));
          return svg("text", { class: `bold middle halo ${TONES[i]}`, x: px(x), y: px(y) }, CLASSES[i]);
        }),
        ...others("hollow ", seen.x, coming),
        ring(first),
        circle("solid raw", first, 3.6),
        ...(before === state ? [] : [circle("line dashed", normal(this.worked(before).places[0]), 8)]),
        ring(landed),
        // Above the ring and below outlines: of two, most batches put it where one of both lies.
        path("soft", dots(cloud.map(normal))),
        ...others("", seen.places, normal),
        circle("solid raw", landed, 2.6),
      ];
      const rows = [
        // By stored averages it would be the last row again.
        ...(state.stored ? [] : [[ROWS[0], state.size > 1 ? "answer in this batch" : "answer, alone", seen.shares[0], percent]]),
        [ROWS[1], `in ${data.batches} such batches`, counts.map((count) => count / data.batches), (share) => `${fixed(share * data.batches, 0)} times`],
        [ROWS[2], "by stored averages", look([data.fixed], net, true).shares[0], percent],
      ];
      for (const [row, name, of, words] of rows) parts.push(text("", 0, row + 8, name), ...this.bars(row, of, words));
      return { parts, height: 270, heard: `${this.title(seen)}. ${this.standing(seen)}` };
    }

    /** A row of shares: of each class that has one, its bar and label. */
    bars(row, of, words) {
      let start = BAR;
      return of.flatMap((share, i) => {
        const end = start + (END - BAR) * share, from = start;
        start = end;
        if (end - from <= 1) return [];
        const label = end - from > 60 ? [svg("text", { class: "small middle", x: px((from + end) / 2), y: px(row + 8) }, `${CLASSES[i]} ${words(share)}`)] : [];
        return [svg("path", { class: `line filled ${TONES[i]}`, d: `M${px(from)} ${row}H${px(end)}V${row + 16}H${px(from)}Z` }), ...label];
      });
    }

    // ---- Words ----

    title({ called }) {
      const { size, stored } = this.state, name = CLASSES[called[0]];
      if (stored) return `By stored averages the A is called ${name}`;
      return size > 1 ? `In this batch of ${size} the A is called ${name}` : `Alone, the A is called ${name}`;
    }

    get invitation() {
      return `${this.standing(this.worked(this.state))} Draw other neighbors for it, and choose who they are.`;
    }

    /** Where it lies, what it is called, and how that goes in other batches. */
    standing(seen) {
      const { state, data } = this, [x, y] = seen.places[0].map((value) => fixed(value, 2, true));
      const sure = percent(Math.max(...seen.shares[0])).replace(">", "over ");
      const here = `The ringed A lies at (${x}, ${y}) and is called ${CLASSES[seen.called[0]]}, ${sure} sure.`;
      if (!this.drawable) return here;
      const count = this.kind(state).counts[data.own], right = rightly(seen, seen);
      const often = count > 1 ? `is called A ${count} times` : count ? "is called A once" : "is never called A";
      return `${here} In ${data.batches} such batches it ${often}. In this one, ${right} of ${state.size} ${right === 1 ? "is" : "are"} called right.`;
    }

    told(what) {
      const { state } = this;
      if (what.by === "reset") return this.invitation;
      const seen = this.worked(state);
      return [this.cause(what.by), this.standing(seen), this.special(seen)].filter(Boolean).join(" ");
    }

    cause(by) {
      if (by !== "seed" || this.state.stored) return "";
      const { seed, size, company } = this.state, key = `${seed} ${size} ${company}`;
      this.met = this.met ?? new Set();
      const again = this.met.has(key);
      this.met.add(key).add(`${this.before.seed} ${size} ${company}`);
      return again ? `Batch ${seed} again: the same neighbors give the same numbers.` : `Batch ${seed} of ${this.data.batches}.`;
    }

    /** What is special about this batch, if anything is. */
    special({ places, called }) {
      const { company, size, stored } = this.state;
      if (stored) return "No neighbor counts any more: every batch gives the same.";
      const middle = `zero is left in both features, and there this net says ${CLASSES[called[0]]}`;
      if (size === 1) return `It is its own mean, as any other example would be: ${middle}.`;
      if (company === "copies") return `Copies are no company, as if it were alone: ${middle}.`;
      if (size === 2) return `Of two, each feature keeps only which is larger${places[0].every((value) => Math.abs(value) > 0.995) ? "" : "; these differ so little in one that epsilon counts"}.`;
      if (company === "own") return "The mean of its own class is taken away, so the class comes to lie in the middle.";
      return company === "other" ? "Among Cs it is the odd one out, and the Cs come to lie in the middle." : "";
    }

    numbers() {
      const { state, data } = this, seen = this.worked(state);
      const two = (values, digits) => values.map((value) => short(value, digits)).join(" and ");
      const rows = seen.x.map((row, i) => [
        i ? String(i + 1) : "ringed",
        CLASSES[seen.classes[i]],
        ...row.map((value) => fixed(value)),
        ...seen.places[i].map((value) => fixed(value, 4)),
        CLASSES[seen.called[i]],
        percent(Math.max(...seen.shares[i])),
      ]);
      const { counts } = this.kind(state);
      const caption =
        `${state.stored ? "Stored mean" : "Mean"} ${two(seen.mean, 4)}, variance ${two(seen.variance, 4)}, ε = ${tenTo(Math.round(Math.log10(data.net.epsilon)))}. ` +
        `${data.batches} such batches call the ringed one ${CLASSES.map((name, i) => `${name} ${counts[i]} times`).join(", ")}`;
      return table(caption, ["example", "class", "x₁", "x₂", "x̂₁", "x̂₂", "called", "sure"], rows);
    }

    witnessed({ settings, expected }) {
      const seen = this.worked(settings), { counts } = this.kind(settings);
      return difference([...seen.mean, ...seen.variance, ...seen.places.flat(), ...seen.shares.flat(), ...counts, rightly(seen, seen)], expected);
    }
  }

  window.bnreport.pieces.room = { batch, look, repeated, regions };
  customElements.define("bn-room", Room);
})();
