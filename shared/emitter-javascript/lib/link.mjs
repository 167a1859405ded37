import { Pause } from "./pause.mjs";
import { Stop } from "./stop.mjs";

const EXCHANGE = "cpas.inbox";
const PREFETCH = 2_000;
const RECEIPT_LATE = 30_000;
const RECEIPT_LATEST = 600_000;

/** One connection to the broker: events go out, receipts come in, until every event is answered or it breaks. */
export class Link {
  #sending = [];
  #unconfirmed = new Set();
  /** How many may be unconfirmed: few after the broker took no more, then twice as many with each that it takes. */
  #allowed = Infinity;
  #heldUntil = 0;
  #blocked = false;
  #full = false;
  #hearing = Promise.resolve();
  #nacked = new Pause(50, 5_000);

  /**
   * @param {import("amqplib").ChannelModel} connection
   * @param {import("./credentials.mjs").Credentials} credentials
   * @param {import("./order.mjs").Order} order
   * @param {import("./answers.mjs").Answers} answers
   */
  constructor(connection, credentials, order, answers) {
    Object.assign(this, { connection, credentials, order, answers });
  }

  /**
   * @param {() => void} goesWell called when receipts come
   * @throws where the connection or its channel breaks
   */
  async untilAllAnswered(goesWell) {
    let clock;
    try {
      await new Promise((resolve, reject) => {
        this.finish = resolve;
        this.break = reject;
        this.goesWell = goesWell;
        this.connection.on("close", (error) => reject(error ?? new Error("the connection was closed")));
        this.connection.on("blocked", () => (this.#blocked = true));
        this.connection.on("unblocked", () => {
          this.#blocked = false;
          this.#pump();
        });
        this.#open().catch(reject);
        clock = setInterval(() => this.#tick(), 500);
      });
    } finally {
      clearInterval(clock);
    }
  }

  /** Who cannot hear receipts does not send: the queue first. */
  async #open() {
    this.channel = await this.connection.createConfirmChannel();
    this.channel.on("error", (error) => this.break(error));
    this.channel.on("close", () => this.break(new Error("the channel was closed")));
    this.channel.on("drain", () => {
      this.#full = false;
      this.#pump();
    });
    await this.channel.prefetch(PREFETCH);
    await this.channel.consume(`cpas.receipts.${this.credentials.id}`, (message) => {
      // What goes wrong here (a full disk) is not mended by a new connection.
      this.#hearing = this.#hearing.then(() => this.#hear(message)).catch((error) => this.break(new Stop(error.message)));
    });
    // What an earlier connection left unconfirmed goes first; what was confirmed is safe, and has its time.
    this.#sending.push(...this.order.underWay().filter((entry) => !entry.confirmed));
    this.#pump();
  }

  #pump() {
    while (this.channel && !this.#blocked && !this.#full && Date.now() >= this.#heldUntil
      && this.#unconfirmed.size < this.#allowed) {
      const entry = this.#sending.shift() ?? this.order.take({ most: 1 })[0];
      if (!entry) return;
      if (!entry.done) this.#publish(entry);
    }
  }

  #publish(entry) {
    const key = `${this.credentials.id}.${entry.topic}`;
    const properties = {
      contentType: "application/cloudevents+json",
      deliveryMode: 2,
      userId: this.credentials.user,
    };
    entry.confirmed = false;
    entry.wait ??= RECEIPT_LATE;
    entry.due = Date.now() + entry.wait;
    this.#unconfirmed.add(entry);
    this.#full = !this.channel.publish(EXCHANGE, key, Buffer.from(entry.text, "utf8"), properties, (failed) => {
      this.#unconfirmed.delete(entry);
      if (!failed) this.#confirmed(entry);
      else if (failed.message === "message nacked") this.#notTaken(entry);
    });
  }

  #confirmed(entry) {
    entry.confirmed = true;
    this.#nacked.reset();
    this.#allowed *= 2;
    this.#pump();
  }

  /** Our inbox at the service is full: the same bytes again, after a pause, and a few at first. */
  #notTaken(entry) {
    if (Date.now() >= this.#heldUntil) {
      const wait = this.#nacked.take();
      this.#heldUntil = Date.now() + wait;
      setTimeout(() => this.#pump(), wait + 1).unref();
    }
    this.#allowed = 4;
    this.#sending.push(entry);
  }

  /** Receipts are acknowledged once they are on our disk. */
  async #hear(message) {
    if (message === null) return this.break(new Error("the broker took away our queue of receipts"));
    let receipts;
    try {
      receipts = JSON.parse(message.content.toString("utf8"));
    } catch {
      this.answers.note("a message of receipts is not JSON, and is dropped");
    }
    for (const entry of await this.answers.take(receipts)) {
      if (entry.receipt?.receipt === "parked") entry.wait = RECEIPT_LATEST;
      if (entry.receipt) entry.due = Date.now() + (entry.wait ?? RECEIPT_LATE);
    }
    this.channel.ack(message);
    this.goesWell();
    if (!this.order.left) return this.#leave();
    return this.#pump();
  }

  /** The channel before the connection: else the broker may forget what was acknowledged last, and send it again. */
  async #leave() {
    this.break = () => undefined; // Every receipt is on our disk: whatever happens now, all is done.
    await this.channel.waitForConfirms().catch(() => undefined);
    await this.channel.close().catch(() => undefined);
    this.finish();
  }

  /** Where a receipt is late the event goes again, and the next pause is twice as long. */
  #tick() {
    const now = Date.now();
    for (const entry of this.order.underWay()) {
      if (entry.confirmed && entry.due <= now) {
        entry.wait = Math.min(RECEIPT_LATEST, entry.wait * 2);
        entry.confirmed = false;
        this.answers.note(`no receipt for ${entry.id}: it goes again`);
        this.#sending.push(entry);
      }
    }
    this.#pump();
  }
}
