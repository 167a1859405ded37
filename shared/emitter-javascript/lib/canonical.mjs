/**
 * Canonical JSON (RFC 8785) of what a receipt holds: objects, lists, texts, integers and null.
 *
 * @param {unknown} value
 * @returns {string} keys sorted at every depth, no blanks
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
}
