import { createPublicKey, verify } from "node:crypto";
import { canonical } from "./canonical.mjs";
import { RECORDING } from "./types.mjs";

/**
 * Whether the signature over a receipt holds: Ed25519 over its canonical JSON without `signature`.
 *
 * @param {object} receipt
 * @param {object} jwk public key of the service
 * @returns {boolean}
 */
export function signed(receipt, jwk) {
  const { signature, ...rest } = receipt;
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify(null, Buffer.from(canonical(rest), "utf8"), key, Buffer.from(String(signature), "base64"));
}

/**
 * Why a receipt is not to be believed; nothing where it is.
 *
 * @param {any} receipt as it came
 * @param {string} source ours
 * @param {import("./keys.mjs").Keys} keys
 * @returns {Promise<string | undefined>}
 */
export async function doubt(receipt, source, keys) {
  if (receipt?.emitter !== source) return "it answers another emitter";
  if (!RECORDING.includes(receipt.service)) return "no recording service signed it";
  const jwk = await keys.receiptKey(receipt.service, receipt.key);
  if (!jwk) return `its key is none of ${receipt.service}`;
  return signed(receipt, jwk) ? undefined : "its signature does not hold";
}
