import { seal } from "./personal.mjs";
import { doubt } from "./receipt.mjs";

/** What is done with each receipt, whichever door it came through: check, write, tell, and let the next event go. */
export class Answers {
  /**
   * @param {import("./credentials.mjs").Credentials} credentials
   * @param {import("./keys.mjs").Keys} keys
   * @param {import("./spool.mjs").Spool} spool
   * @param {import("./order.mjs").Order} order
   * @param {{tell: (receipt: object) => void, note: (text: string) => void}} output
   */
  constructor(credentials, keys, spool, order, { tell, note }) {
    Object.assign(this, { credentials, keys, spool, order, tell, note });
  }

  /**
   * Receipts to events under way; what cannot be believed is dropped, and its event stays unanswered.
   *
   * @param {unknown} receipts as they came
   * @returns {Promise<import("./entry.mjs").Entry[]>} the events that they answered
   */
  async take(receipts) {
    const answers = new Map();
    for (const receipt of Array.isArray(receipts) ? receipts : []) {
      const why = await doubt(receipt, this.credentials.source, this.keys);
      if (why) {
        this.note(`a receipt for ${receipt?.id} is dropped: ${why}`);
      } else if (receipt.id === null) {
        this.note(`something could not be read: ${receipt.problems.map((each) => each.rule).join(" ")}`);
      } else {
        const entry = this.order.answered(receipt);
        const first = answers.get(entry);
        const open = first === undefined || first.receipt === "parked";
        if (entry && open && !this.spool.has(receipt)) answers.set(entry, receipt);
      }
    }
    const written = [...answers].map(([entry, receipt]) => ({ entry, receipt }));
    this.spool.answer(written);
    for (const { entry, receipt } of written) {
      if (await this.#sealedAnew(entry)) {
        this.order.back(entry);
      } else {
        this.tell(receipt);
        if (entry.done) this.order.done(entry);
      }
    }
    return [...answers.keys()];
  }

  /** The service has another key now: the same event goes again under its id, sealed for that one. */
  async #sealedAnew(entry) {
    if (!entry.open || !entry.receipt.problems.some((each) => each.code === "personal_unreadable")) return false;
    await this.keys.ask();
    const { text, kid } = await seal(entry.open, this.keys);
    if (!kid || kid === entry.kid) return false;
    this.spool.sealAnew(entry, text);
    entry.receipt = undefined;
    entry.kid = kid;
    return true;
  }
}
