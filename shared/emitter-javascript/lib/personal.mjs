import { CompactEncrypt, importJWK } from "jose";
import { readType } from "./types.mjs";

/**
 * Encrypt one personal block: a JWE in compact form, ECDH-ES with A256GCM.
 *
 * @param {object} block
 * @param {object} jwk `personal` key of the service that records the event
 * @returns {Promise<string>}
 */
export async function encrypt(block, jwk) {
  return new CompactEncrypt(Buffer.from(JSON.stringify(block), "utf8"))
    .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM", kid: jwk.kid })
    .encrypt(await importJWK(jwk, "ECDH-ES"));
}

/**
 * Seal the personal blocks of an event: of its payload, and of the replacement in a correction.
 *
 * @param {string} text the event as JSON
 * @param {import("./keys.mjs").Keys} keys
 * @returns {Promise<{text: string, kid?: string}>} what to send, the very bytes where nothing stood open; `kid` of the key
 */
export async function seal(text, keys) {
  const event = JSON.parse(text);
  const jwk = keys.personalKey(readType(event.type).service);
  let kid;
  for (const holder of [event.data, event.data?.replacement]) {
    if (holder?.personal && typeof holder.personal === "object") {
      holder.personal = await encrypt(holder.personal, jwk);
      kid = jwk.kid;
    }
  }
  return kid ? { text: JSON.stringify(event), kid } : { text };
}
