/* What neither HTML nor CSS can say. Classic script: it must also run from a folder. */
(() => {
  const search = document.querySelector(".md-search");
  if (search) search.setAttribute("aria-label", "Search");

  // On a narrow screen labels open the menu and the search, and the keyboard passes labels by: each
  // gets a button, which a label that is no longer one must not be.
  const drawer = document.getElementById("__drawer");
  const menu = document.querySelector(".md-sidebar--primary");
  const buttons = { __drawer: "Menu", __search: "Search" };
  for (const [id, name] of Object.entries(buttons)) {
    const label = document.querySelector(`.md-header__button[for=${id}]`);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", name);
    button.append(...label.childNodes);
    button.addEventListener("click", () => document.getElementById(id).click());
    label.append(button);
  }
  // Material itself takes Enter on a label for a click.
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target instanceof HTMLLabelElement) {
      event.preventDefault();
      event.target.click();
    }
    if (event.key !== "Escape") return;
    // A hint may hide what its reader wants to see.
    document.body.classList.add("hushed");
    if (drawer.checked) {
      drawer.click();
      document.querySelector(".md-header__button[for=__drawer] > button").focus();
    }
  });
  for (const next of ["focusin", "mouseover"]) {
    document.addEventListener(next, () => document.body.classList.remove("hushed"));
  }
  if (menu) {
    drawer.addEventListener("change", () => {
      if (drawer.checked) menu.querySelector(".md-nav__link[href]").focus({ preventScroll: true });
    });
    menu.addEventListener("focusout", (event) => {
      if (drawer.checked && event.relatedTarget && !menu.contains(event.relatedTarget)) drawer.click();
    });
  }

  // The groups of the menu are labels, too, which may not be buttons: the name in one is.
  document.querySelectorAll(".md-nav__item--nested > label.md-nav__link[tabindex='0']").forEach((label) => {
    const toggle = document.getElementById(label.htmlFor), name = label.querySelector(".md-ellipsis");
    const tell = () => name.setAttribute("aria-expanded", String(toggle.checked));
    const turn = (event) => {
      event.preventDefault();
      toggle.click();
    };
    label.removeAttribute("tabindex");
    name.tabIndex = 0;
    name.setAttribute("role", "button");
    name.addEventListener("click", turn);
    name.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && turn(event));
    toggle.addEventListener("change", tell);
    tell();
  });

  // The links of the notebook's headings come without their names.
  document.querySelectorAll(".anchor-link").forEach((link) => {
    link.setAttribute("aria-label", `Link to: ${link.parentElement.textContent.trim()}`);
  });

  // A box that scrolls needs the keyboard too, but only while it is too narrow for its content.
  const mark = (box) => {
    const scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
  document
    .querySelectorAll(
      ".md-typeset :is(pre > code, .table__scroll, .figure__scroll, .highlight-ipynb > pre, math[display=block])," +
      ".jp-OutputArea-output",
    )
    .forEach((box) => watch.observe(box));

  // Material adds the copy buttons late, each in a landmark without a name.
  window.addEventListener("load", () => {
    document.querySelectorAll(".md-code__nav").forEach((nav, i) => {
      nav.setAttribute("aria-label", `Code block ${i + 1}`);
    });
  });

  // A link to what is folded opens it; browsers do so for what lies within, and not everywhere.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let box = target; box; box = box.parentElement) if (box.matches("details")) box.open = true;
    if (target && target.closest("details")) target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // Pieces to touch: a script is fetched when its piece is near, or is named in the address. What all
  // of them share comes first; scripts without `async` run in the order in which they were added.
  const scripts = document.currentScript.src;
  const wanted = new Set();
  const fetchOnce = (name) => {
    if (wanted.has(name)) return;
    wanted.add(name);
    const script = document.createElement("script");
    script.src = new URL(`pieces/${name}.js`, scripts);
    script.async = false;
    document.head.append(script);
  };
  const wake = ({ dataset }) => ["shared", dataset.piece].forEach(fetchOnce);
  const near = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target, boundingClientRect }) => {
      near.unobserve(target);
      // One that the first window cuts off waits until the reader moves, unless its picture waits, too.
      const untold = target.closest(".figure--answer");
      if (untold || scrollY || boundingClientRect.bottom <= innerHeight) return wake(target);
      for (const move of ["scroll", "pointermove", "keydown"]) addEventListener(move, () => wake(target), { once: true, passive: true });
    }),
    { rootMargin: "150px" },
  );
  const pieces = document.querySelectorAll("[data-piece]");
  const wakeNamed = () => pieces.forEach((piece) => location.hash.includes(`${piece.dataset.piece}.`) && wake(piece));
  pieces.forEach((piece) => near.observe(piece));
  // Whoever goes from stop to stop would pass by what comes only when it is near.
  const wakeByTab = ({ key }) => {
    if (key !== "Tab") return;
    removeEventListener("keydown", wakeByTab);
    pieces.forEach(wake);
  };
  addEventListener("keydown", wakeByTab);
  window.addEventListener("hashchange", wakeNamed);
  wakeNamed();

  // On paper nothing can be opened.
  const closed = () => document.querySelectorAll(".md-typeset details:not([open])");
  window.addEventListener("beforeprint", () => {
    closed().forEach((box) => { box.open = true; box.dataset.printed = ""; });
  });
  window.addEventListener("afterprint", () => {
    document.querySelectorAll("details[data-printed]").forEach((box) => {
      box.open = false;
      delete box.dataset.printed;
    });
  });
})();
