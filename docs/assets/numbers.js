/* A number that leads to a claim shows the claim's interval before its reader goes there: under a mouse, under the keyboard
   and at the first touch. Classic script: it must also run from a folder. */
(() => {
  const ROW = 6, EDGE = 3.5, MARGIN = 8;
  const peek = document.createElement("div");
  peek.className = "peek";
  peek.id = "peek";
  peek.setAttribute("role", "tooltip");
  peek.hidden = true;
  document.body.append(peek);
  let shown = null, touched = false;

  // The first row holds zero and the margins, each further one an interval: low, point, high.
  const drawn = (bar) => {
    const [[zero, least, most], ...rows] = bar.split(";").map((row) => row.split(" ").map(Number));
    const height = ROW * (rows.length - 1) + 2 * EDGE;
    const lines = rows.map(([low, point, high], i) => {
      const y = EDGE + ROW * i;
      return `M${low} ${y}H${high}M${point} ${y - 2}v4`;
    });
    return `<svg viewBox="-1 0 102 ${height}" aria-hidden="true">` +
      `<rect class="strip__band" x="${least}" width="${most - least}" height="${height}"/>` +
      `<path class="strip__zero" d="M${zero} 0V${height}"/>` +
      `<path class="strip__interval" d="${lines.join("")}"/></svg>`;
  };

  const hide = () => {
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    peek.hidden = true;
  };

  const show = (link) => {
    if (shown === link) return;
    hide();
    shown = link;
    peek.textContent = `${link.dataset.said}.`;
    if (link.dataset.bar) peek.insertAdjacentHTML("afterbegin", drawn(link.dataset.bar));
    if (peek.querySelector(".strip__band:not([width='0'])")) peek.append(" Gray lies within the margin.");
    if (touched) peek.append(" Tap again to see the claim.");
    peek.hidden = false;
    link.setAttribute("aria-describedby", peek.id);
    // Touching the number, so that a mouse can go from one to the other; inside the window.
    const box = link.getClientRects()[0], own = peek.getBoundingClientRect();
    const left = Math.min(Math.max(box.left, MARGIN), document.documentElement.clientWidth - own.width - MARGIN);
    const below = box.bottom + own.height <= innerHeight;
    peek.style.left = `${left + scrollX}px`;
    peek.style.top = `${(below ? box.bottom : box.top - own.height) + scrollY}px`;
  };

  const number = (target) => target.closest && target.closest("a.value[data-said]");
  document.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; }, true);
  document.addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape") hide();
  }, true);
  document.addEventListener("mouseover", (event) => {
    const link = number(event.target);
    if (link && !touched) show(link);
    else if (!peek.contains(event.target) && shown !== document.activeElement && !touched) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = number(event.target);
    if (link && !touched) show(link);
    else if (!link) hide();
  });
  document.addEventListener("click", (event) => {
    const link = number(event.target);
    if (link && touched && shown !== link) {
      event.preventDefault();
      show(link);
    } else if (!link && !peek.contains(event.target)) hide();
  });
})();
