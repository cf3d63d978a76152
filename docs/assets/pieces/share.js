/* Which numbers share a mean: the pools of five layers, for any axis, number of groups and layout. */
(() => {
  "use strict";
  const { Piece, choice, clamp, difference, fixed, html, listed, short, slider, svg, table } = window.bnreport.pieces.shared;

  // ---- The arithmetic, as in bnreport/lessons/pools.py ----

  /** The part that each axis of the layout has: kept, averaged or cut. */
  const roles = ({ layer, axis }, { layers }) => {
    const act = layers[layer], named = axis === "all" ? [1, 2, 3] : [(Number(axis) + 4) % 4];
    const aside = act === "averaged" ? "kept" : "averaged";
    // Only BatchNorm lets images share.
    return [0, 1, 2, 3].map((place) => (layer !== "BatchNorm" && place === 0 ? "kept" : named.includes(place) ? act : aside));
  };

  /** Whether Keras has no such layer for the array: an axis must be a multiple of its groups, and RMSNorm's the last. */
  const refused = ({ layer, layout, axis, groups }, { layers, layouts, sizes }) => {
    if (layers[layer] === "averaged") return layer === "RMSNorm" && ["1", "2"].includes(axis);
    return axis === "all" || (layers[layer] === "cut" && sizes[layouts[layout].at(Number(axis))] % groups > 0);
  };

  /** The places of all numbers: image, channel, row and column. */
  const places = ({ images, channels, height, width }) => {
    const count = (size) => [...Array(size).keys()];
    return count(images).flatMap((i) => count(channels).flatMap((c) => count(height).flatMap((h) => count(width).map((w) => [i, c, h, w]))));
  };

  /** The pool of a number, counted from 0. */
  const poolOf = (chosen, data) => {
    const parts = roles(chosen, data), names = Object.keys(data.sizes);
    return (place) =>
      data.layouts[chosen.layout].reduce((which, name, i) => {
        const at = place[names.indexOf(name)], size = data.sizes[name];
        if (parts[i] === "kept") return which * size + at;
        return parts[i] === "cut" ? which * chosen.groups + Math.floor(at / (size / chosen.groups)) : which;
      }, 0);
  };

  /** The pool of the number that is looked at, and that number after it; undefined where refused. */
  const pool = (chosen, data) => {
    if (refused(chosen, data)) return undefined;
    const of = poolOf(chosen, data), all = places(data.sizes), mine = of(chosen.at);
    const which = all.map(of), lit = which.map((one) => one === mine);
    const values = data.numbers.filter((_, i) => lit[i]);
    const average = (some) => some.reduce((total, value) => total + value, 0) / some.length;
    const mean = chosen.layer === "RMSNorm" ? 0 : average(values);
    const scale = Math.sqrt(average(values.map((value) => (value - mean) ** 2)) + data.epsilons[chosen.layer]);
    const number = data.numbers[all.findIndex((place) => String(place) === String(chosen.at))];
    return { lit, pools: Math.max(...which) + 1, size: values.length, mean, scale, number, result: (number - mean) / scale };
  };

  // ---- Where it is drawn ----

  const TONES = { BatchNorm: "bn", LayerNorm: "ln", InstanceNorm: "std", GroupNorm: "gn", RMSNorm: "raw" };
  const LEFT = 34, TOP = 106, WIDE = 24, TALL = 21, GAP = 6;
  const LETTERS = [..."ABCDEF"];
  const ONE = { images: "image", channels: "channel", height: "row", width: "column" };
  const MANY = { images: "images", channels: "channels", height: "rows", width: "columns" };
  const whole = (text, high) => (/^\d+$/.test(text ?? "") ? clamp(Number(text), 1, high) - 1 : undefined);

  class Share extends Piece {
    // ---- State: the number that is looked at is written as image, channel, row and column, from 1 ----

    started() {
      return { ...this.data.start };
    }

    accepted(asked) {
      const { start, data } = this;
      const of = (name, options) => (Object.hasOwn(options, asked[name] ?? "") ? asked[name] : start[name]);
      const at = (asked.at ?? "").split(" ").map((word, i) => whole(word, Object.values(data.sizes)[i]));
      return this.sensible({
        layer: of("layer", data.layers),
        layout: of("layout", data.layouts),
        axis: of("axis", data.axes),
        groups: data.groups.find((groups) => String(groups) === asked.groups) ?? start.groups,
        at: at.length === 4 && !at.includes(undefined) ? at : start.at,
      });
    }

    written() {
      const { state, start } = this, told = {};
      for (const name of ["layer", "layout", "axis", "groups"]) if (state[name] !== start[name]) told[name] = state[name];
      if (String(state.at) !== String(start.at)) told.at = state.at.map((value) => value + 1).join(" ");
      return told;
    }

    /** A layer that takes one axis alone has not several. */
    sensible(state) {
      return state.axis === "all" && this.data.layers[state.layer] !== "averaged" ? { ...state, axis: "-1" } : state;
    }

    with(changes, by) {
      this.change({ by }, this.sensible({ ...this.state, ...changes }));
    }

    move(changes, by) {
      this.with({ at: this.state.at.map((value, i) => changes[i] ?? value) }, by);
    }

    // ---- Controls ----

    controls() {
      const { layers, layouts, axes, groups, sizes } = this.data;
      const named = (values) => Object.fromEntries(Object.keys(values).map((name) => [name, name]));
      this.layer = choice("Layer", named(layers), (layer) => this.with({ layer }, "layer"));
      this.layout = choice("Layout", named(layouts), (layout) => this.with({ layout }, "layout"));
      this.axis = choice("axis =", axes, (axis) => this.with({ axis }, "axis"));
      this.groups = slider("Groups", { max: groups.length - 1, step: 1, words: (i) => (layers[this.state.layer] === "cut" ? String(groups[Math.round(i)]) : "none") }, (i) => this.with({ groups: groups[i] }, "groups"));
      this.across = slider("Channel, column", { max: sizes.channels * sizes.width - 1, step: 1, words: (i) => `${LETTERS[Math.floor(i / sizes.width)]}, ${(i % sizes.width) + 1}` }, (i) => this.move({ 1: Math.floor(i / sizes.width), 3: i % sizes.width }, "across"));
      this.down = slider("Image, row", { max: sizes.images * sizes.height - 1, step: 1, words: (i) => `${Math.floor(i / sizes.height) + 1}, ${(i % sizes.height) + 1}` }, (i) => this.move({ 0: Math.floor(i / sizes.height), 2: i % sizes.height }, "down"));
      return [
        html("div", { class: "piece__rows piece__rows--choices" }, ...[this.layer, this.layout, this.axis].flatMap((control) => control.parts)),
        html("div", { class: "piece__rows" }, ...[this.groups, this.across, this.down].flatMap((control) => control.parts)),
      ];
    }

    buttons() {
      return [];
    }

    set() {
      const { state, data } = this, { sizes } = data;
      for (const name of ["layer", "layout", "axis"]) this[name].input.value = state[name];
      this.axis.input.querySelector("[value=all]").disabled = data.layers[state.layer] !== "averaged";
      this.groups.set(data.groups.indexOf(state.groups));
      this.groups.input.disabled = data.layers[state.layer] !== "cut";
      const [image, channel, row, column] = state.at;
      this.across.set(channel * sizes.width + column);
      this.down.set(image * sizes.height + row);
    }

    // ---- The picture ----

    grabbed(across, down) {
      const { sizes } = this.data, tall = TALL * sizes.height + GAP;
      const at = (x, y) => {
        const column = Math.floor((x - LEFT) / WIDE), image = Math.floor((y - TOP) / tall), row = Math.floor((y - TOP - image * tall) / TALL);
        return column >= 0 && column < sizes.channels * sizes.width && image >= 0 && image < sizes.images && row < sizes.height
          ? [image, Math.floor(column / sizes.width), row, column % sizes.width]
          : undefined;
      };
      const move = (x, y) => {
        const place = at(x, y);
        if (place && String(place) !== String(this.state.at)) this.with({ at: place }, "hand");
      };
      if (!at(across, down)) return undefined;
      move(across, down);
      return move;
    }

    drawn() {
      const { state, data } = this, { sizes } = data;
      const share = pool(state, data), tone = TONES[state.layer], parts = roles(state, data);
      const text = (kind, x, y, words) => svg("text", { class: `small ${kind}`, x, y }, words);
      const corner = ([image, channel, row, column]) => [LEFT + WIDE * (sizes.width * channel + column), TOP + TALL * (sizes.height * image + row) + GAP * image];
      const [ringX, ringY] = corner(state.at);
      const drawn = [
        svg("text", { class: "title", y: 12 }, this.title(share)),
        ...data.layouts[state.layout].flatMap((name, i) => {
          const x = 1 + 82 * i;
          return [
            text("middle", x + 39, 30, data.called[i]),
            svg("path", { class: parts[i] === "averaged" ? "box" : `box filled ${tone}`, d: `M${x} 38h78v34h-78Z` }),
            text("middle", x + 39, 49, `${name}, ${sizes[name]}`),
            text("middle", x + 39, 63, parts[i] === "cut" ? "in groups" : parts[i]),
          ];
        }),
        text("", 0, TOP - 12, "image"),
        ...LETTERS.map((letter, i) => text("middle", 58 + 48 * i, TOP - 12, letter)),
        ...[0, 1].map((image) => text("", 0, TOP + 31.5 + 69 * image, String(image + 1))),
        ...places(sizes).flatMap((place, i) => {
          const [x, y] = corner(place);
          return [svg("path", { class: share?.lit[i] ? `cell ${tone}` : "cell", d: `M${x} ${y}h24v21h-24Z` }), text("middle", x + 12, y + 10.5, String(data.numbers[i]))];
        }),
        ...[0, 1, 2, 3, 4, 5, 6].map((i) => svg("path", { class: "line", d: `M${LEFT + 48 * i} ${TOP}v63m0 6v63` })),
        svg("path", { class: "line thick", d: `M${ringX + 2} ${ringY + 2}h20v17h-20Z` }),
        text("bold", 0, TOP + 148, share ? `${share.pools} ${share.pools === 1 ? "pool" : "pools"} of ${share.size} numbers` : "no pools"),
        text("", 0, TOP + 164, share ? this.sum(share) : ""),
        svg("path", { class: "piece__grip", d: `M${LEFT} ${TOP}H${LEFT + 288}V${TOP + 132}H${LEFT}Z` }),
      ];
      return { parts: drawn, height: 278, heard: `${this.title(share)}. ${this.standing(share)}` };
    }

    // ---- Words ----

    title(share) {
      if (!share) return "Keras refuses";
      const noun = this.state.layer === "RMSNorm" ? "scale" : "mean";
      return `This ${share.number} shares its ${noun} with ${share.size - 1} more`;
    }

    sum({ number, mean, scale, result }) {
      return this.state.layer === "RMSNorm" ? `${number} / ${fixed(scale)} = ${fixed(result)}` : `(${number} − ${short(mean)}) / ${fixed(scale)} = ${fixed(result)}`;
    }

    get invitation() {
      return `${this.standing(pool(this.state, this.data))} Choose a layer, and press a number.`;
    }

    standing(share) {
      const { state, data } = this, names = data.layouts[state.layout], parts = roles(state, data);
      if (!share && state.layer === "RMSNorm") return "RMSNormalization has a scale as long as the last axis, whichever it averages. Here it does not fit, so Keras stops with an error.";
      if (!share) {
        const name = names.at(Number(state.axis));
        return `${data.sizes[name]} ${MANY[name]} cannot be cut into ${state.groups} groups, so Keras stops with an error.`;
      }
      const which = (part, words) => names.filter((_, i) => parts[i] === part).map((name) => words[name]);
      const cut = which("cut", ONE).map((name) => `group of ${MANY[Object.keys(ONE).find((key) => ONE[key] === name)]}`);
      const each = listed([...which("kept", ONE), ...cut].map((name) => `each ${name}`));
      return `${share.pools} pools of ${share.size} numbers: one for ${each}, over ${listed([...which("averaged", MANY)])}.`;
    }

    /** What people call this layer, or the trap in it. */
    special(share) {
      const { state, data } = this, names = data.layouts[state.layout];
      if (!share) return "";
      const act = data.layers[state.layer], name = state.axis === "all" ? "" : names.at(Number(state.axis));
      if (state.axis === "all") return "Its pool is the whole image, as in the picture at the top of this page.";
      if (act === "averaged") return name === "channels" ? "Its pool is one pixel, and not the whole image as in the picture at the top of this page." : `The channels are at another place, and no error says so.`;
      if (name !== "channels") return `The channels are at another place, and no error says so: the ${MANY[name]} are taken for channels.`;
      if (state.layer === "InstanceNorm") return "Keras has it as GroupNormalization(groups=-1): one channel a group.";
      if (act === "kept") return "Only BatchNorm lets images share.";
      if (state.groups === 1) return "One group is the whole image, as in LayerNorm over axis=(1, 2, 3).";
      return state.groups === data.sizes.channels ? "One channel a group: that is InstanceNorm." : "";
    }

    told(what) {
      if (what.by === "reset") return this.invitation;
      const share = pool(this.state, this.data);
      const number = share ? ` The ${share.number} becomes ${fixed(share.result)}.` : "";
      return `${this.standing(share)}${number} ${this.special(share)}`.trim();
    }

    numbers() {
      const { state, data } = this, share = pool(state, data);
      const rows = places(data.sizes).flatMap(([image, channel, row, column], i) => (share?.lit[i] ? [[String(image + 1), LETTERS[channel], String(row + 1), String(column + 1), String(data.numbers[i]), fixed((data.numbers[i] - share.mean) / share.scale, 4)]] : []));
      const caption = share ? `The pool of this ${share.number}: ${state.layer === "RMSNorm" ? "no mean" : `mean ${short(share.mean, 4)}`}, divided by ${fixed(share.scale, 4)}` : "No pool";
      return table(caption, ["image", "channel", "row", "column", "number", "becomes"], rows);
    }

    witnessed({ chosen, expected }) {
      const share = pool(chosen, this.data);
      const found = share ? [share.pools, share.size, share.mean, share.scale, share.result, ...share.lit.flatMap((lit, i) => (lit ? [i] : []))] : [];
      return difference(found, expected);
    }
  }

  window.bnreport.pieces.share = { roles, refused, pool };
  customElements.define("bn-share", Share);
})();
