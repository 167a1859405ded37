import { readType } from "./types.mjs";

/** What a receipt can name: without a valid id no answer could be told from another. */
const ID = /^[A-Za-z0-9._-]{1,64}$/;

/** One event of ours, with what became of it. */
export class Entry {
  /** Unsealed, while this program runs: needed where a service has changed its key. */
  open = undefined;
  /** Which key its personal block was sealed for. */
  kid = undefined;
  /** The latest receipt. */
  receipt = undefined;

  /**
   * @param {number} number its place in the order of emission
   * @param {string} mark tells whether another line is this very event
   * @param {string} text the bytes that are sent, the same each time
   */
  constructor(number, mark, text) {
    this.number = number;
    this.mark = mark;
    this.text = text;
    const event = JSON.parse(text);
    const { family, fact, service } = readType(event.type);
    this.id = event.id;
    this.subject = event.subject;
    this.service = service;
    this.topic = `${family}.${fact}`;
    this.waitsFor = [`id ${event.id}`, `subject ${event.subject}`];
  }

  get done() {
    return this.receipt !== undefined && this.receipt.receipt !== "parked";
  }

  get refused() {
    return this.receipt?.receipt === "refused";
  }
}

/**
 * @param {string} line of the file of events
 * @returns {string | undefined} why it cannot be sent at all: a fault of whoever wrote it
 */
export function fault(line) {
  let event;
  try {
    event = JSON.parse(line);
  } catch (error) {
    return `it is not JSON: ${error.message}`;
  }
  if (event === null || typeof event !== "object" || Array.isArray(event)) return "it is not an object";
  if (typeof event.id !== "string" || !ID.test(event.id)) return `its id must have the form ${ID.source}`;
  return undefined;
}
