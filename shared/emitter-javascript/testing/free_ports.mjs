// Print the first of so many ports in a row that are free on this machine.
import { createServer } from "node:net";

const count = Number(process.argv[2]);
const free = (port) => new Promise((resolve) => {
  const server = createServer().once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
});

for (let base = 20_000 + (process.pid % 400) * 20; base < 60_000; base += 20) {
  const found = await Promise.all(Array.from({ length: count }, (_, offset) => free(base + offset)));
  if (found.every(Boolean)) {
    console.log(base);
    process.exit(0);
  }
}
console.error(`no ${count} free ports in a row`);
process.exit(1);
