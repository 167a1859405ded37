import http from "node:http";
import https from "node:https";
import { Pause, sleep } from "./pause.mjs";
import { request } from "./request.mjs";
import { Stop } from "./stop.mjs";

const MOST = 500;
const BYTES = 4_000_000;
const PARKED_AGAIN = 2_000;

/**
 * Send all that the order holds over HTTP, one request after the other, until every event has its receipt.
 *
 * @param {import("./credentials.mjs").Credentials} credentials
 * @param {import("./order.mjs").Order} order
 * @param {import("./answers.mjs").Answers} answers
 * @throws {Stop} where the request must change, or the token
 */
export async function overHttp(credentials, order, answers) {
  const { Agent } = credentials.httpUrl.startsWith("https:") ? https : http;
  const door = new Door(credentials, order, answers, new Agent({ keepAlive: true, ...credentials.tls }));
  while (order.left) {
    const entries = order.take({ most: door.most, bytes: BYTES });
    if (entries.length) await door.send(entries);
    else await sleep(PARKED_AGAIN);
    await door.askForParked();
  }
}

class Door {
  /** Events in one request: fewer after one that was too large, or that could not be read. */
  most = MOST;
  #trouble = new Pause(500, 60_000);
  #askedForParked = Date.now();

  constructor(credentials, order, answers, agent) {
    Object.assign(this, { credentials, order, answers, agent });
  }

  /** @param {import("./entry.mjs").Entry[]} entries of different subjects; those without receipt come back */
  async send(entries) {
    const answered = await this.#post(entries);
    const settled = new Set(answered);
    for (const entry of entries.filter((each) => !settled.has(each)).reverse()) this.order.back(entry);
  }

  /** Parked events are the platform's; what became of them is asked for now and then. */
  async askForParked() {
    const parked = this.order.underWay();
    if (!parked.length || Date.now() - this.#askedForParked < PARKED_AGAIN) return;
    this.#askedForParked = Date.now();
    for (const entry of parked) {
      const { status, text } = await this.#ask(`/v1/receipts/${entry.id}`).catch((error) => ({ status: error.message }));
      if (status === 200) await this.answers.take([read(text)].filter((each) => each.receipt !== "parked"));
      else this.answers.note(`asking for the receipt of ${entry.id}: ${status}`);
    }
  }

  async #post(entries) {
    const single = entries.length === 1;
    const text = single ? entries[0].text : `[${entries.map((each) => each.text).join(",")}]`;
    let answer;
    try {
      answer = await this.#ask("/v1/events", {
        method: "POST",
        body: Buffer.from(text, "utf8"),
        type: single ? "application/cloudevents+json" : "application/cloudevents-batch+json",
      });
    } catch (error) {
      return this.#later([], undefined, `no answer: ${error.message}`);
    }
    const { status, headers } = answer;
    const said = read(answer.text);
    if (status === 200) {
      const answered = await this.answers.take(said.receipts);
      if (answered.length < entries.length) return this.#later(answered, undefined, "not every event had its receipt");
      this.#trouble.reset();
      this.most = Math.min(MOST, this.most * 2);
      return answered;
    }
    if (status === 429 || status >= 500) {
      const answered = await this.answers.take(said.receipts);
      return this.#later(answered, headers["retry-after"], `${status} ${said.code ?? ""}: ${said.detail ?? ""}`);
    }
    if (!single && (status === 400 || status === 413)) {
      this.most = 1;
      return [];
    }
    const which = single ? ` to event ${entries[0].id}` : "";
    throw new Stop(`the door answered ${status}${which}: ${said.title ?? ""} ${said.detail ?? ""}`.trim());
  }

  /** Wait, for the seconds that the door asks or longer and longer; the events go again, the same bytes. */
  async #later(answered, seconds, why) {
    const wait = seconds === undefined ? this.#trouble.take() : Number(seconds) * 1_000;
    this.answers.note(`${why}; again in ${Math.round(wait)} ms`);
    await sleep(wait);
    return answered;
  }

  #ask(path, { method, body, type } = {}) {
    const headers = { Authorization: `Bearer ${this.credentials.httpToken}`, ...(type && { "Content-Type": type }) };
    return request(this.credentials.httpUrl + path, { method, headers, body, agent: this.agent });
  }
}

/** @param {string} text of an answer @returns {any} an empty object where it is not JSON: a proxy said it */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
