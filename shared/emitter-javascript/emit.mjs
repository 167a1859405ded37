#!/usr/bin/env node
/**
 * Emit the events of a file, and wait for their receipts.
 *
 *     MIRIAM_CREDENTIALS=acme.json MIRIAM_OVER=http MIRIAM_STATE=state node emit.mjs EVENTS.jsonl
 *
 * Exit code 0: every event has its receipt, refused or not. 1: something must be mended first; what is not answered
 * is kept, and goes at the next call. 2: called in a wrong way, or a line that can never be sent; nothing was sent.
 */
import { readFileSync } from "node:fs";
import { overAmqp } from "./lib/amqp.mjs";
import { Answers } from "./lib/answers.mjs";
import { readCredentials } from "./lib/credentials.mjs";
import { fault } from "./lib/entry.mjs";
import { overHttp } from "./lib/http.mjs";
import { Keys } from "./lib/keys.mjs";
import { Order } from "./lib/order.mjs";
import { seal } from "./lib/personal.mjs";
import { Spool } from "./lib/spool.mjs";

const DOORS = { amqp: overAmqp, http: overHttp };
const tell = (receipt) => process.stdout.write(`${JSON.stringify(receipt)}\n`);
const note = (text) => process.stderr.write(`${text}\n`);

/**
 * What of the file must still be sent is in the spool when this returns. A line that was recorded before is told
 * from its kept receipt; one that was refused goes again, for what it rested on may be recorded by now.
 */
async function accept(lines, spool, keys) {
  const fresh = new Map();
  const known = new Map();
  for (const line of lines) {
    const mark = spool.mark(line);
    const before = spool.find(mark);
    if (before && !before.refused) {
      known.set(mark, before);
      if (!before.done) before.open = line;
    } else if (!fresh.has(mark)) {
      fresh.set(mark, { mark, line, ...(await seal(line, keys)) });
    }
  }
  for (const [i, entry] of spool.put([...fresh.values()]).entries()) {
    const { line, kid } = [...fresh.values()][i];
    Object.assign(entry, { open: line, kid });
  }
  return [...known.values()].filter((entry) => entry.done);
}

async function main([file, ...more]) {
  const { MIRIAM_CREDENTIALS, MIRIAM_OVER, MIRIAM_STATE } = process.env;
  const door = DOORS[MIRIAM_OVER];
  if (!file || more.length || !MIRIAM_CREDENTIALS || !MIRIAM_STATE || !door) {
    note("usage: MIRIAM_CREDENTIALS=FILE MIRIAM_OVER=amqp|http MIRIAM_STATE=FOLDER node emit.mjs EVENTS.jsonl");
    return 2;
  }
  const lines = readFileSync(file, "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
  const faults = lines.flatMap((line, i) => (fault(line) ? [`${file}, line ${i + 1}: ${fault(line)}`] : []));
  if (faults.length) {
    faults.forEach(note);
    return 2;
  }

  const credentials = readCredentials(MIRIAM_CREDENTIALS);
  const spool = new Spool(MIRIAM_STATE);
  const keys = new Keys(credentials, MIRIAM_STATE);
  await keys.load();
  (await accept(lines, spool, keys)).forEach((entry) => tell(entry.receipt));

  const order = new Order();
  spool.entries.filter((entry) => !entry.done).forEach((entry) => order.add(entry));
  await door(credentials, order, new Answers(credentials, keys, spool, order, { tell, note }));
  spool.close();
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  note(error.message);
  process.exitCode = 1;
}
