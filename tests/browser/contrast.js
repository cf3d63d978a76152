// Mark the texts whose contrast axe looks at: one of all that it must judge alike. For each text it
// finds out what lies behind it, which takes most of a visit to a page, and a page has thousands.
//
// The contrast of a text follows from its own colour, size and weight and from what its ancestors
// paint. Texts that share all of this are alike where nothing else lies behind them: each line of
// them within whatever its ancestors paint or clip, and on nothing that another element paints. Any
// other text is marked itself, and so are controls. None stands for others that axe may pass over:
// what is switched off or names that, and what a pseudo-element is painted behind. All may lie
// within one part of a page, which is then all that is marked.
//
// The same for links in a text, which must differ from it: this follows from what they and the
// block around them have and lie on. A link stands for others only where axe does look at it: in a
// block of nothing but running text, most of it no links.
(root) => {
  const EVERYWHERE = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
  const CLEAR = "rgba(0, 0, 0, 0)";
  const CONTROLS = "input, select, textarea, option";
  const PICTURES = "img, svg, canvas, video, iframe, object, button, input, select, textarea";
  const off = [...document.querySelectorAll(":disabled, [aria-disabled]")];
  const passed = new Set(off.flatMap((part) => [part, ...(part.labels ?? []),
    ...(part.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id))]));
  const behind = new Map([[null, { paint: "", room: EVERYWHERE }]]);
  const bands = new Map(), first = new Set();

  const inner = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  // Boxes are rounded: a pixel more or less is no other place.
  const within = (a, b) =>
    a.left >= b.left - 1 && a.top >= b.top - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1;
  const touch = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  // What is painted is kept by bands of the page, so that few of it is asked whether it touches.
  const BAND = 100;
  function* reached(box) {
    for (let at = Math.floor(box.top / BAND); at * BAND <= box.bottom; at += 1) yield at;
  }
  // Whether another element than the ancestors of a part paints where its boxes are.
  const shared = (part, boxes, matters = () => true) => boxes.some((one) =>
    [...reached(one)].some((band) => bands.get(band)?.some(([other, box]) =>
      touch(one, box) && !other.contains(part) && matters(other))));
  const paints = (style) => style.backgroundColor !== CLEAR || style.backgroundImage !== "none";

  const signs = new Map();
  // The pixels that the pseudo-elements of a part paint.
  function sign(part) {
    if (!signs.has(part)) {
      const styles = ["::before", "::after"].map((name) => getComputedStyle(part, name)).filter(paints);
      signs.set(part, styles.map(({ width, height }) => [width, height].every((side) =>
        side.endsWith("px")) ? parseFloat(width) * parseFloat(height) : Infinity)
        .reduce((sum, area) => sum + area, 0));
    }
    return signs.get(part);
  }
  // Axe says nothing of a text where the sign of an ancestor has a quarter of its area.
  function mayBePassedOver(part) {
    const { width, height } = part.getBoundingClientRect();
    for (let at = part; at; at = at.parentElement) {
      if (passed.has(at) || (sign(at) && sign(at) >= 0.25 * width * height)) return true;
    }
    return false;
  }

  const shown = [...document.querySelectorAll("*")].filter((part) => part.checkVisibility());
  const asked = shown.filter((part) => (root ?? document).contains(part));
  // In document order, so that the ancestors of a part are known before it; one without a box paints
  // nothing.
  const around = (part) => behind.get(part) ?? around(part.parentElement);
  for (const part of shown) {
    const up = around(part.parentElement), style = getComputedStyle(part);
    const changes = paints(style) || style.overflow !== "visible" || style.opacity !== "1" ||
      style.filter !== "none" || style.clip !== "auto" || style.clipPath !== "none" ||
      style.mixBlendMode !== "normal";
    // What the root and the body paint is painted everywhere.
    const all = part === document.documentElement || part === document.body;
    if (!all && (paints(style) || part.matches(PICTURES))) {
      for (const box of part.getClientRects()) {
        for (const band of reached(box)) {
          if (!bands.has(band)) bands.set(band, []);
          bands.get(band).push([part, box]);
        }
      }
    }
    behind.set(part, !changes ? up : {
      paint: [up.paint, style.backgroundColor, style.backgroundImage, style.opacity, style.filter,
        style.mixBlendMode].join("|"),
      room: all ? up.room : inner(up.room, part.getBoundingClientRect()),
    });
  }

  // What was alike before may no longer be.
  for (const part of document.querySelectorAll("[data-contrast], [data-differs]")) {
    delete part.dataset.contrast;
    delete part.dataset.differs;
  }
  for (const part of asked) {
    const texts = [...part.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = texts.map((node) => node.data).join("").trim(), control = part.matches(CONTROLS);
    if (!text && !control) continue;
    const lines = texts.flatMap((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return [...range.getClientRects()];
    });
    const { paint, room } = behind.get(part), style = getComputedStyle(part);
    // Of a single letter and of a sign axe says less.
    const key = [paint, style.color, style.webkitTextFillColor, style.textShadow, style.fontSize,
      style.fontWeight, style.fontFamily, style.textIndent, text.length < 2,
      /[\p{L}\p{N}]/u.test(text)].join("|");
    const own = control || lines.some((line) => !within(line, room)) || shared(part, lines);
    if (own || !first.has(key)) part.dataset.contrast = "";
    if (!own && !first.has(key) && !mayBePassedOver(part)) first.add(key);
  }

  const RUNNING = (style) => style.display === "inline" && style.position === "static" &&
    style.float === "none" && style.overflow === "visible";
  const CHOSEN = "a, area, button, input, select, textarea, summary, label, [role], [tabindex]";
  const looks = new Map();
  // All of a style that axe compares, and what the colours of both follow from.
  function look(part) {
    if (!looks.has(part)) {
      const style = getComputedStyle(part);
      looks.set(part, [behind.get(part).paint, style.display, style.color,
        style.webkitTextFillColor, style.webkitTextStroke, style.textShadow, style.borderTop,
        style.borderBottom, style.outline, style.fontFamily, style.fontSize, style.fontWeight,
        style.fontStyle, style.textDecoration, style.textDecorationLine,
        style.textDecorationStyle].join("|"));
    }
    return looks.get(part);
  }
  // What is painted above a block is no matter: descendants that stand where the text does.
  const above = (other, block) => block.contains(other) &&
    getComputedStyle(other).position === "static" && getComputedStyle(other).zIndex === "auto";
  const blocks = new Map();
  function unlike(block) {
    if (!blocks.has(block)) {
      const boxes = [...block.getClientRects()], { room } = behind.get(block);
      blocks.set(block, boxes.some((box) => !within(box, room)) ||
        shared(block, boxes, (other) => !above(other, block)));
    }
    return blocks.get(block);
  }
  const length = (text) => text.replace(/\s+/g, " ").length;
  function ofText(block) {
    const inside = [...block.querySelectorAll("*")];
    const chosen = inside.filter((part) => part.matches(CHOSEN));
    return !block.closest(CHOSEN) && inside.every((part) => !part.matches("br, hr, wbr") &&
      RUNNING(getComputedStyle(part))) && length(block.textContent) >
      2 * chosen.reduce((sum, part) => sum + length(part.textContent) + 1, 0);
  }

  const differing = new Set();
  for (const part of asked.filter((each) => each.matches("a, [role]"))) {
    let block = part.parentElement;
    const inline = getComputedStyle(part).display.startsWith("inline");
    while (block && getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    if (!inline || !block || !behind.has(block)) {
      part.dataset.differs = "";
      continue;
    }
    const boxes = [...part.getClientRects()], { room } = behind.get(part);
    const key = `${look(part)} in ${look(block)}`;
    const own = !boxes.length || boxes.some((box) => !within(box, room)) || unlike(block) ||
      shared(part, boxes);
    if (!own && differing.has(key)) continue;
    part.dataset.differs = "";
    if (!own && part.matches("a[href]:not([role])") && part.innerText?.trim() && ofText(block) &&
      RUNNING(getComputedStyle(part)) && !mayBePassedOver(part) &&
      !part.closest("[aria-hidden=true]") &&
      ["::before", "::after"].every((name) => getComputedStyle(part, name).content === "none")) {
      differing.add(key);
    }
  }
}
