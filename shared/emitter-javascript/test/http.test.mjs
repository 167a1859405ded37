// What is done with each answer of the door over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";
import { named, personalPair, receipt, tried } from "../testing/door.mjs";

const [a, b, later] = [{ id: "e-a", subject: "a" }, { id: "e-b", subject: "b" }, { id: "e-later", subject: "a" }];
const all = (body) => ({ body: { receipts: [body].flat().map((event) => receipt(event)) } });
const problem = (status, code, more = {}) => () => ({ status, headers: { "Retry-After": "0" }, body: { code, ...more } });
const said = ({ told }) => told.map((each) => `${each.id} ${each.receipt}`);

test("events of different subjects share a request, and the next of a subject waits for the answer", async () => {
  const done = await tried([a, b, later], [all, all]);
  const ids = done.came.map((text) => [JSON.parse(text)].flat().map((each) => each.id));
  assert.deepEqual(ids, [["e-a", "e-b"], ["e-later"]]);
  assert.deepEqual(said(done), ["e-a recorded", "e-b recorded", "e-later recorded"]);
});

test("after 429, 503 and a broken connection the same bytes go again", async () => {
  const done = await tried([a], [problem(429, "too_many"), problem(503, "unavailable"), () => undefined, all]);
  assert.equal(new Set(done.came).size, 1);
  assert.equal(done.came.length, 4);
  assert.deepEqual(said(done), ["e-a recorded"]);
});

test("what a 503 settled is kept, and only the others go again", async () => {
  const half = () => ({ status: 503, headers: { "Retry-After": "0" }, body: { receipts: [receipt(a)] } });
  const done = await tried([a, b], [half, all]);
  assert.deepEqual(JSON.parse(done.came[1]).id, "e-b");
  assert.deepEqual(said(done), ["e-a recorded", "e-b recorded"]);
});

test("the seconds of Retry-After are waited for", async () => {
  const begin = Date.now();
  await tried([a], [() => ({ status: 429, headers: { "Retry-After": "1" }, body: {} }), all]);
  assert.ok(Date.now() - begin >= 1_000);
});

test("a forged receipt is dropped, and its event goes again", async () => {
  const forged = (event) => ({ body: { receipts: [{ ...receipt(event, "refused"), receipt: "recorded" }] } });
  const done = await tried([a], [forged, all]);
  assert.match(done.notes.join(), /signature does not hold/);
  assert.equal(done.came.length, 2);
  assert.deepEqual(said(done), ["e-a recorded"]);
});

test("of several receipts for one event the first that settles it counts", async () => {
  const three = ["parked", "recorded", "duplicate"];
  const several = (event) => ({ body: { receipts: three.map((each) => receipt(event, each)) } });
  assert.deepEqual(said(await tried([a], [several])), ["e-a recorded"]);
});

test("a parked event is asked for until its second receipt, and holds up the next of its subject", async () => {
  const parked = (event) => ({ body: { receipts: [receipt(event, "parked")] } });
  const still = () => ({ body: receipt(a, "parked") });
  const done = await tried([a, later], [parked, still, () => ({ body: receipt(a) }), all]);
  assert.deepEqual(done.came.slice(1, 3), ["/v1/receipts/e-a", "/v1/receipts/e-a"]);
  assert.deepEqual(said(done), ["e-a parked", "e-a recorded", "e-later recorded"]);
});

test("a batch that is too large is sent event by event", async () => {
  const done = await tried([a, b], [problem(413, "too_large"), all, all]);
  assert.deepEqual(said(done), ["e-a recorded", "e-b recorded"]);
});

test("without a token that holds it stops, says why, and keeps the events", async () => {
  const refused = problem(401, "unauthorized", { title: "A valid token is needed." });
  await assert.rejects(tried([a], [refused]), /401.*A valid token/);
});

test("where the service has another key the block is sealed anew, and sent under its id", async () => {
  const jwk = (kid) => named(personalPair().publicKey.export({ format: "jwk" }), kid);
  const service = { personal: jwk("old") };
  const open = JSON.stringify({ ...a, type: "miriam.goal.set.v1", data: { personal: { text: "note" } } });
  const changed = (event) => {
    service.personal = jwk("new");
    return { body: { receipts: [receipt(event, "refused", { problems: [{ code: "personal_unreadable" }] })] } };
  };
  const done = await tried([{ ...a, data: { open } }], [changed, all], service);
  const header = JSON.parse(Buffer.from(JSON.parse(done.came[1]).data.personal.split(".")[0], "base64url").toString());
  assert.equal(header.kid, "new");
  assert.deepEqual(said(done), ["e-a recorded"]);
});
