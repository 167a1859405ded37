import { createHmac, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Entry } from "./entry.mjs";

/**
 * The events on our disk, from before they are sent until after their receipts came: a journal that only grows.
 * Its lines: `{"secret"}` once; `{"n", "mark", "text"}` an event; `{"n", "text"}` its bytes, sealed anew;
 * `{"n", "receipt"}` an answer. A line counts once it is whole and on the disk (fsync).
 */
export class Spool {
  /** @type {Entry[]} in the order of emission */
  entries = [];
  #byMark = new Map();
  #signatures = new Set();
  #secret;
  #file;

  /** @param {string} folder made where it is missing */
  constructor(folder) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, "journal.jsonl");
    const isNew = !existsSync(path);
    if (!isNew) this.#read(path);
    this.#file = openSync(path, "a", 0o600);
    if (isNew && process.platform !== "win32") syncFolder(folder);
    if (this.#secret === undefined) {
      this.#secret = randomBytes(32).toString("base64");
      this.#write([{ secret: this.#secret }]);
    }
  }

  /**
   * What tells a line from all others, and tells nobody else of what stands in it.
   *
   * @param {string} line
   */
  mark(line) {
    return createHmac("sha256", Buffer.from(this.#secret, "base64")).update(line, "utf8").digest("base64");
  }

  /** @param {string} mark @returns {Entry | undefined} the latest event of this mark */
  find(mark) {
    return this.#byMark.get(mark);
  }

  /**
   * @param {{mark: string, text: string}[]} events
   * @returns {Entry[]} on the disk when this returns
   */
  put(events) {
    const start = this.entries.length;
    this.#write(events.map(({ mark, text }, i) => ({ n: start + i, mark, text })));
    return events.map(({ mark, text }) => this.#add(mark, text));
  }

  /** @param {Entry} entry @param {string} text the same event, sealed for another key */
  sealAnew(entry, text) {
    this.#write([{ n: entry.number, text }]);
    entry.text = text;
  }

  /** @param {object} receipt @returns {boolean} whether this very receipt is here already */
  has(receipt) {
    return this.#signatures.has(receipt.signature);
  }

  /** @param {{entry: Entry, receipt: any}[]} answers on the disk when this returns */
  answer(answers) {
    this.#write(answers.map(({ entry, receipt }) => ({ n: entry.number, receipt })));
    for (const { entry, receipt } of answers) this.#answered(entry, receipt);
  }

  close() {
    closeSync(this.#file);
  }

  #add(mark, text) {
    const entry = new Entry(this.entries.length, mark, text);
    this.entries.push(entry);
    this.#byMark.set(mark, entry);
    return entry;
  }

  #answered(entry, receipt) {
    entry.receipt = receipt;
    this.#signatures.add(receipt.signature);
  }

  #write(lines) {
    if (!lines.length) return;
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), "utf8");
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    fsyncSync(this.#file);
  }

  /** What was cut off by a kill has no end of line: it was never promised, so it goes. */
  #read(path) {
    const bytes = readFileSync(path);
    const whole = bytes.lastIndexOf(10) + 1;
    if (whole < bytes.length) truncateSync(path, whole);
    for (const line of bytes.subarray(0, whole).toString("utf8").split("\n")) {
      if (!line) continue;
      const { secret, n, mark, text, receipt } = JSON.parse(line);
      if (secret) this.#secret = secret;
      else if (mark) this.#add(mark, text);
      else if (receipt) this.#answered(this.entries[n], receipt);
      else this.entries[n].text = text;
    }
  }
}

/** A new file is there after a crash only if its folder was written too. */
function syncFolder(folder) {
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}
