// Emit through a wire that breaks again and again, and see that every event is recorded once, each subject in its order.
//   MIRIAM_OVER=amqp|http node testing/cut.mjs CREDENTIALS
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const EVENTS = 600;
const SUBJECTS = 150;
const CUTS = 4;
/** A connection is cut once so many bytes went through, both ways together: while events go out, while receipts come in. */
const BYTES = [30_000, 90_000];
const over = process.env.MIRIAM_OVER;
const [file] = process.argv.slice(2);
const credentials = JSON.parse(readFileSync(file, "utf8"));
const folder = mkdtempSync(join(dirname(file), "cut-"));
const tag = `cut-${over}-${Date.now().toString(36)}`;

/** Forward to the door, and cut the first connections in the middle of what they say. */
function wire(door) {
  const told = { cuts: 0 };
  const server = createServer((here) => {
    const there = connect(Number(door.port), door.hostname);
    let left = BYTES[told.cuts % BYTES.length];
    const count = (part) => {
      left -= part.length;
      if (left > 0 || told.cuts >= CUTS || here.destroyed) return;
      told.cuts += 1;
      here.destroy();
      there.destroy();
    };
    for (const [from, to] of [[here, there], [there, here]]) {
      from.on("data", count).on("error", () => to.destroy()).on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  const listening = () => ({ server, told, port: server.address().port });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(listening())));
}

function event(i) {
  const participation = `${credentials.id}:${tag}-p-${i % SUBJECTS}`;
  const data = {
    project: "spp-is:any", participation, goal: `${credentials.id}:${tag}-g-${i}`, occurred_on: "2024-02-01",
    domain: "training",
  };
  return {
    specversion: "1.0", id: `${tag}-${i}`, source: `/cpas/${credentials.id}`, type: "miriam.goal.set.v1",
    subject: participation, time: "2024-02-01T09:00:00Z", data,
  };
}

const name = `${over}_url`;
const door = new URL(credentials[name]);
const { server, told, port } = await wire({ hostname: door.hostname, port: door.port });
try {
  door.hostname = "127.0.0.1";
  door.port = String(port);
  writeFileSync(join(folder, "credentials.json"), JSON.stringify({ ...credentials, [name]: door.href }), { mode: 0o600 });
  const lines = Array.from({ length: EVENTS }, (_, i) => `${JSON.stringify(event(i))}\n`);
  writeFileSync(join(folder, "events.jsonl"), lines.join(""));
  const program = fileURLToPath(new URL("../emit.mjs", import.meta.url));
  const env = { ...process.env, MIRIAM_CREDENTIALS: join(folder, "credentials.json"), MIRIAM_STATE: join(folder, "state") };
  const { stdout } = await promisify(execFile)(process.execPath, [program, join(folder, "events.jsonl")], {
    env, timeout: 120_000, maxBuffer: 2 ** 26,
  });
  const receipts = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(told.cuts, CUTS, "the wire was not cut often enough");
  assert.equal(receipts.length, EVENTS);
  const numbers = new Map(receipts.map((each) => [each.id, each.events[0]?.sequence]));
  for (let i = 0; i < EVENTS; i += 1) assert.ok(numbers.get(`${tag}-${i}`), `no record of ${tag}-${i}`);
  for (let i = SUBJECTS; i < EVENTS; i += 1) {
    const [before, after] = [numbers.get(`${tag}-${i - SUBJECTS}`), numbers.get(`${tag}-${i}`)];
    assert.ok(before < after, `${tag}-${i} came before its predecessor`);
  }
  console.log(`over ${over}: ${EVENTS} events through a wire that was cut ${told.cuts} times: each recorded once, in its order`);
} finally {
  server.close();
  rmSync(folder, { recursive: true });
}
