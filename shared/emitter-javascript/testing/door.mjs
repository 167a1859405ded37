// A door that answers as it is told to: what a real one says only on a bad day.
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Answers } from "../lib/answers.mjs";
import { canonical } from "../lib/canonical.mjs";
import { overHttp } from "../lib/http.mjs";
import { Keys } from "../lib/keys.mjs";
import { Order } from "../lib/order.mjs";
import { Spool } from "../lib/spool.mjs";

const SOURCE = "/cpas/test-x";
const pair = generateKeyPairSync("ed25519");

/** @param {object} jwk @param {string} kid */
export const named = (jwk, kid) => ({ ...jwk, kid });
export const personalPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

/** A receipt as a service would sign it. */
export function receipt(event, said = "recorded", more = {}) {
  const rest = {
    receipt: said, service: "sessions", emitter: SOURCE, id: event.id, subject: event.subject,
    time: new Date().toISOString(), events: [], problems: [], key: "receipt-key", ...more,
  };
  return { ...rest, signature: sign(null, Buffer.from(canonical(rest), "utf8"), pair.privateKey).toString("base64") };
}

/**
 * Send events of these ids and subjects over HTTP to a door that gives these answers, one after the other.
 *
 * @param {{id: string, subject: string, data?: object}[]} events
 * @param {((body: any, request: http.IncomingMessage) => object | undefined)[]} script each is given what came, and says
 *   `{status, headers, body}`; nothing breaks the connection
 * @param {{personal?: object}} [service] its key for personal blocks, which a script may change
 * @returns {Promise<{told: object[], notes: string[], came: string[], spool: Spool}>}
 */
export async function tried(events, script, service = { personal: named({}, "personal-key") }) {
  const folder = mkdtempSync(join(tmpdir(), "miriam-door-"));
  const came = [];
  const server = http.createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const keys = { personal: service.personal, receipt: named(pair.publicKey.export({ format: "jwk" }), "receipt-key") };
    if (request.url === "/v1/keys") return response.end(JSON.stringify({ sessions: keys }));
    came.push(text || request.url);
    const answer = script.shift()(text && JSON.parse(text), request);
    if (!answer) return request.socket.destroy();
    response.writeHead(answer.status ?? 200, answer.headers ?? {});
    return response.end(JSON.stringify(answer.body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const httpUrl = `http://127.0.0.1:${server.address().port}`;
    const credentials = { httpUrl, httpToken: "token", source: SOURCE, tls: {} };
    const [spool, keys, order] = [new Spool(folder), new Keys(credentials, folder), new Order()];
    await keys.load();
    keys.asked = 0;
    const [told, notes] = [[], []];
    const output = { tell: (each) => told.push(each), note: (each) => notes.push(each) };
    for (const event of events) {
      const text = JSON.stringify({ type: "miriam.goal.set.v1", ...event });
      const [entry] = spool.put([{ mark: spool.mark(text), text }]);
      entry.open = event.data?.open ?? undefined;
      order.add(entry);
    }
    await overHttp(credentials, order, new Answers(credentials, keys, spool, order, output));
    return { told, notes, came, spool };
  } finally {
    server.closeAllConnections?.();
    server.close();
    rmSync(folder, { recursive: true });
  }
}
