/* Bet before you look: nets without BN at recorded learning rates are shown, and the reader says where BN will lie. */
(() => {
  "use strict";
  const { Piece, allow, button, choice, clamp, difference, fixed, html, listed, short, slider, svg, table } = window.bnreport.pieces.shared;

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
      const { nets, scores, start: { net, score, rate } } = this.data;
      this.cases = Object.keys(nets).flatMap((one) => Object.keys(scores).map((other) => [one, other]));
      // Of each case, a bet at each rate, or null where nobody bet, and whether it was revealed.
      return { net, score, at: nets[net].rates.indexOf(rate), bets: this.cases.map(([name]) => nets[name].rates.map(() => null)), seen: this.cases.map(() => false) };
    }

    accepted(asked) {
      const { nets, scores, limits: [low, high] } = this.data, { start } = this;
      const net = Object.hasOwn(nets, asked.net ?? "") ? asked.net : start.net;
      const score = Object.hasOwn(scores, asked.score ?? "") ? asked.score : start.score;
      const at = nets[net].rates.indexOf(Number(asked.rate));
      const drawn = (asked.drawn ?? "").split("_").map((words) => words.split(" ").map((word) => (word === "" ? NaN : word === "-" ? null : Number(word))));
      const bets = start.bets.map((none, i) => {
        const said = drawn[i] ?? [];
        return said.length === none.length && said.every((value) => value === null || Number.isFinite(value)) ? said.map((value) => value && clamp(value, low, high)) : none;
      });
      const seen = start.seen.map((_, i) => asked.shown?.[i] === "1");
      return { net, score, at: at < 0 ? this.at(net, this.data.start.rate) : at, bets, seen };
    }

    at(net, rate) {
      return this.data.nets[net].rates.indexOf(rate);
    }

    written() {
      const { state, start } = this, told = {};
      for (const name of ["net", "score"]) if (state[name] !== start[name]) told[name] = state[name];
      if (this.rates[state.at] !== this.data.start.rate) told.rate = this.rates[state.at];
      const some = (bet) => bet.some((value) => value !== null);
      if (state.bets.some(some)) told.drawn = state.bets.map((bet) => (some(bet) ? bet.map((value) => value ?? "-").join(" ") : "")).join("_");
      if (state.seen.includes(true)) told.shown = state.seen.map(Number).join("");
      return told;
    }

    get rates() {
      return this.data.nets[this.state.net].rates;
    }

    runs(arm) {
      return this.data.nets[this.state.net].runs[arm][this.state.score];
    }

    get case() {
      return this.cases.findIndex(([net, score]) => net === this.state.net && score === this.state.score);
    }

    get bet() {
      return this.state.bets[this.case];
    }

    get shown() {
      return this.state.seen[this.case];
    }

    /** Where the slider stands before a bet: at the net on raw pixels, as if BN changed nothing. */
    near(i) {
      const [low, high, step] = this.data.limits;
      return clamp(Math.round(middle(this.runs("raw")[i]) / step) * step, low, high);
    }

    /** The bets that were made, weighed. */
    weighed() {
      const made = this.bet.map((_, i) => i).filter((i) => this.bet[i] !== null), runs = this.runs("bn");
      return { count: made.length, ...outcome(made.map((i) => this.bet[i]), made.map((i) => runs[i])) };
    }

    with(values, by) {
      this.change({ by }, { ...this.state, ...values });
    }

    lay(at, value, by) {
      const [low, high, step] = this.data.limits;
      const bet = this.bet.with(at, clamp(Math.round(value / step) * step, low, high));
      this.with({ at, bets: this.state.bets.with(this.case, bet) }, by);
    }

    // ---- Controls ----

    controls() {
      const { nets, scores, limits: [min, max, step] } = this.data;
      const named = (values) => Object.fromEntries(Object.keys(values).map((name) => [name, name]));
      const other = (net) => {
        const at = this.at(net, this.rates[this.state.at]);
        this.with({ net, at: at < 0 ? this.at(net, this.data.start.rate) : at }, "net");
      };
      this.net = choice("The net", named(nets), other);
      this.score = choice("Scored", scores, (score) => this.with({ score }, "score"));
      this.rate = slider("Learning rate", { step: 1, words: (at) => String(this.rates[Math.round(at)]) }, (at) => this.with({ at: Math.round(at) }, "rate"));
      this.guess = slider("Your bet there", { min, max, step, words: (value) => `${short(value, 1)}%` }, (value) => this.lay(this.state.at, value, "guess"));
      return [
        html("div", { class: "piece__choice" }, ...this.net.parts),
        html("div", { class: "piece__choice" }, ...this.score.parts),
        html("div", { class: "piece__rows" }, ...this.rate.parts, ...this.guess.parts),
      ];
    }

    buttons() {
      this.reveal = button("Reveal", () => this.with({ seen: this.state.seen.with(this.case, true) }, "reveal"));
      return [this.reveal];
    }

    set() {
      const { bet, shown, state: { net, score, at } } = this;
      this.net.input.value = net;
      this.score.input.value = score;
      this.rate.set(at, 0, this.rates.length - 1);
      this.guess.set(bet[at] ?? this.near(at));
      if (bet[at] === null) {
        this.guess.parts[2].value = "none";
        this.guess.input.setAttribute("aria-valuetext", "no bet yet");
      }
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
      if (this.shown || y < TOP - 14 || y > BOTTOM + 8) return undefined;
      const move = (toX, toY) => {
        const nearest = this.rates.map((_, i) => Math.abs(this.across(i) - toX));
        this.lay(nearest.indexOf(Math.min(...nearest)), this.down(toY), "hand");
      };
      move(x, y);
      return move;
    }

    drawn() {
      const { bet, state, rates, shown } = this;
      const text = (kind, x, y, told) => svg("text", { class: `small ${kind}`, x: px(x), y: px(y) }, told);
      const line = (values) => `M${values.map((value, i) => `${px(this.across(i))} ${px(this.up(value))}`).join(" ")}`;
      const { count, mean } = this.weighed(), runs = this.runs("bn");
      const title = !shown ? "Where will BN lie?" : count ? `Off by ${fixed(mean, 1)} points on average` : "Without a bet";
      // Below the shelf a height is hard to read, so that a number says it.
      const low = (arm) => this.runs(arm).flatMap((of, i) => (middle(of) < LEVEL && middle(of) > LEVEL / 2 ? [text(`halo ${arm}`, this.across(i) + 7, this.up(middle(of)) + (arm === "raw" ? 10 : 0), fixed(middle(of), 1))] : []));
      const parts = [
        svg("text", { class: "title", y: 12 }, title),
        text("raw", 0, 32, this.data.shown.raw),
        text("std", 76, 32, this.data.shown.std),
        text("bn", 172, 32, shown ? "BN, line and span" : "BN: ?"),
        text("end", RIGHT, 12, "dots: your bet"),
        svg("path", { class: "line", d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}` }),
        svg("path", { class: "line dashed", d: `M${LEFT} ${SHELF}H${RIGHT}` }),
        ...[90, 80, 70, 40, 10].flatMap((mark) => [
          svg("path", { class: "line", d: `M${LEFT - 4} ${px(this.up(mark))}H${LEFT}` }),
          text("end", LEFT - 6, this.up(mark), String(mark)),
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
        const back = runs.map((of, i) => `${px(this.across(i))} ${px(this.up(Math.max(...of)))}`).reverse().join(" ");
        parts.push(
          svg("path", { class: "filled bn", d: `${line(runs.map((of) => Math.min(...of)))} ${back}Z` }),
          svg("path", { class: "line thick bn", d: line(runs.map(middle)) }),
          ...bet.flatMap((value, i) => (value === null ? [] : [svg("path", { class: "line", d: `M${px(this.across(i))} ${px(this.up(value))}V${px(this.up(middle(runs[i])))}` })])),
        );
      }
      parts.push(...["raw", "std", ...(shown ? ["bn"] : [])].flatMap(low));
      bet.forEach((value, i) => value === null || parts.push(svg("circle", { class: `line ${i === state.at ? "solid" : "hollow"} bn`, cx: px(this.across(i)), cy: px(this.up(value)), r: i === state.at ? 6 : 4 })));
      return { parts, height: BOTTOM + 40, heard: `${title}. ${this.standing()}` };
    }

    // ---- Words and numbers ----

    get invitation() {
      return this.shown ? this.told({}) : `${this.standing()} Choose a rate and your bet, or draw the whole line; then reveal.`;
    }

    standing() {
      const { bet, shown, state: { at, net, score }, rates } = this;
      const raw = middle(this.runs("raw")[at]), std = middle(this.runs("std")[at]);
      const here = `At a learning rate of ${rates[at]}, ${net === "dense" ? "a dense" : "a convolutional"} net without BN reaches ${fixed(raw, 1)}% on raw pixels and ${fixed(std, 1)}% on standardized ones.`;
      const yours = bet[at] === null ? "no bet yet" : `you bet ${short(bet[at], 1)}%`;
      if (!shown) return `${here} With BN, ${this.data.scores[score]}: ${yours}.`;
      const runs = this.runs("bn")[at], median = middle(runs), off = bet[at] - median;
      const side = Math.abs(off) < 0.05 ? "right on it" : `${fixed(Math.abs(off), 1)} points too ${off > 0 ? "high" : "low"}`;
      const said = bet[at] === null ? "" : ` You bet ${short(bet[at], 1)}%, which is ${side}.`;
      return `${here} With BN, ${this.data.scores[score]}, it reaches ${fixed(median, 1)}%, the median of ${runs.length} runs from ${fixed(Math.min(...runs), 1)} to ${fixed(Math.max(...runs), 1)}%.${said}`;
    }

    /** What the records show at the smallest rate, from the lowest to the highest. */
    get closing() {
      const names = { raw: "on raw pixels", std: "on standardized pixels", bn: "with BN" };
      const all = Object.keys(names).map((arm) => [middle(this.runs(arm)[0]), arm]).sort(([a], [b]) => a - b);
      return `At the smallest rate, ${this.rates[0]}, the medians are ${listed(all.map(([median, arm]) => `${fixed(median, 1)}% ${names[arm]}`))}.`;
    }

    told(what) {
      if (what.by === "reset") return this.invitation;
      if (!this.shown) return ["net", "score"].includes(what.by) ? this.invitation : this.standing();
      const { count, mean, within } = this.weighed();
      const yours = count ? ` You bet at ${count} of ${this.rates.length} rates: your bets were off by ${fixed(mean, 1)} points on average, and ${within} of them lay within the span of the runs.` : "";
      return `${this.standing()}${yours} ${this.closing}`;
    }

    numbers() {
      const { bet, shown, rates } = this, runs = this.runs("bn");
      const rows = rates.map((rate, i) => [
        String(rate),
        ...["raw", "std"].map((arm) => fixed(middle(this.runs(arm)[i]), 1)),
        bet[i] === null ? "" : fixed(bet[i], 1),
        ...(shown ? [fixed(middle(runs[i]), 2), fixed(Math.min(...runs[i]), 1), fixed(Math.max(...runs[i]), 1), bet[i] === null ? "" : fixed(bet[i] - middle(runs[i]), 2, true)] : []),
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
