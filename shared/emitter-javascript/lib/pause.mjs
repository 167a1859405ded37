/** Pauses that double, spread at random so that many emitters do not come back at once. */
export class Pause {
  /**
   * @param {number} first milliseconds
   * @param {number} longest milliseconds
   */
  constructor(first, longest) {
    this.first = first;
    this.longest = longest;
    this.reset();
  }

  reset() {
    this.next = this.first;
  }

  /** @returns {number} milliseconds to wait now */
  take() {
    const now = this.next;
    this.next = Math.min(this.longest, now * 2);
    return now * (0.75 + Math.random() / 2);
  }
}

/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
