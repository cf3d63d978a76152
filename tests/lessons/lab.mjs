// Trains nets by the script of the piece: SHARED PIECE HANDED CASES, and writes what each case asks to see.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [shared, piece, handed, cases] = process.argv.slice(2);
Object.assign(globalThis, {
  window: globalThis,
  document: { currentScript: { src: "" } },
  HTMLElement: class {},
  customElements: { define: () => {} },
});
for (const path of [shared, piece]) runInThisContext(readFileSync(path, "utf8"), { filename: path });
const { begun, passed, region, scored, slopes, spirals, tasked, training } = window.bnreport.pieces.lab;
const data = JSON.parse(readFileSync(handed, "utf8"));
const NAMES = ["weight", "shift", "scale"];
const flat = (layers) => layers.flatMap((layer) => NAMES.flatMap((name) => [...(layer[name] ?? [])]));

/** The slope of the loss on all points by each number of a net, from a little more and a little less of it. */
const differences = (net, points, target) => {
  const loss = () => scored(passed(net, points, data.epsilon).at(-1).output, target).loss, little = 1e-6;
  return net.flatMap((layer) =>
    NAMES.flatMap((name) =>
      [...(layer[name] ?? [])].map((value, i) => {
        const [more, less] = [value + little, value - little].map((moved) => ((layer[name][i] = moved), loss()));
        layer[name][i] = value;
        return (more - less) / (2 * little);
      }),
    ),
  );
};

const seen = ({ normalized, ...settings }) => {
  const task = tasked(settings, data), which = normalized ? 1 : 0, net = begun(task, normalized);
  const { points, target } = spirals(settings.seed, data), start = flat(net);
  const looks = [...training(task)].filter(Boolean).map((both) => both[which]);
  return {
    points: [...points],
    start,
    picks: [...task.picks.subarray(0, 40)],
    slopes: flat(slopes(net, passed(net, points, data.epsilon), target)),
    differences: differences(net, points, target),
    losses: looks.flatMap(({ fresh, stored }) => [fresh.loss, stored.loss]),
    rights: looks.flatMap(({ fresh, stored }) => [fresh.right, stored.right]),
    end: flat(looks.at(-1).net),
    same: looks.at(-1).same,
    area: region(Float64Array.from({ length: 29 * 29 }, (_, i) => Math.sin(i) + normalized), 2),
  };
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(cases, "utf8")).map(seen)));
