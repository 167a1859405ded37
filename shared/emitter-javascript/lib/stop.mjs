/** What waiting does not mend: a person must do something, and all events are kept until then. */
export class Stop extends Error {}
