// Mark the texts whose contrast axe looks at: one of all that it must judge alike. For each text it
// finds out what lies behind it, which takes most of a visit to a page, and a page has thousands.
//
// The contrast of a text follows from its own colour, size and weight and from what its ancestors
// paint. Texts that share all of this are alike where nothing else lies behind them: each line of
// them within whatever its ancestors paint or clip, and on nothing that another element paints. Any
// other text is marked itself, and so are controls. None stands for others that axe may pass over:
// what is switched off or names that, and what a pseudo-element is painted behind. All may lie
// within one part of a page, which is then all that is marked.
(root) => {
  const EVERYWHERE = { left: -1e9, top: -1e9, right: 1e9, bottom: 1e9 };
  const CLEAR = "rgba(0, 0, 0, 0)";
  const CONTROLS = "input, select, textarea, option";
  const PICTURES = "img, svg, canvas, video, iframe, object, button, input, select, textarea";
  const off = [...document.querySelectorAll(":disabled, [aria-disabled]")];
  const passed = new Set(off.flatMap((part) => [part, ...(part.labels ?? []),
    ...(part.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id))]));
  const behind = new Map([[null, { paint: "", room: EVERYWHERE }]]);
  const painted = [], first = new Set();

  const inner = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  // Boxes are rounded: a pixel more or less is no other place.
  const within = (a, b) =>
    a.left >= b.left - 1 && a.top >= b.top - 1 && a.right <= b.right + 1 && a.bottom <= b.bottom + 1;
  const touch = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const paints = (style) => style.backgroundColor !== CLEAR || style.backgroundImage !== "none";

  function mayBePassedOver(part) {
    return part !== null && (passed.has(part) || mayBePassedOver(part.parentElement) ||
      ["::before", "::after"].some((name) => paints(getComputedStyle(part, name))));
  }

  const shown = [...document.querySelectorAll("*")].filter((part) => part.checkVisibility());
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
      for (const box of part.getClientRects()) painted.push([part, box]);
    }
    behind.set(part, !changes ? up : {
      paint: [up.paint, style.backgroundColor, style.backgroundImage, style.opacity, style.filter,
        style.mixBlendMode].join("|"),
      room: all ? up.room : inner(up.room, part.getBoundingClientRect()),
    });
  }

  // What was alike before may no longer be.
  for (const part of document.querySelectorAll("[data-contrast]")) delete part.dataset.contrast;
  for (const part of shown.filter((each) => (root ?? document).contains(each))) {
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
    const own = control || lines.some((line) => !within(line, room)) ||
      painted.some(([other, box]) => !other.contains(part) && lines.some((line) => touch(line, box)));
    if (own || !first.has(key)) part.dataset.contrast = "";
    if (!own && !first.has(key) && !mayBePassedOver(part)) first.add(key);
  }
}
