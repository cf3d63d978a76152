/* Bet before you look: nets without BN at recorded learning rates are shown, and the reader says where BN will lie. */
(() => {
  "use strict";
  const { Piece, allow, button, choice, clamp, difference, fixed, html, short, slider, svg, table } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/lessons/bet.py ----

  const middle = (values) => {
    const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
    return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  };

  /** A bet compared with the runs at each rate. */
  const outcome = (bet, runs) => {
    const median = runs.map(middle), lowest = runs.map((of) => Math.min(...of)), highest = runs.map((of) => Math.max(...of));
    const off = bet.map((value, i) => value - median[i]);
    const mean = off.reduce((total, value) => total + Math.abs(value), 0) / off.length;
    const within = bet.filter((value, i) => lowest[i] <= value && value <= highest[i]).length;
    return { median, lowest, highest, off, mean, within };
  };

  // ---- Where it is drawn: below the shelf, accuracies are squeezed ----

  const LEFT = 28, RIGHT = 320, TOP = 46, SHELF = 176, BOTTOM = 214, LEVEL = 70;
  const px = (value) => value.toFixed(1);
  const counted = (count) => count.toLocaleString("en");

  class Bet extends Piece {
    // ---- State ----

    started() {
      const { net, score, rate } = this.data.start;
      return this.opened(net, score, rate);
    }

    /** A new bet: as the net on raw pixels, so that BN would change nothing. */
    opened(net, score, rate) {
      const { rates, runs } = this.data.nets[net], [low, high, step] = this.data.limits;
      const near = (value) => clamp(Math.round(value / step) * step, low, high);
      return { net, score, at: rates.indexOf(rates.includes(rate) ? rate : this.data.start.rate), drawn: runs.raw[score].map((of) => near(middle(of))), shown: false };
    }

    accepted(asked) {
      const { nets, scores, limits: [low, high] } = this.data, { start } = this;
      const net = Object.hasOwn(nets, asked.net ?? "") ? asked.net : start.net;
      const score = Object.hasOwn(scores, asked.score ?? "") ? asked.score : start.score;
      const state = this.opened(net, score, Number(asked.rate ?? this.data.start.rate));
      const drawn = (asked.drawn ?? "").split(" ").map((word) => (word ? Number(word) : NaN));
      if (drawn.length === state.drawn.length && drawn.every(Number.isFinite)) state.drawn = drawn.map((value) => clamp(value, low, high));
      return { ...state, shown: asked.shown === "yes" };
    }

    written() {
      const { state, start } = this, told = {};
      const open = this.opened(state.net, state.score, this.rates[state.at]);
      for (const name of ["net", "score"]) if (state[name] !== start[name]) told[name] = state[name];
      if (this.rates[state.at] !== this.data.start.rate) told.rate = this.rates[state.at];
      if (String(state.drawn) !== String(open.drawn)) told.drawn = state.drawn.join(" ");
      if (state.shown) told.shown = "yes";
      return told;
    }

    get rates() {
      return this.data.nets[this.state.net].rates;
    }

    runs(arm) {
      return this.data.nets[this.state.net].runs[arm][this.state.score];
    }

    weighed() {
      return outcome(this.state.drawn, this.runs("bn"));
    }

    with(values, by) {
      this.change({ by }, { ...this.state, ...values });
    }

    lay(at, value, by) {
      const [low, high, step] = this.data.limits;
      const drawn = this.state.drawn.slice();
      drawn[at] = clamp(Math.round(value / step) * step, low, high);
      this.with({ at, drawn }, by);
    }

    // ---- Controls ----

    controls() {
      const { nets, scores, limits: [min, max, step] } = this.data;
      const named = (values) => Object.fromEntries(Object.keys(values).map((name) => [name, name]));
      const again = (values, by) => {
        const { net, score, at } = { ...this.state, ...values };
        this.change({ by }, this.opened(net, score, this.rates[at]));
      };
      this.net = choice("The net", named(nets), (net) => again({ net }, "net"));
      this.score = choice("Scored", scores, (score) => again({ score }, "score"));
      this.rate = slider("Learning rate", { step: 1, words: (at) => String(this.rates[Math.round(at)]) }, (at) => this.with({ at: Math.round(at) }, "rate"));
      this.guess = slider("Your bet there", { min, max, step, words: (value) => `${short(value, 1)}%` }, (value) => this.lay(this.state.at, value, "guess"));
      return [
        html("div", { class: "piece__choice" }, ...this.net.parts),
        html("div", { class: "piece__choice" }, ...this.score.parts),
        html("div", { class: "piece__rows" }, ...this.rate.parts, ...this.guess.parts),
      ];
    }

    buttons() {
      this.reveal = button("Reveal", () => this.with({ shown: true }, "reveal"));
      return [this.reveal];
    }

    set() {
      const { net, score, at, drawn, shown } = this.state;
      this.net.input.value = net;
      this.score.input.value = score;
      this.rate.set(at, 0, this.rates.length - 1);
      this.guess.set(drawn[at]);
      // What has been seen can no longer be bet on.
      this.guess.input.disabled = shown;
      allow(this.reveal, !shown);
    }

    // ---- The picture ----

    across(i) {
      const { rates } = this, [first, last] = [rates[0], rates.at(-1)].map(Math.log);
      return LEFT + 8 + ((RIGHT - LEFT - 16) * (Math.log(rates[i]) - first)) / (last - first);
    }

    up(value) {
      const [low, high] = this.data.limits;
      return value >= LEVEL ? SHELF - ((SHELF - TOP) * (value - LEVEL)) / (high - LEVEL) : BOTTOM - ((BOTTOM - SHELF) * (value - low + 2)) / (LEVEL - low + 2);
    }

    /** The accuracy at a height. */
    down(y) {
      const [low, high] = this.data.limits;
      return y <= SHELF ? LEVEL + ((high - LEVEL) * (SHELF - y)) / (SHELF - TOP) : low - 2 + ((LEVEL - low + 2) * (BOTTOM - y)) / (BOTTOM - SHELF);
    }

    grabbed(x, y) {
      if (this.state.shown || y < TOP - 14 || y > BOTTOM + 8) return undefined;
      const move = (toX, toY) => {
        const nearest = this.rates.map((_, i) => Math.abs(this.across(i) - toX));
        this.lay(nearest.indexOf(Math.min(...nearest)), this.down(toY), "hand");
      };
      move(x, y);
      return move;
    }

    drawn() {
      const { state, rates } = this, { shown } = state;
      const text = (kind, x, y, told) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, told);
      const line = (values) => `M${values.map((value, i) => `${px(this.across(i))} ${px(this.up(value))}`).join(" ")}`;
      const weighed = this.weighed();
      const title = shown ? `Off by ${fixed(weighed.mean, 1)} points on average` : "Where will BN lie?";
      const parts = [
        svg("text", { class: "title", y: 12 }, title),
        text("raw", 0, 32, this.data.shown.raw),
        text("std", 76, 32, this.data.shown.std),
        text("bn", 172, 32, shown ? "BN, line and span" : "dots: your bet"),
        svg("path", { class: "line", d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}` }),
        svg("path", { class: "line dashed", d: `M${LEFT} ${SHELF}H${RIGHT}` }),
        ...[90, 80, 70, 10].flatMap((mark) => [
          svg("path", { class: "line", d: `M${LEFT - 4} ${px(this.up(mark))}H${LEFT}` }),
          text("end", LEFT - 6, this.up(mark) + 4, String(mark)),
        ]),
        ...rates.flatMap((rate, i) => [
          svg("path", { class: "line", d: `M${px(this.across(i))} ${BOTTOM}V${BOTTOM + 4}` }),
          ...(/^0*[.]?0*10*$/.test(String(rate)) ? [text("middle", this.across(i), BOTTOM + 17, String(rate))] : []),
        ]),
        text("end", RIGHT, BOTTOM + 33, "learning rate"),
        text("", 0, BOTTOM + 33, "accuracy, %; below 70, squeezed"),
        svg("path", { class: "line dashed", d: `M${px(this.across(state.at))} ${TOP}V${BOTTOM}` }),
        ...Object.keys(this.data.shown).map((arm) => svg("path", { class: `line thick ${arm}`, d: line(this.runs(arm).map(middle)) })),
      ];
      if (shown) {
        const back = weighed.highest.map((value, i) => `${px(this.across(i))} ${px(this.up(value))}`).reverse().join(" ");
        parts.push(
          svg("path", { class: "filled bn", d: `${line(weighed.lowest)} ${back}Z` }),
          svg("path", { class: "line thick bn", d: line(weighed.median) }),
          ...state.drawn.map((value, i) => svg("path", { class: "line", d: `M${px(this.across(i))} ${px(this.up(value))}V${px(this.up(weighed.median[i]))}` })),
        );
      } else parts.push(svg("path", { class: "line dashed bn", d: line(state.drawn) }));
      state.drawn.forEach((value, i) => parts.push(svg("circle", { class: `line ${i === state.at ? "solid" : "hollow"} bn`, cx: px(this.across(i)), cy: px(this.up(value)), r: i === state.at ? 6 : 4 })));
      return { parts, height: BOTTOM + 40, heard: `${title}. ${this.standing()}` };
    }

    // ---- Words and numbers ----

    get invitation() {
      return `${this.standing()} Choose a rate and your bet, or draw the whole line; then reveal.`;
    }

    standing() {
      const { state: { at, drawn, net, score, shown }, rates } = this;
      const raw = middle(this.runs("raw")[at]), std = middle(this.runs("std")[at]);
      const here = `At a learning rate of ${rates[at]}, ${net === "dense" ? "a dense" : "a convolutional"} net without BN reaches ${fixed(raw, 1)}% on raw pixels and ${fixed(std, 1)}% on standardized ones.`;
      if (!shown) return `${here} With BN, ${this.data.scores[score]}, you bet ${short(drawn[at], 1)}%.`;
      const { median, lowest, highest, off } = this.weighed();
      const side = Math.abs(off[at]) < 0.05 ? "right on it" : `${fixed(Math.abs(off[at]), 1)} points too ${off[at] > 0 ? "high" : "low"}`;
      return `${here} With BN, ${this.data.scores[score]}, it reaches ${fixed(median[at], 1)}%, the median of ${this.runs("bn")[at].length} runs from ${fixed(lowest[at], 1)} to ${fixed(highest[at], 1)}%. You bet ${short(drawn[at], 1)}%, which is ${side}.`;
    }

    told(what) {
      if (what.by === "reset") return this.invitation;
      if (!this.state.shown) return ["net", "score"].includes(what.by) ? this.invitation : this.standing();
      const { mean, within, off } = this.weighed();
      return `${this.standing()} Over all ${off.length} rates you were off by ${fixed(mean, 1)} points on average, and within the span of the runs at ${within}.`;
    }

    numbers() {
      const { state: { drawn, shown }, rates } = this;
      const { median, lowest, highest, off } = this.weighed();
      const rows = rates.map((rate, i) => [
        String(rate),
        ...["raw", "std"].map((arm) => fixed(middle(this.runs(arm)[i]), 1)),
        fixed(drawn[i], 1),
        ...(shown ? [fixed(median[i], 2), fixed(lowest[i], 1), fixed(highest[i], 1), fixed(off[i], 2, true)] : []),
      ]);
      const caption = `Validation accuracy in per cent after a training whose rate falls to zero: medians of ${counted(this.runs("bn")[0].length)} runs; a run that diverged counts as chance`;
      return table(caption, ["rate", "raw", "standardized", "your bet", ...(shown ? ["BN", "lowest", "highest", "off by"] : [])], rows);
    }

    witnessed({ net, score, bet, expected }) {
      const { median, lowest, highest, off, mean, within } = outcome(bet, this.data.nets[net].runs.bn[score]);
      return difference([...median, ...lowest, ...highest, ...off, mean, within], expected);
    }
  }

  window.bnreport.pieces.bet = { outcome };
  customElements.define("bn-bet", Bet);
})();
