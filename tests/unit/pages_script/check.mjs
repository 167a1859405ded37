// Runs the pages' check of proofs over cases: a JSON list on stdin, the verdict and the steps of each on stdout.
//   node check.mjs MODULE
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";

globalThis.crypto ??= webcrypto;
const { check } = await import(process.argv[2]);
const found = [];
for (const each of JSON.parse(readFileSync(0, "utf-8"))) {
  const steps = [];
  try {
    found.push({ verdict: await check(each, (step) => steps.push(step)), steps });
  } catch (wrong) {
    found.push({ verdict: `${wrong}`, steps });
  }
}
process.stdout.write(JSON.stringify(found));
