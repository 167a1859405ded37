// Check the published test vectors as the documents tell a maker to, with nothing but what Node.js brings.
import { createDecipheriv, createHash, createPrivateKey, createPublicKey, diffieHellman, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("usage: node check_vectors.mjs vectors.json");
  process.exit(2);
}
const { receipts, personal } = JSON.parse(await readFile(file, "utf8"));
let faults = 0;
const expect = (good, what) => {
  if (!good) {
    faults += 1;
    console.log(`${file}: ${what}`);
  }
};

// Canonical JSON of what a receipt holds: keys sorted at every depth, no blanks.
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
};

const signer = createPublicKey({ key: receipts.public_key, format: "jwk" });
for (const { receipt, canonical: told } of receipts.signed) {
  const { signature, ...rest } = receipt;
  const text = canonical(rest);
  expect(text === told, `${receipt.receipt}: another canonical text`);
  expect(verify(null, Buffer.from(text), signer, Buffer.from(signature, "base64")), `${receipt.receipt}: not signed`);
}

// ECDH-ES with A256GCM (RFC 7518, 4.6): one round of the Concat KDF over the agreed secret, without apu and apv.
const parts = personal.jwe.split(".");
const [header, key, iv, sealed, tag] = parts.map((part) => Buffer.from(part, "base64url"));
const { alg, enc, kid, epk } = JSON.parse(header);
expect(alg === "ECDH-ES" && enc === "A256GCM" && kid === personal.public_key.kid && !key.length, "another header");
const number = (value) => Buffer.from(Uint32Array.of(value).buffer).swap32();
const secret = diffieHellman({
  privateKey: createPrivateKey({ key: personal.private_key, format: "jwk" }),
  publicKey: createPublicKey({ key: epk, format: "jwk" }),
});
const info = [number(enc.length), Buffer.from(enc), number(0), number(0), number(256)];
const content = createHash("sha256").update(Buffer.concat([number(1), secret, ...info])).digest();
const open = createDecipheriv("aes-256-gcm", content, iv).setAuthTag(tag).setAAD(Buffer.from(parts[0]));
const block = JSON.parse(Buffer.concat([open.update(sealed), open.final()]));
expect(isDeepStrictEqual(block, personal.block), "the block is another");

console.log(`${file}: ${receipts.signed.length} receipts, one block, ${faults} faults`);
process.exit(faults ? 1 : 0);
