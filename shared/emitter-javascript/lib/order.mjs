/** Most events without receipt under way, and most of them for one service: a service that is away holds up no other. */
const MOST = 1_000;
const MOST_OF_A_SERVICE = 400;

/** Which event may go now: no two of one subject, and no two under one id, are ever under way together. */
export class Order {
  #queues = new Map();
  #ready = new Map();
  #underWay = new Map();
  #count = 0;
  /** How many are not done. */
  left = 0;

  /** @param {import("./spool.mjs").Entry} entry the next in the order of emission */
  add(entry) {
    this.left += 1;
    for (const key of entry.waitsFor) {
      if (!this.#queues.has(key)) this.#queues.set(key, []);
      this.#queues.get(key).push(entry);
    }
    this.#readyIfFirst(entry);
  }

  /**
   * Take what may go now. It is under way until it is `done`, or comes `back`.
   *
   * @param {{most?: number, bytes?: number}} [limits]
   * @returns {import("./spool.mjs").Entry[]}
   */
  take({ most = MOST, bytes = Infinity } = {}) {
    const taken = [];
    for (const [service, ready] of this.#ready) {
      const going = this.#underWay.get(service) ?? this.#underWay.set(service, new Map()).get(service);
      while (ready.length && taken.length < most && this.#count < MOST && going.size < MOST_OF_A_SERVICE) {
        const size = Buffer.byteLength(ready[0].text);
        if (taken.length && size > bytes) break;
        bytes -= size;
        const entry = ready.shift();
        going.set(entry.id, entry);
        this.#count += 1;
        taken.push(entry);
      }
    }
    return taken;
  }

  /** @returns {import("./spool.mjs").Entry[]} those without receipt, and those parked */
  underWay() {
    return [...this.#underWay.values()].flatMap((going) => [...going.values()]);
  }

  /**
   * @param {any} receipt
   * @returns {import("./spool.mjs").Entry | undefined} the event under way that it answers
   */
  answered(receipt) {
    for (const going of this.#underWay.values()) {
      const entry = going.get(receipt.id);
      if (entry && (receipt.subject === null || receipt.subject === entry.subject)) return entry;
    }
    return undefined;
  }

  /** @param {import("./spool.mjs").Entry} entry was not taken, and goes first the next time */
  back(entry) {
    this.#leave(entry);
    this.#ready.get(entry.service).unshift(entry);
  }

  /** @param {import("./spool.mjs").Entry} entry has its last receipt: the next of its subject may go */
  done(entry) {
    this.left -= 1;
    this.#leave(entry);
    for (const key of entry.waitsFor) {
      const queue = this.#queues.get(key);
      queue.shift();
      if (queue.length) this.#readyIfFirst(queue[0]);
      else this.#queues.delete(key);
    }
  }

  #leave(entry) {
    this.#underWay.get(entry.service).delete(entry.id);
    this.#count -= 1;
  }

  #readyIfFirst(entry) {
    if (!entry.waitsFor.every((key) => this.#queues.get(key)[0] === entry)) return;
    if (!this.#ready.has(entry.service)) this.#ready.set(entry.service, []);
    this.#ready.get(entry.service).push(entry);
  }
}
