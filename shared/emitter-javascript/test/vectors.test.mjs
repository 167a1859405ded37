// The platform's published test vectors: what it signed and sealed is read here, and what is sealed here can be opened.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compactDecrypt, importJWK } from "jose";
import { canonical } from "../lib/canonical.mjs";
import { encrypt, seal } from "../lib/personal.mjs";
import { doubt, signed } from "../lib/receipt.mjs";

const vectors = JSON.parse(readFileSync(new URL("../../contracts/generated/vectors.json", import.meta.url), "utf8"));
const { receipts, personal } = vectors;
const keys = {
  receiptKey: async (service, kid) => (kid === receipts.public_key.kid ? receipts.public_key : undefined),
  personalKey: () => personal.public_key,
};

const opened = async (jwe) => {
  const { plaintext } = await compactDecrypt(jwe, await importJWK(personal.private_key, "ECDH-ES"));
  return JSON.parse(Buffer.from(plaintext).toString("utf8"));
};

test("each published receipt has the canonical text that was signed", () => {
  assert.ok(receipts.signed.length);
  for (const { receipt, canonical: told } of receipts.signed) {
    const { signature, ...rest } = receipt;
    assert.equal(canonical(rest), told);
  }
});

test("each published receipt is believed", async () => {
  for (const { receipt } of receipts.signed) assert.equal(await doubt(receipt, "/cpas/anderlecht", keys), undefined);
});

test("a receipt is not believed where one letter of it changed, or it is for another, or of a strange key", async () => {
  const [{ receipt }] = receipts.signed;
  assert.ok(!signed({ ...receipt, receipt: "duplicate" }, receipts.public_key));
  assert.ok(!signed({ ...receipt, added: 1 }, receipts.public_key));
  assert.match(await doubt({ ...receipt, id: "another" }, receipt.emitter, keys), /signature/);
  assert.match(await doubt(receipt, "/cpas/another", keys), /another emitter/);
  assert.match(await doubt({ ...receipt, service: "reporting" }, receipt.emitter, keys), /no recording service/);
  assert.match(await doubt({ ...receipt, key: "strange" }, receipt.emitter, keys), /key is none/);
  assert.ok(await doubt(null, receipt.emitter, keys));
});

test("the published block is opened, and so is one sealed here, whose parts are as the documents say", async () => {
  assert.deepEqual(await opened(personal.jwe), personal.block);
  const jwe = await encrypt(personal.block, personal.public_key);
  assert.deepEqual(await opened(jwe), personal.block);
  const parts = jwe.split(".");
  assert.equal(parts.length, 5);
  assert.equal(parts[1], "");
  const header = JSON.parse(Buffer.from(parts[0], "base64url").toString("utf8"));
  const { epk, ...rest } = header;
  assert.deepEqual(rest, { alg: "ECDH-ES", enc: "A256GCM", kid: personal.public_key.kid });
  assert.equal(epk.crv, "P-256");
});

test("a block is sealed in the payload and in the replacement of a correction; all else keeps its bytes", async () => {
  const plain = '{"type": "miriam.goal.set.v1",  "data": {"goal": "a:g-1"}}';
  assert.deepEqual(await seal(plain, keys), { text: plain });
  for (const holder of ["data", "replacement"]) {
    const inner = { goal: "a:g-1", personal: personal.block };
    const data = holder === "data" ? inner : { fact: "set", replacement: inner };
    const { text, kid } = await seal(JSON.stringify({ type: "miriam.goal.corrected.v1", data }), keys);
    const event = JSON.parse(text);
    const sealed = holder === "data" ? event.data : event.data.replacement;
    assert.equal(kid, personal.public_key.kid);
    assert.ok(!text.includes(personal.block.first_name));
    assert.deepEqual(await opened(sealed.personal), personal.block);
  }
});
