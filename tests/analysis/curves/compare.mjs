// Repeats cases of the reference by the script of the piece: SHARED PIECE HANDED, and writes by how much each is off.
// Where files are handed, in hexadecimal, it writes their texts, or why they are refused.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [shared, piece, handed] = process.argv.slice(2);
let Made;
Object.assign(globalThis, {
  window: globalThis,
  HTMLElement: class {},
  customElements: { define: (_, made) => (Made = made) },
});
for (const path of [shared, piece]) runInThisContext(readFileSync(path, "utf8"), { filename: path });
const compare = Object.create(Made.prototype);
compare.data = JSON.parse(readFileSync(handed, "utf8"));
compare.started();
// What is not the same at all is infinitely far off, for which JSON has no number.
const text = (file) => {
  try {
    return window.bnreport.pieces.compare.decoded(Buffer.from(file, "hex"), "log", compare.data.rule);
  } catch (error) {
    return error.message;
  }
};
const { files, witnesses } = compare.data;
process.stdout.write(JSON.stringify(files ? files.map(text) : witnesses.map((each) => compare.witnessed(each))));
