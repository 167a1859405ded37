import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * @typedef {object} Credentials
 * @property {string} id emitter id, like `anderlecht`
 * @property {string} source what our events say of who sends them, like `/cpas/anderlecht`
 * @property {string} user the user at the broker, like `cpas.anderlecht`
 * @property {string} httpUrl
 * @property {string} httpToken
 * @property {string} amqpUrl
 * @property {string | undefined} keysDir
 * @property {{ca?: Buffer, cert?: Buffer, key?: Buffer}} tls whom to trust, and what we show
 */

/**
 * Read the credentials file of the programme authority. Paths in it are relative to the file.
 *
 * @param {string} file
 * @returns {Credentials}
 */
export function readCredentials(file) {
  const told = JSON.parse(readFileSync(file, "utf8"));
  for (const name of ["id", "kind", "http_url", "http_token", "amqp_url"]) {
    if (typeof told[name] !== "string") throw new Error(`${file}: ${name} is missing`);
  }
  const path = (name) => (told[name] ? resolve(dirname(file), told[name]) : undefined);
  const read = (name) => (told[name] ? readFileSync(path(name)) : undefined);
  return {
    id: told.id,
    source: `/${told.kind}/${told.id}`,
    user: `${told.kind}.${told.id}`,
    httpUrl: told.http_url.replace(/\/+$/, ""),
    httpToken: told.http_token,
    amqpUrl: told.amqp_url,
    keysDir: path("keys_dir"),
    tls: { ca: read("ca_file"), cert: read("certificate_file"), key: read("key_file") },
  };
}
