// Parse an AsyncAPI document with the parser of the standard's own project; tell every finding, and fail on errors.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const [file] = process.argv.slice(2);
if (!file) {
  console.error("usage: node check.mjs DOCUMENT.json");
  process.exit(2);
}

const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });
const severities = ["error", "warning", "info", "hint"];
for (const found of diagnostics) {
  const { line, character } = found.range.start;
  console.log(`${severities[found.severity]} ${line + 1}:${character + 1} ${found.code}: ${found.message}`);
}
if (!document || diagnostics.some((found) => found.severity <= 1)) {
  process.exit(1);
}
const messages = document.allMessages().length;
const examples = document.allMessages().reduce((sum, message) => sum + message.examples().length, 0);
console.log(`${file}: AsyncAPI ${document.version()}, ${document.allChannels().length} channels,`
  + ` ${document.allOperations().length} operations, ${messages} messages, ${examples} examples`);
