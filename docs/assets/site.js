/* What neither HTML nor CSS can say. Classic script: it must also run from a folder. */
(() => {
  const search = document.querySelector(".md-search");
  if (search) search.setAttribute("aria-label", "Search");

  // A box that scrolls needs the keyboard too, but only while it is too narrow for its content.
  const mark = (box) => {
    const scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
  document
    .querySelectorAll(
      ".md-typeset :is(pre > code, .md-typeset__scrollwrap, .highlight-ipynb > pre, math[display=block])," +
      ".jp-OutputArea-output",
    )
    .forEach((box) => watch.observe(box));

  // Material adds the copy buttons late, each in a landmark without a name.
  window.addEventListener("load", () => {
    document.querySelectorAll(".md-code__nav").forEach((nav, i) => {
      nav.setAttribute("aria-label", `Code block ${i + 1}`);
    });
  });

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
