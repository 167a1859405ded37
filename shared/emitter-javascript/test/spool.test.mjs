// What is on the disk is there after a kill, and nothing that was only half written.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Spool } from "../lib/spool.mjs";

const event = (id, more = {}) => JSON.stringify({ id, type: "miriam.goal.set.v1", subject: "a:p-1", ...more });
const receipt = (id, said, signature) => ({ receipt: said, id, problems: [], signature });

function inFolder(what) {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "miriam-spool-"));
    try {
      await what(join(folder, "state"), () => join(folder, "state", "journal.jsonl"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

test("events and receipts are there at the next start, in their order and with the same bytes", inFolder((folder) => {
  const spool = new Spool(folder);
  const lines = ["e-1", "e-2", "e-3"].map((id) => event(id));
  const entries = spool.put(lines.map((text) => ({ mark: spool.mark(text), text })));
  spool.answer([{ entry: entries[0], receipt: receipt("e-1", "recorded", "s1") }]);
  spool.answer([{ entry: entries[1], receipt: receipt("e-2", "parked", "s2") }]);
  // Not closed: as after a kill.
  const again = new Spool(folder);
  assert.deepEqual(again.entries.map((each) => each.text), lines);
  assert.deepEqual(again.entries.map((each) => each.done), [true, false, false]);
  assert.equal(again.find(again.mark(lines[2])).id, "e-3");
  assert.ok(again.has({ signature: "s1" }) && !again.has({ signature: "s3" }));
}));

test("a line that a kill cut off is dropped, and what comes after it is whole", inFolder((folder, journal) => {
  const spool = new Spool(folder);
  spool.put([{ mark: "m1", text: event("e-1") }]);
  appendFileSync(journal(), '{"n":1,"mark":"m2","te');
  const second = new Spool(folder);
  assert.deepEqual(second.entries.map((each) => each.id), ["e-1"]);
  second.put([{ mark: "m3", text: event("e-3") }]);
  assert.deepEqual(new Spool(folder).entries.map((each) => each.id), ["e-1", "e-3"]);
}));

test("what was sealed anew is sent with its new bytes", inFolder((folder) => {
  const spool = new Spool(folder);
  const [entry] = spool.put([{ mark: "m1", text: event("e-1", { data: { personal: "old" } }) }]);
  spool.sealAnew(entry, event("e-1", { data: { personal: "new" } }));
  assert.match(new Spool(folder).entries[0].text, /"new"/);
}));

test("only its owner reads the folder, and no mark tells what stood in a line", inFolder((folder, journal) => {
  const spool = new Spool(folder);
  spool.put([{ mark: spool.mark("85073003328"), text: event("e-1") }]);
  assert.equal(statSync(folder).mode & 0o077, 0);
  assert.ok(!readFileSync(journal(), "utf8").includes("85073003328"));
}));
