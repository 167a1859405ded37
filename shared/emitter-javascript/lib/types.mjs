/** Which service records which family: the table "Which service records which family" of the catalogue. */
const SERVICES = {
  intake: ["edition", "cpas", "consortium", "project", "participation", "person"],
  sessions: ["session", "goal", "assessment", "referral"],
  groups: ["group", "groupsession"],
};

/** The recording services; nobody else signs a receipt. */
export const RECORDING = Object.keys(SERVICES);

/**
 * @param {unknown} type like `miriam.session.held.v2`
 * @returns {{family: string, fact: string, service: string}} an unknown family goes to intake: it is refused, by name
 */
export function readType(type) {
  const [, family, fact] = /^miriam\.([a-z]+)\.([a-z_]+)\.v[0-9]+$/.exec(String(type)) ?? [null, "unknown", "unknown"];
  const service = RECORDING.find((each) => SERVICES[each].includes(family)) ?? "intake";
  return { family, fact, service };
}
