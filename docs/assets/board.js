/* The board of verdicts: filters, a margin of the reader's, guesses, and what can be copied. The page is whole without it.
   Classic script: it must also run from a folder. The state stands in the address, so that a filtered board can be linked. */
(() => {
  const board = document.querySelector(".board");
  if (!board) return;
  const here = document.currentScript.src;
  const all = (selector, within = board) => [...within.querySelectorAll(selector)];
  const first = (selector, within = board) => within.querySelector(selector);
  const MARKS = { supported: "✓", "not supported": "✗", mixed: "±", undecided: "?", withdrawn: "↺", "not judged": "–" };
  const plain = (text) => text.trim().replace(/\s+/g, " ");
  const wordOf = (text) => text.replace(/ \(.*/, "");

  // ---- The claims as the page holds them ----

  // What a claim has is looked for when it is asked for: all at once at the start would keep a phone busy.
  const claims = all("details.line").map((line) => ({
    line, words: "", said: "", moved: "",
    get told() { return first(".line__word", line); },
    get published() { return this.said ||= plain(this.told.textContent).slice(2); },
    get text() { return this.moved || this.published; },
    get expects() { return first(".line__expected, .line__surprise", line); },
    get strip() { return first(".strip__band", line); },
  }));
  const byId = new Map(claims.map((claim) => [claim.line.id, claim]));
  const folds = all("details.board__question").map((fold) => ({
    fold,
    claims: all("details.line", fold).map((line) => byId.get(line.id)),
    summary: first(".board__words", fold),
    get dots() { return all(".strip__claim", fold); },
    get band() { return first(".strip--swarm .strip__band", fold); },
    // The dots in front of a fold are its claims with a line, in their order.
    get drawn() { return this.claims.filter((claim) => first("summary > .strip", claim.line)); },
    // What a filter opened it also shuts.
    opened: false,
  }));
  const otherwise = (claim) => {
    const word = wordOf(claim.text);
    return !["withdrawn", "not judged", claim.line.dataset.expected].includes(word);
  };

  // ---- Filters ----

  const search = first("[name=words]"), chosen = all("select"), matches = first(".board__matches");
  const clear = first(".board__clear"), slider = first("[name=margin]"), more = first(".board__more");
  const rules = {
    verdict: (claim, value) => wordOf(claim.text) === value,
    surprise: (claim, value) => otherwise(claim) === (value === "yes"),
    edition: (claim, value) => claim.line.dataset.edition === value,
    score: (claim, value) => claim.line.dataset.score === value,
    arm: (claim, value) => claim.line.dataset.arm.split(" ").includes(value),
    net: (claim, value) => claim.line.dataset.net.split(" ").includes(value),
  };
  const wordsOf = (claim) => {
    claim.words ||= plain(
      `${first(".line__claim", claim.line).firstChild.textContent} ${first(".claim__statement", claim.line).textContent}`
    ).toLowerCase();
    return claim.words;
  };

  let hides = false;
  const filter = () => {
    const asked = plain(search.value.toLowerCase()).split(" ").filter(Boolean);
    const active = chosen.filter((select) => select.value);
    const filtered = asked.length + active.length > 0;
    clear.disabled = !filtered;
    matches.textContent = `${claims.length} of ${claims.length} claims`;
    // The page as it came hides nothing.
    if (!filtered && !hides) return;
    hides = filtered;
    const fits = (claim) => active.every((select) => rules[select.name](claim, select.value))
      && asked.every((word) => wordsOf(claim).includes(word));
    let count = 0;
    for (const each of folds) {
      const found = each.claims.filter((claim) => {
        claim.line.hidden = filtered && !fits(claim);
        return !claim.line.hidden;
      });
      count += found.length;
      each.fold.hidden = found.length === 0;
      if (filtered && found.length && !each.fold.open) each.fold.open = each.opened = true;
      if (!filtered && each.opened) each.fold.open = each.opened = false;
    }
    for (const part of all(".board__edition, .board__chapter")) {
      part.hidden = !part.querySelector("details.line:not([hidden])");
    }
    first(".board__none").hidden = count > 0;
    matches.textContent = `${count} of ${claims.length} claims`;
  };

  // ---- The reader's margin ----

  const times = first(".board__times"), moved = first(".board__moved"), back = first(".board__reset");
  const [low, high, edge, width] = board.dataset.axis.split(" ").map(Number);
  const place = (margins) => edge + ((Math.asinh(margins) - Math.asinh(low)) / (Math.asinh(high) - Math.asinh(low))) * (width - 2 * edge);
  const shade = (band, margins, both) => {
    const left = both ? place(-margins) : place(0);
    band.setAttribute("x", left.toFixed(1));
    band.setAttribute("width", (place(margins) - left).toFixed(1));
  };
  const name = (word) => word.replace(" ", "-");

  const load = (file) => new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = new URL(file, here).href;
    script.onload = done;
    script.onerror = () => fail(new Error(`${file} could not be read`));
    document.head.append(script);
  });
  // The rule and the seeds are loaded when the slider is first touched, and once.
  let judging = null;
  const judge = () => {
    judging ||= Promise.all([load("board-rule.js"), load("board-values.js")]).then(() => {
      for (const family of globalThis.boardValues) {
        for (const { id, kind } of family.claims) byId.get(id).both = kind === "equivalence";
      }
    });
    return judging;
  };

  const show = (claim, text) => {
    if (claim.text === text) return;
    claim.moved = text;
    const word = wordOf(text);
    claim.told.textContent = `${MARKS[word]} ${text}`;
    claim.told.className = `line__word line__word--${name(word)}`;
    claim.expects.className = otherwise(claim) ? "line__surprise" : "line__expected";
  };
  const sum = ({ claims: own, summary, dots, drawn }) => {
    const words = own.map((claim) => wordOf(claim.text));
    const counts = Object.keys(MARKS).map((word) => [word, words.filter((each) => each === word).length]).filter(([, n]) => n);
    summary.setAttribute("aria-label", counts.map(([word, n]) => `${n} ${word}`).join(", "));
    summary.replaceChildren(...counts.flatMap(([word, n]) => {
      const part = document.createElement("span");
      part.className = `line__word line__word--${name(word)}`;
      part.textContent = `${MARKS[word]} ${n}`;
      return [part, " "];
    }));
    drawn.forEach((claim, i) => dots[i].setAttribute("class", `strip__claim strip__claim--${name(wordOf(claim.text))}`));
  };
  const tell = () => {
    const margins = Number(slider.value), changed = claims.filter((claim) => claim.text !== claim.published).length;
    times.textContent = margins === 1 ? "once" : `${margins.toFixed(2)} times`;
    slider.setAttribute("aria-valuetext", times.textContent);
    for (const output of all("output[data-margin]")) {
      const margin = Number(output.dataset.margin);
      const own = output.dataset.scale === "ratio" ? margin ** margins : margin * margins;
      output.textContent = output.defaultValue.replace(/[\d.]+/, own.toFixed(2));
    }
    back.hidden = first(".board__now").hidden = margins === 1;
    moved.textContent = changed
      ? `${changed === 1 ? "One word changes" : `${changed} words change`}.`
      : margins === 1 ? "All words are those of the site." : "No word changes.";
  };
  const move = async () => {
    const margins = Number(slider.value);
    try {
      await judge();
    } catch (error) {
      moved.textContent = `Expected the seeds of all claims. Received: ${error.message}. Load the page again.`;
      return;
    }
    // Who drags on meanwhile is answered once.
    if (margins !== Number(slider.value)) return;
    for (const [id, text] of globalThis.boardRule(globalThis.boardValues, margins)) show(byId.get(id), text);
    for (const { strip, both } of claims) if (strip) shade(strip, margins, both);
    for (const each of folds) {
      const { band } = each;
      if (band) shade(band, margins, false);
      sum(each);
    }
    tell();
    filter();
    board.dataset.judged = margins;
  };

  // ---- The address ----

  const write = () => {
    const state = new URLSearchParams();
    for (const field of [search, ...chosen]) if (field.value.trim()) state.set(field.name, field.value.trim());
    if (slider.value !== "1") state.set("margin", slider.value);
    // An address that leads to a claim stays until a filter is set.
    if (`${state}` || location.hash.includes("=")) history.replaceState(null, "", `#${state}`);
  };
  const empty = () => {
    for (const field of [search, ...chosen]) field.value = "";
    filter();
  };
  const read = () => {
    if (location.hash.slice(1) && !location.hash.includes("=")) {
      // Whoever follows the address of a claim sees it, whatever was filtered.
      const claim = byId.get(location.hash.slice(1));
      if (!claim?.line.hidden) return;
      empty();
      for (let at = claim.line; at; at = at.parentElement.closest("details")) at.open = true;
      claim.line.scrollIntoView();
      return;
    }
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of [search, ...chosen]) field.value = state.get(field.name) || "";
    for (const select of chosen) if (select.selectedIndex < 0) select.value = "";
    const before = slider.value;
    slider.value = state.get("margin") || "1";
    // What is set is seen, on a phone too.
    if (slider.value !== "1" || chosen.some((select) => select.value)) more.ariaExpanded = "true";
    filter();
    if (slider.value !== before) move();
  };
  const changed = () => {
    filter();
    write();
  };
  more.addEventListener("click", () => { more.ariaExpanded = String(more.ariaExpanded !== "true"); });
  search.addEventListener("input", changed);
  chosen.forEach((select) => select.addEventListener("change", changed));
  clear.addEventListener("click", () => {
    empty();
    write();
    search.focus();
  });
  slider.addEventListener("input", () => {
    tell();
    move();
    write();
  });
  back.addEventListener("click", () => {
    slider.value = "1";
    slider.focus();
    move();
    write();
  });
  window.addEventListener("hashchange", read);
  read();

  // ---- What can be copied of a claim: buttons are made when its line is first opened ----

  const base = () => (document.querySelector("link[rel=canonical]") || location).href;
  const parts = (claim) => ({
    id: claim.line.id.replace("claim-", ""),
    statement: plain(first(".claim__statement", claim.line).textContent),
    link: new URL(first(".board__actions a", claim.line).getAttribute("href"), base()).href,
  });
  const asText = (claim) => {
    const { statement, link } = parts(claim);
    const numbers = plain(first(".claim__numbers", claim.line).textContent);
    const expected = claim.line.dataset.expected;
    return `${statement}\nVerdict: ${claim.published}. Expected: ${expected}.\n${numbers}\n${link}`;
  };
  const asBibtex = (claim) => {
    const { id, statement, link } = parts(claim);
    const title = `${statement.replace(/\.$/, "")}: ${claim.published}`.replace(/[&%$#_{}]/g, "\\$&");
    const given = { "%CLAIM%": id, "%STATEMENT%": title, "%LINK%": link };
    return board.dataset.bibtex.replace(/%[A-Z]+%/g, (key) => given[key]);
  };
  const offer = async (line, text) => {
    const box = first(".board__copied", line), field = first("textarea", box), output = first("output", box);
    box.hidden = false;
    field.value = text;
    field.rows = text.split("\n").length + 1;
    field.select();
    try {
      await navigator.clipboard.writeText(text);
      output.textContent = "Copied.";
    } catch {
      // A browser may refuse; the text is selected.
      output.textContent = "Selected: copy it with the keys of your system.";
    }
  };
  const equip = (claim) => {
    const actions = first(".board__actions", claim.line);
    if (first("button", actions)) return;
    const button = (label, make) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = label;
      made.addEventListener("click", () => offer(claim.line, make(claim)));
      return made;
    };
    actions.append(" ", button("Copy", asText));
    if (board.dataset.bibtex) actions.append(" ", button("Cite", asBibtex));
    const box = document.createElement("p"), field = document.createElement("textarea");
    box.className = "board__copied";
    box.hidden = true;
    field.readOnly = true;
    field.ariaLabel = "The text to copy";
    box.append(field, document.createElement("output"));
    actions.after(box);
  };
  // One for all; it does not bubble.
  board.addEventListener("toggle", ({ target }) => target.open && byId.has(target.id) && equip(byId.get(target.id)), true);
  // The address may have opened one before.
  for (const claim of claims) if (claim.line.open) equip(claim);

  // ---- Guess first ----

  const guesses = all(".headline", document), score = document.querySelector(".guesses__score");
  const settled = () => guesses.filter((guess) => guess.dataset.guessed);
  const count = () => {
    const done = settled(), right = (key) => done.filter(({ dataset }) => dataset[key] === dataset.found).length;
    const how = done.length === guesses.length ? `That is all ${done.length}.` : `${done.length} of ${guesses.length} guessed.`;
    score.textContent = `${how} You were right about ${right("guessed")}, and we about ${right("expected")} of the same.`;
  };
  for (const guess of guesses) {
    first("details", guess).addEventListener("toggle", () => {
      const radios = all("input", guess), choice = radios.find((radio) => radio.checked);
      if (guess.dataset.shown) return;
      // Who has seen the answer guesses no more.
      guess.dataset.shown = "yes";
      for (const radio of radios) radio.disabled = true;
      if (!choice) return;
      guess.dataset.guessed = choice.value;
      const right = choice.value === guess.dataset.found;
      first(".headline__yours", guess).textContent = ` You guessed ${choice.value}: ${right ? "right" : "wrong"}.`;
      count();
    });
  }
})();
