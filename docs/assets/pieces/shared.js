/* What the pieces to touch share: elements, numbers as text, state in the address, and their frame.
   Classic script: it must also run from a folder. */
(() => {
  "use strict";
  const MINUS = "\u2212";
  // Of every picture, in its own units: the column of a phone in pixels.
  const WIDTH = 328;
  // Milliseconds after which a hand has come to rest.
  const REST = 700;
  const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

  // ---- Elements: what comes from an address or a reader is text, and is never read as HTML ----

  const maker = (create) => (tag, attributes = {}, ...children) => {
    const element = create(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  };
  const html = maker((tag) => document.createElement(tag));
  const svg = maker((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));

  // ---- Numbers ----

  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  /** A number with so many decimals and a true minus; zero has no sign. */
  const fixed = (value, digits = 2, signed = false) => {
    const text = Math.abs(value).toFixed(digits);
    const sign = Number(text) === 0 ? "" : value < 0 ? MINUS : signed ? "+" : "";
    return sign + text;
  };

  /** The same without zeros at the end. */
  const short = (value, digits = 2) => {
    const text = fixed(value, digits);
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  };

  const tenTo = (power) => `10${[...String(power)].map((sign) => SUPERSCRIPTS[sign]).join("")}`;

  /** A small error as text: "4 × 10⁻¹⁶"; zero is "0". */
  const scientific = (error) => {
    if (!error) return "0";
    const [digit, power] = error.toExponential(0).split("e");
    return `${digit} × ${tenTo(Number(power))}`;
  };

  /** The largest absolute difference of two rows of numbers; NaN where they do not match. */
  const difference = (ours, theirs) =>
    ours.length === theirs.length
      ? ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0)
      : NaN;

  /** Names in a row: "A, B and C". */
  const listed = (names) =>
    names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

  // ---- Draws, as in bnreport/lessons/chase.py ----

  /** The uniform number in [0, 1) of a seed and a counter, by the mixing of `mulberry32`: integers only, so that all machines agree. */
  const uniform = (seed, counter) => {
    const mixed = (Math.imul(seed, 0x9e3779b9) + Math.imul(counter, 0x6d2b79f5)) | 0;
    let t = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** Two independent standard normal numbers of two uniform ones, by Box and Muller. */
  const paired = (u, w) => {
    const length = Math.sqrt(-2 * Math.log(1 - u)), angle = 2 * Math.PI * w;
    return [length * Math.cos(angle), length * Math.sin(angle)];
  };

  /** So many standard normal draws of a seed, an even count of them. */
  const normals = (seed, count) => {
    const draws = new Float64Array(count);
    for (let i = 0; i < count; i += 2) draws.set(paired(uniform(seed, i + 1), uniform(seed, i + 2)), i);
    return draws;
  };

  // ---- The address: "#batch.x=3+9+11+17". Each piece has its own keys, and leaves others alone. ----

  const KEY = /^[a-z]+\.[a-z]+$/;
  const hashed = () => new URLSearchParams(location.hash.slice(1));

  const fromAddress = (piece) =>
    Object.fromEntries(
      [...hashed()].filter(([key]) => key.startsWith(`${piece}.`)).map(([key, value]) => [key.slice(piece.length + 1), value]),
    );

  const toAddress = (piece, values) => {
    const all = hashed();
    // What is no state is the anchor of a heading, from which the reader has moved on.
    for (const key of [...all.keys()]) if (!KEY.test(key) || key.startsWith(`${piece}.`)) all.delete(key);
    for (const [key, value] of Object.entries(values)) all.set(`${piece}.${key}`, value);
    const state = all.toString();
    history.replaceState(history.state, "", state ? `#${state}` : location.pathname + location.search);
  };

  // ---- Controls: native, each with its label ----

  let ids = 0;

  /** A slider with its label, and its value in words; a reader's hand is told to `moved`. */
  const slider = (label, { min = 0, max = 1, step, words = short }, moved) => {
    const id = `piece-${(ids += 1)}`;
    const input = html("input", { type: "range", id, min, max, step, input: () => moved(input.valueAsNumber) });
    // Its value is read out with the slider itself, and not a second time.
    const output = html("output", { for: id, "aria-live": "off" });
    const set = (value, low = min, high = max) => {
      // Its steps go from where it is, or a browser would round the value to one of them.
      const steps = (value - low) / step;
      Object.assign(input, { min: low + step * (steps - Math.floor(steps + 1e-6)), max: high, value });
      output.value = words(value);
      input.setAttribute("aria-valuetext", words(value));
    };
    return { parts: [html("label", { for: id }, label), input, output], input, set };
  };

  /** A button; one that `allow` forbids does nothing, but keeps the focus, or a keyboard would lose its place. */
  const button = (label, click) =>
    html("button", { type: "button", click: ({ currentTarget }) => currentTarget.getAttribute("aria-disabled") === "true" || click() }, label);
  const allow = (made, allowed) => made.setAttribute("aria-disabled", String(!allowed));

  /** A box to tick, within its label. */
  const box = (label, moved) => {
    const input = html("input", { type: "checkbox", change: () => moved(input.checked) });
    return { parts: [html("label", { class: "piece__box" }, input, html("span", {}, label))], input };
  };

  /** A choice of several, by what they are called. */
  const choice = (label, options, moved) => {
    const id = `piece-${(ids += 1)}`;
    const input = html("select", { id, change: () => moved(input.value) });
    input.append(...Object.entries(options).map(([value, text]) => html("option", { value }, text)));
    return { parts: [html("label", { for: id }, label), input], input };
  };

  /** A table of numbers; the first cell of a row heads it. */
  const table = (caption, head, rows) =>
    html(
      "table",
      { class: "table table--short table--dense" },
      html("caption", {}, caption),
      html("thead", {}, html("tr", {}, ...head.map((cell, i) => html("th", { scope: "col", class: i ? "num" : "" }, cell)))),
      html(
        "tbody",
        {},
        ...rows.map(([first, ...cells]) =>
          html("tr", {}, html("th", { scope: "row" }, first), ...cells.map((cell) => html("td", { class: "num" }, cell))),
        ),
      ),
    );

  // ---- The frame of every piece ----

  /** A picture, controls, one line that tells what happened, and the numbers on demand.

  A piece says how it begins (`started`), how its state is written into an address and read from one
  (`written`, `accepted`: a wish from outside that makes no sense gives way to the start), which
  controls it has (`controls`, `buttons`), what a hand can take (`grabbed`), and shows what is (`drawn`,
  `set`, `told`, `numbers`). `witnessed` says by how much it misses a case of the reference. */
  class Piece extends HTMLElement {
    connectedCallback() {
      if (this.data) return;
      this.data = JSON.parse(this.querySelector("script").textContent);
      this.start = this.started();
      this.state = this.before = this.accepted(fromAddress(this.name));
      this.frame();
      this.difference = this.data.witnesses.reduce((most, witness) => Math.max(most, this.witnessed(witness)), 0);
      const named = () => Object.keys(fromAddress(this.name)).length > 0;
      this.show(named() ? { by: "address" } : undefined);
      addEventListener("hashchange", () => {
        // An address without a state is the start's; one with an anchor says nothing on any state.
        if (named()) this.change({ by: "address" }, this.accepted(fromAddress(this.name)), false);
        else if (!location.hash) this.reset();
      });
      // Whoever follows a link finds the state again on the way back.
      document.addEventListener("click", ({ target }) => target.closest("a[href]") && this.save(), true);
      if (named()) this.scrollIntoView({ block: "center" });
    }

    get name() {
      return this.dataset.piece;
    }

    frame() {
      // The root of the picture stays while its content changes, so that a hand on it is not lost.
      this.picture = svg("svg", { class: "picture", role: "img", pointerdown: (event) => this.press(event) });
      this.line = html("p", { class: "piece__told", "aria-hidden": "true" });
      // What is read out waits until the hand rests.
      this.spoken = html("p", { class: "piece__spoken", "aria-live": "polite" });
      this.table = html("div", { class: "piece__numbers table__scroll", role: "group", "aria-label": "The numbers of this picture" });
      // A box that scrolls needs the keyboard too, but only while it is too narrow for its content.
      this.fit = () => {
        if (this.table.scrollWidth > this.table.clientWidth) this.table.tabIndex = 0;
        else this.table.removeAttribute("tabindex");
      };
      new ResizeObserver(this.fit).observe(this.table);
      this.note = html("p", { class: "piece__note" });
      const numbers = html("details", { class: "fold" }, html("summary", {}, "Show the numbers"), this.table, this.note);
      const own = this.controls();
      const buttons = html("div", { class: "piece__buttons" }, ...this.buttons(), button("Start again", () => this.reset()));
      const controls = html("div", { class: "piece__controls" }, ...(this.eager ? [buttons] : []), ...own);
      // Another control is another move: what was before it stays in the picture as a shadow.
      const next = () => (this.by = undefined);
      this.addEventListener("focusin", next);
      // So is each press of a button, each choice and each jump to an end; steps of a slider are one
      // move, until the hand rests or lets go.
      this.addEventListener("click", ({ target }) => target.closest("button") && next(), true);
      this.addEventListener("change", ({ target }) => target.type !== "range" && next(), true);
      this.addEventListener("keydown", ({ key }) => (key === "Home" || key === "End") && next(), true);
      this.addEventListener("pointerdown", () => (this.pressed = true), true);
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.pressed && ((this.pressed = false), next()));
      this.replaceChildren(this.picture, this.line, this.spoken, controls, ...(this.eager ? [] : [buttons]), ...this.further(), numbers);
      const figure = this.closest("figure");
      figure.classList.remove("figure--picture");
      figure.classList.add("piece--live");
    }

    /** Whether the buttons come before the other controls, which may then grow without moving them. */
    get eager() {
      return false;
    }

    /** What a piece shows beside its picture, below the buttons. */
    further() {
      return [];
    }

    /** Let a hand move what `grabbed` says lies where it presses, in the picture's own units. */
    press(event) {
      const where = ({ clientX, clientY }) => {
        const { left, top, width } = this.picture.getBoundingClientRect();
        return [((clientX - left) * WIDTH) / width, ((clientY - top) * WIDTH) / width];
      };
      const was = this.state, move = this.grabbed?.(...where(event));
      if (!move) return;
      event.preventDefault();
      this.by = undefined;
      this.picture.setPointerCapture(event.pointerId);
      const go = (later) => move(...where(later));
      const rest = () => {
        this.picture.removeEventListener("pointermove", go);
        this.picture.removeEventListener("pointercancel", undo);
        this.by = undefined;
        this.rested?.();
      };
      // A finger that scrolls the page has moved nothing.
      const undo = () => this.change({}, was);
      this.picture.addEventListener("pointermove", go);
      this.picture.addEventListener("pointercancel", undo);
      this.picture.addEventListener("lostpointercapture", rest, { once: true });
    }

    /** Go on to another state; `what.by` names the hand, and one hand makes one move until it rests. */
    change(what, next, kept = true) {
      if (what.by !== this.by) this.before = this.state;
      this.by = what.by;
      this.state = next;
      this.show(what);
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.pressed || (this.by = undefined), REST);
      clearTimeout(this.saving);
      this.unsaved = kept;
      if (kept) this.saving = setTimeout(() => this.save(), 250);
    }

    save() {
      clearTimeout(this.saving);
      if (this.unsaved) toAddress(this.name, this.written());
      this.unsaved = false;
    }

    reset() {
      this.by = undefined;
      this.state = this.before = this.start;
      this.show({ by: "reset" });
      clearTimeout(this.saving);
      this.unsaved = false;
      toAddress(this.name, {});
    }

    show(what) {
      const { height, heard, parts } = this.drawn();
      this.picture.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
      this.picture.setAttribute("aria-label", heard);
      this.picture.replaceChildren(...parts);
      this.set();
      this.table.replaceChildren(this.numbers());
      this.fit();
      this.note.textContent =
        `Worked out in your browser, which has just repeated ${this.data.witnesses.length} cases of our reference in Python: ` +
        `no number differs by more than ${scientific(this.difference)}.`;
      const told = what ? this.told(what) : this.invitation;
      this.line.textContent = told;
      clearTimeout(this.telling);
      const speak = () => (this.spoken.textContent = told);
      if (what) this.telling = setTimeout(speak, REST);
      else speak();
    }
  }

  /** A piece that shows a training step by step: of `steps(state)`, all of them within `lasting` milliseconds. */
  class Training extends Piece {
    runner() {
      this.run = button("Run", () => (this.frames ? this.stop() : this.play()));
      return this.run;
    }

    /** Show the training from its first step, or from where it is, as fast as it can be watched. */
    play() {
      const steps = this.steps(this.state);
      const from = this.state.seen === steps ? 0 : this.state.seen;
      this.by = undefined;
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.with({ seen: this.state.seen === steps ? 0 : steps }, "run");
      let began;
      const go = (now) => {
        // A frame may have begun before the press that asked for it.
        began ??= now;
        const seen = Math.min(steps, from + Math.round(((now - began) / this.lasting) * steps));
        this.frames = seen < steps ? requestAnimationFrame(go) : undefined;
        this.with({ seen }, "run");
      };
      this.frames = requestAnimationFrame(go);
    }

    stop() {
      cancelAnimationFrame(this.frames);
      this.frames = undefined;
      this.run.textContent = "Run";
    }
  }

  window.bnreport = window.bnreport || {};
  window.bnreport.pieces = {
    shared: { Piece, Training, allow, box, button, choice, clamp, difference, fixed, html, listed, normals, paired, scientific, short, slider, svg, table, tenTo, uniform },
  };
})();
