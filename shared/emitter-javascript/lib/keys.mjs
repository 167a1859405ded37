import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RECORDING } from "./types.mjs";
import { request } from "./request.mjs";

/** The public keys of the services: asked for at GET /v1/keys, and kept for when nobody answers there. */
export class Keys {
  /**
   * @param {import("./credentials.mjs").Credentials} credentials
   * @param {string} folder where they are kept
   */
  constructor(credentials, folder) {
    this.credentials = credentials;
    this.file = join(folder, "keys.json");
    this.byService = {};
    this.asked = 0;
  }

  /** Those that are kept; else ask for them; else those of `keys_dir`. New ones are asked for where they are needed. */
  async load() {
    if (this.#read(() => this.#kept())) return;
    const failed = await this.ask();
    if (failed && !this.#read(() => this.#handedOver())) {
      throw new Error(`no public keys: ${failed}; is ${this.credentials.httpUrl} up?`);
    }
  }

  /**
   * Ask the door for the keys; not more often than every two seconds.
   *
   * @returns {Promise<string | undefined>} why there are no new ones
   */
  async ask() {
    if (Date.now() - this.asked < 2_000) return "they were asked for just now";
    this.asked = Date.now();
    try {
      const { httpUrl, tls } = this.credentials;
      const { status, text } = await request(`${httpUrl}/v1/keys`, { tls, seconds: 10 });
      if (status !== 200) return `GET /v1/keys answered ${status}`;
      this.byService = JSON.parse(text);
      writeFileSync(`${this.file}.new`, text, { mode: 0o600 });
      renameSync(`${this.file}.new`, this.file);
      return undefined;
    } catch (error) {
      return error.message;
    }
  }

  /**
   * @param {string} service
   * @param {string} kid
   * @returns {Promise<object | undefined>} the receipt key of the service under this `kid`
   */
  async receiptKey(service, kid) {
    if (this.byService[service]?.receipt.kid !== kid) await this.ask();
    const key = this.byService[service]?.receipt;
    return key?.kid === kid ? key : undefined;
  }

  /** @param {string} service @returns {object} the JWK that personal blocks are encrypted for */
  personalKey(service) {
    return this.byService[service].personal;
  }

  #read(from) {
    try {
      this.byService = from();
      return true;
    } catch {
      return false; // None there, or not whole.
    }
  }

  #kept() {
    return JSON.parse(readFileSync(this.file, "utf8"));
  }

  #handedOver() {
    const read = (name) => JSON.parse(readFileSync(join(this.credentials.keysDir, `${name}.pub.json`), "utf8"));
    return Object.fromEntries(
      RECORDING.map((each) => [each, { personal: read(`${each}.personal`), receipt: read(`${each}.receipt`) }]),
    );
  }
}
