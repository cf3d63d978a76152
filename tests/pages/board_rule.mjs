// Judges the paired differences of a script at some margins: RULE VALUES TIMES..., and writes JSON.
import { readFileSync } from "node:fs";
import { runInThisContext } from "node:vm";

const [rule, values, ...times] = process.argv.slice(2);
for (const path of [rule, values]) runInThisContext(readFileSync(path, "utf8"), { filename: path });
const words = times.map((each) => [...globalThis.boardRule(globalThis.boardValues, Number(each))]);
process.stdout.write(JSON.stringify(words));
