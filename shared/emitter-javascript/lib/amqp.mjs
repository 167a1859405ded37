import amqp from "amqplib";
import { Link } from "./link.mjs";
import { Pause, sleep } from "./pause.mjs";
import { Stop } from "./stop.mjs";

const NEVER_MENDS = [403, 404, 406];

/**
 * Send all that the order holds over AMQP until every event has its receipt; a lost connection is made anew.
 *
 * @param {import("./credentials.mjs").Credentials} credentials
 * @param {import("./order.mjs").Order} order
 * @param {import("./answers.mjs").Answers} answers
 * @throws {Stop} where the broker does not let us in, or refuses what we do
 */
export async function overAmqp(credentials, order, answers) {
  const trouble = new Pause(500, 60_000);
  while (order.left) {
    let connection;
    try {
      connection = await connect(credentials);
      await new Link(connection, credentials, order, answers).untilAllAnswered(() => trouble.reset());
    } catch (error) {
      if (error instanceof Stop || error instanceof TypeError) throw error;
      if (NEVER_MENDS.includes(error.code) || /ACCESS[_-]REFUSED/.test(error.message)) {
        throw new Stop(`the broker refuses: ${error.message}`);
      }
      const wait = trouble.take();
      answers.note(`${error.message}; again in ${Math.round(wait)} ms`);
      await sleep(wait);
    } finally {
      await connection?.close().catch(() => undefined);
    }
  }
}

/** Without a password in its address the broker is shown our certificate. */
async function connect({ amqpUrl, tls }) {
  const url = new URL(amqpUrl);
  if (!url.searchParams.has("heartbeat")) url.searchParams.set("heartbeat", "30");
  const byCertificate = url.password ? {} : { credentials: amqp.credentials.external() };
  const connection = await amqp.connect(url.href, { ...tls, ...byCertificate, timeout: 20_000 });
  connection.on("error", () => undefined); // "close" comes too, and tells what it was.
  return connection;
}
