// Checks in the browser that an event stands in the ledger: RFC 6962 (hashes, path), C2SP (signed head), WebCrypto.
// It asks nobody for anything: all that it needs is handed to it.

const LOG = 1; // Ed25519 over the note's text
const WITNESS = 4; // Ed25519 over a time and the note's text: cosignature/v1

const bytesOf = (text) => new TextEncoder().encode(text);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) throw new Error("not base64");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export const leafHash = (body) => sha256(joined([0], bytesOf(body)));
const nodeHash = (left, right) => sha256(joined([1], left, right));

// The root to which a path leads from a leaf (RFC 9162, 2.1.3.2); null where it is too long or too short.
export async function rootOf(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) return null;
  let [first, last, digest] = [index, size - 1, leaf];
  for (const step of path) {
    if (step.length !== 32 || last === 0) return null;
    if (first % 2 === 1 || first === last) {
      digest = await nodeHash(step, digest);
      while (first % 2 === 0 && first !== 0) [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
    } else {
      digest = await nodeHash(digest, step);
    }
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 ? digest : null;
}

// A signed note: its text, what the text says of the tree, and the lines below it.
export function readNote(note) {
  const [text, tail] = [note.slice(0, note.lastIndexOf("\n\n") + 1), note.slice(note.lastIndexOf("\n\n") + 2)];
  const [origin, size, root] = text.split("\n");
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(size ?? "") || !tail.endsWith("\n")) throw new Error("no checkpoint");
  const signatures = tail.slice(0, -1).split("\n").map((line) => {
    const parts = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!parts) throw new Error("no signature line");
    const blob = fromBase64(parts[2]);
    return { name: parts[1], id: hex(blob.slice(0, 4)), blob: blob.slice(4) };
  });
  return { text, origin, size: Number(size), root: fromBase64(root), signatures };
}

// Verifier keys, one a line: name+id+base64; the id must be the hash of the rest.
export async function readKeys(text) {
  const found = [];
  for (const line of text.split("\n").map((each) => each.trim()).filter((each) => each && !each.startsWith("#"))) {
    const parts = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line);
    if (!parts) throw new Error(line);
    const [, name, id, encoded] = parts;
    const material = fromBase64(encoded);
    const digest = await sha256(joined(bytesOf(`${name}\n`), material));
    if (hex(digest.slice(0, 4)) !== id || material.length !== 33) throw new Error(line);
    found.push({ name, id, kind: material[0], key: material.slice(1) });
  }
  return found;
}

function signed(note, signature, kind) {
  if (kind === LOG) return [bytesOf(note.text), signature.blob];
  const time = new DataView(signature.blob.buffer, signature.blob.byteOffset).getBigUint64(0);
  return [bytesOf(`cosignature/v1\ntime ${time}\n${note.text}`), signature.blob.slice(8)];
}

// Whether a key's line under the note is true: true, false, or null where this browser knows no Ed25519.
async function holds(note, signature, key) {
  let known;
  try {
    known = await crypto.subtle.importKey("raw", key.key, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  const [message, blob] = signed(note, signature, key.kind);
  return crypto.subtle.verify({ name: "Ed25519" }, known, blob, message);
}

// The whole check, step by step. `tell` is called with each step: a code, whether it holds (null: it cannot be said
// here), and what a sentence about it needs. Answers true (proved), false (not), or null (proved but for signatures).
export async function check({ body, leaf, index, size, path, note, keys }, tell) {
  const step = (code, ok, values = {}) => {
    tell({ code, ok, ...values });
    return ok;
  };
  if (!globalThis.crypto?.subtle) return step("no_crypto", null);
  const made = await leafHash(body);
  if (!step("leaf", hex(made) === leaf, { made: hex(made), leaf })) return false;
  const root = await rootOf(made, index, size, path.map(fromBase64));
  if (!step("path", root !== null, { steps: path.length, root: root === null ? "" : hex(root) })) return false;
  const head = readNote(note);
  const agrees = head.size === size && same(head.root, root);
  if (!step("root", agrees, { root: hex(head.root), size, origin: head.origin })) return false;
  return signatures(head, keys, step);
}

async function signatures(head, text, step) {
  let keys;
  try {
    keys = await readKeys(text);
  } catch (wrong) {
    return step("bad_key", false, { key: wrong.message });
  }
  let byLog = null;
  for (const signature of head.signatures) {
    const key = keys.find((each) => each.name === signature.name && each.id === signature.id);
    if (key === undefined || ![LOG, WITNESS].includes(key.kind)) continue;
    const true_ = await holds(head, signature, key);
    step(true_ === null ? "no_ed25519" : key.kind === LOG ? "signature" : "cosignature", true_, { name: key.name });
    if (true_ === null) return null;
    if (true_ === false) return false;
    if (key.kind === LOG && key.name === head.origin) byLog = true;
  }
  return byLog ?? step("no_key", false, { origin: head.origin });
}
