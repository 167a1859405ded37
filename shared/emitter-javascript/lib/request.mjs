import http from "node:http";
import https from "node:https";

/**
 * One request. Not `fetch`: it cannot be given the certificates of a `ca_file`.
 *
 * @param {string} url
 * @param {{method?: string, headers?: Record<string, string>, body?: Buffer, tls?: object, agent?: http.Agent,
 *   seconds?: number}} [options]
 * @returns {Promise<{status: number, headers: http.IncomingHttpHeaders, text: string}>} rejected where no answer came
 *   within so many seconds, or the connection broke
 */
export function request(url, { method = "GET", headers = {}, body, tls = {}, agent, seconds = 120 } = {}) {
  const { request: open } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const length = body ? { "Content-Length": String(body.length) } : {};
    const sent = open(url, { method, headers: { ...headers, ...length }, agent, ...tls }, async (answer) => {
      try {
        const parts = [];
        for await (const part of answer) parts.push(part);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(parts).toString("utf8") });
      } catch (error) {
        reject(error);
      }
    });
    const late = setTimeout(() => sent.destroy(new Error(`no answer within ${seconds} seconds`)), seconds * 1_000);
    sent.on("close", () => clearTimeout(late));
    sent.on("error", reject);
    sent.end(body);
  });
}
