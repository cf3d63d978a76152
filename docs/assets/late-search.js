/* The search index is the largest file of the site, and its reader, a worker, the second largest script. Material asks for
   both on every page. Here they wait until somebody goes to the search field. */
(() => {
  // Nothing else of this site is asked for in this way.
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...body) {
    const input = document.querySelector(".md-search__input");
    const go = () => send.apply(this, body);
    // An address with a question comes from the results, or opens the search: both need the index.
    if (!input || input === document.activeElement || location.search) go();
    else input.addEventListener("focus", go, { once: true });
  };

  // Material first speaks to its worker when it has the index; from a folder, when the search is opened.
  const { Worker } = window;
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.address = address;
    }

    postMessage(message) {
      if (!this.inner) {
        this.inner = new Worker(this.address);
        this.inner.addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
        this.inner.addEventListener("error", () => this.dispatchEvent(new Event("error")));
      }
      this.inner.postMessage(message);
    }
  };
})();
