/* Judges claims again at another margin, from the paired differences in board-values.js, as the build does:
   bnreport/analysis/judge.py and interval_rule.py give the word, display.py what readers see of it. Classic script: it must
   also run from a folder. tests/pages/test_board_rule.py compares it with the build, for every claim at many margins. */
(() => {
  const ALPHA = 0.05, LEAST_PAIRS = 12, MOST_FLIPPED = 24;
  // Published differences have ten digits: what is closer than this to a margin lies on it.
  const TIE = 1e-9;
  const atLeast = (a, b) => a >= b - TIE, below = (a, b) => a < b - TIE;
  const sum = (values) => values.reduce((total, value) => total + value, 0);

  // ---- Student's t and the binomial distribution ----

  // Lanczos' approximation with g = 7; Numerical Recipes, section 6.1.
  const LANCZOS = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const logGamma = (x) => {
    if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    const t = x + 6.5, series = LANCZOS.reduce((total, c, i) => total + (i ? c / (x - 1 + i) : c), 0);
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
  };

  // The regularized incomplete beta function, by its continued fraction; Numerical Recipes, section 6.4.
  const betaShare = (a, b, x) => {
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(b, a, 1 - x);
    const tiny = 1e-300, front = Math.exp(
      logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
    let c = 1, d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny), fraction = d;
    for (let m = 1; m < 500; m += 1) {
      const terms = [
        (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
        (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
      ];
      let step = 1;
      for (const term of terms) {
        d = 1 / (1 + term * d || tiny);
        c = 1 + term / c || tiny;
        step *= c * d;
      }
      fraction *= step;
      if (Math.abs(step - 1) < 1e-15) break;
    }
    return front * fraction;
  };

  // How often t lies above a value.
  const tAbove = (t, freedom) => {
    const tail = 0.5 * betaShare(freedom / 2, 0.5, freedom / (freedom + t * t));
    return t > 0 ? tail : 1 - tail;
  };
  const known = new Map();
  const tQuantile = (above, freedom) => {
    const key = `${above} ${freedom}`;
    if (!known.has(key)) {
      let low = 0, high = 1;
      while (tAbove(high, freedom) > above) high *= 2;
      for (let i = 0; i < 100; i += 1) {
        const middle = (low + high) / 2;
        if (tAbove(middle, freedom) > above) low = middle;
        else high = middle;
      }
      known.set(key, high);
    }
    return known.get(key);
  };

  // How often at most k of n fair coins show heads.
  const coins = (k, n) => {
    let term = 0.5 ** n, total = 0;
    for (let i = 0; i <= k; i += 1) {
      total += term;
      term *= (n - i) / (i + 1);
    }
    return total;
  };

  // ---- Intervals and tests, as in bnreport/statistics ----

  const moments = (values) => {
    const n = values.length, mean = sum(values) / n;
    return { n, mean, error: Math.sqrt(sum(values.map((v) => (v - mean) ** 2)) / (n - 1) / n) };
  };
  const tInterval = (values, alpha) => {
    const { n, mean, error } = moments(values), half = tQuantile(alpha / 2, n - 1) * error;
    return { low: mean - half, point: mean, high: mean + half };
  };
  // Between two order statistics; infinite differences take part.
  const medianInterval = (values, alpha) => {
    const sorted = Float64Array.from(values).sort(), n = sorted.length, half = Math.floor(n / 2);
    let k = 0;
    while (k < half && coins(k, n) <= alpha / 2) k += 1;
    const middle = n % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return {
      low: k ? sorted[k - 1] : -Infinity,
      // Half of the runs lost on either side: neither is ahead.
      point: Number.isNaN(middle) ? 0 : middle,
      high: k ? sorted[n - k] : Infinity,
    };
  };
  const signTest = (values) => {
    const n = values.filter((v) => v !== 0).length, up = values.filter((v) => v > 0).length;
    return Math.min(1, 2 * coins(Math.min(up, n - up), n));
  };
  // The sums of the values under every pattern of signs.
  const patterns = (values) => values.reduce(
    (sums, value) => [...sums.map((s) => s + value), ...sums.map((s) => s - value)], [0]);
  // How many of sorted numbers are less than an edge.
  const countBelow = (sorted, edge) => {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < edge) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const flips = (values) => {
    const edge = Math.abs(sum(values)) - 1e-9 * sum(values.map(Math.abs)), half = values.length >> 1;
    const first = patterns(values.slice(0, half)), rest = Float64Array.from(patterns(values.slice(half))).sort();
    const reach = sum(first.map((s) => rest.length - countBelow(rest, edge - s)));
    return Math.min(1, (2 * reach) / 2 ** values.length);
  };
  const differs = (values) => {
    if (values.length <= MOST_FLIPPED) return flips(values);
    const { n, mean, error } = moments(values);
    return 2 * tAbove(Math.abs(mean / error), n - 1);
  };
  // Two one-sided t tests: how well a mean beyond the margin on either side is refused.
  const alike = (values, margin) => {
    const { n, mean, error } = moments(values);
    return Math.max(tAbove((mean + margin) / error, n - 1), tAbove((margin - mean) / error, n - 1));
  };
  const holm = (p) => {
    const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b]), adjusted = [];
    let highest = 0;
    order.forEach((i, rank) => {
      highest = Math.max(highest, Math.min(1, (p.length - rank) * p[i]));
      adjusted[i] = highest;
    });
    return adjusted;
  };

  // ---- Words: of a setting, and of a claim ----

  // What a setting shows whatever the margin: that is worked out once.
  const prepared = (family) => family.claims.forEach((claim) => claim.settings.forEach((setting) => {
    if (setting.ready) return;
    const { values } = setting, equal = claim.kind === "equivalence", alpha = ALPHA / family.claims.length;
    const interval = setting.lost || claim.median ? medianInterval : tInterval;
    setting.ready = true;
    if (family.byInterval) {
      setting.inner = interval(values, equal ? 2 * alpha : alpha);
      setting.outer = interval(values, alpha / claim.settings.length);
      return;
    }
    setting.inner = interval(values, ALPHA);
    if (setting.interval) [setting.inner.low, setting.inner.high] = setting.interval;
    // An equality with a lost run is never supported.
    if (equal) setting.p = (margin) => (setting.lost ? 1 : alike(values, margin));
    else {
      const p = setting.lost ? signTest(values) : differs(values);
      setting.p = () => p;
    }
  }));

  const wordByInterval = (claim, { values, inner, outer, lost }, margin) => {
    if (values.length < LEAST_PAIRS) return "underpowered";
    const equal = claim.kind === "equivalence";
    const supported = equal
      ? !lost && atLeast(inner.low, -margin) && atLeast(margin, inner.high)
      : inner.low > 0 && atLeast(inner.point, margin);
    if (supported) return "supported";
    const refuted = equal
      ? below(margin, outer.low) || below(outer.high, -margin)
      : below(outer.high, margin);
    return refuted ? "not supported" : "underpowered";
  };
  const wordByTests = (claim, { values, inner }, margin, p) => {
    if (values.length < LEAST_PAIRS) return "underpowered";
    if (claim.kind === "equivalence") {
      if (p < ALPHA) return "supported";
      return below(margin, inner.low) || below(inner.high, -margin) ? "not supported" : "underpowered";
    }
    if (p < ALPHA && inner.low > 0 && atLeast(inner.point, margin)) return "supported";
    return below(inner.high, margin) ? "not supported" : "underpowered";
  };

  const judgedByInterval = (claim, margin) => {
    const words = claim.settings.map((setting) => wordByInterval(claim, setting, margin));
    let word = "underpowered";
    if (words.includes("not supported")) word = "not supported";
    else if (words.every((each) => each === "supported")) word = "supported";
    return { word, words };
  };
  // Together the settings are judged by the largest p of all, which Holm has adjusted; each by itself by Bonferroni, over all
  // claims of the family and all settings of this one.
  const judgedByTests = (claim, margin, adjusted, family) => {
    const { settings } = claim, tests = family * settings.length;
    const together = new Set(settings.map((setting) => wordByTests(claim, setting, margin, adjusted)));
    const words = settings.map(
      (setting) => wordByTests(claim, setting, margin, Math.min(1, tests * setting.p(margin))));
    let word = "underpowered";
    if (together.size === 1) [word] = together;
    else if (words.includes("supported") && words.includes("not supported")) word = "mixed";
    return { word, words, p: adjusted };
  };

  // ---- What readers see: the word with what qualifies it, corrected in the first edition as display.py does ----

  const shown = (claim, margin, byInterval, { word, words, p }) => {
    if (claim.withdrawn) return "withdrawn";
    const all = claim.settings.map((setting) => setting.inner), difference = claim.kind === "difference";
    const low = Math.min(...all.map((each) => each.low)), high = Math.max(...all.map((each) => each.high));
    const reversed = difference && word === "not supported" && high < 0;
    const qualified = () => {
      if (!difference) return "";
      if (word === "supported") return margin > 0 && atLeast(low, margin) ? "at least the margin" : "";
      if (reversed) return "reversed";
      if (word === "not supported") return low > 0 && below(high, margin) ? "real but small" : "";
      return word === "underpowered" && low > 0 && margin > 0 ? "positive, its size undecided" : "";
    };
    const told = (name, qualifier) => (qualifier ? `${name} (${qualifier})` : name);
    const name = word === "underpowered" ? "undecided" : word;
    if (byInterval) {
      if (word === "not supported" && new Set(words).size > 1) return told(name, "not in every setting");
      if (word === "underpowered" && !difference && (low > 0 || high < 0)) return told(name, "they differ");
      return told(name, qualified());
    }
    if (word === "underpowered" && words.includes("not supported")) return told("not supported", "not in every setting");
    if (reversed && !(p < ALPHA)) return "not supported";
    return told(name, qualified());
  };

  const judgedFamily = (family, times) => {
    prepared(family);
    const margins = family.claims.map((claim) => claim.margin * times);
    const largest = (claim, i) => Math.max(...claim.settings.map((setting) => setting.p(margins[i])));
    const adjusted = family.byInterval ? [] : holm(family.claims.map(largest));
    return family.claims.map((claim, i) => {
      const judged = family.byInterval
        ? judgedByInterval(claim, margins[i])
        : judgedByTests(claim, margins[i], adjusted[i], family.claims.length);
      return [claim.id, shown(claim, margins[i], family.byInterval, judged)];
    });
  };

  /* The words of all claims by their id on a page, each margin taken so many times; of a ratio, whose margin is judged as
     its logarithm, to that power. */
  globalThis.boardRule = (families, times) => new Map(families.flatMap((family) => judgedFamily(family, times)));
})();
