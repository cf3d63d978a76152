/* The search index is the largest file of the site, and Material asks for it on every page. Here it waits until the
   reader goes to the search field. Nothing else of this site is asked for in this way. */
(() => {
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...body) {
    const input = document.querySelector(".md-search__input");
    const go = () => send.apply(this, body);
    // An address with a question comes from the results, or opens the search: both need the index.
    if (!input || input === document.activeElement || location.search) go();
    else input.addEventListener("focus", go, { once: true });
  };
})();
