// Compile every JSON Schema with Ajv, as a maker's software in another language would, and try each on its own examples.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node check_schemas.mjs FOLDER");
  process.exit(2);
}

// Strict: a keyword or a format that Ajv does not know is an error, and so is a pattern that is not of ECMA 262.
const ajv = addFormats(new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }));
const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".json")).sort();
let examples = 0;
let faults = 0;
for (const file of files) {
  const schema = JSON.parse(await readFile(join(folder, file), "utf8"));
  try {
    const validate = ajv.compile(schema);
    for (const example of schema.examples ?? []) {
      examples += 1;
      if (!validate(example)) {
        faults += 1;
        console.log(`${file}: ${example.id}: ${ajv.errorsText(validate.errors)}`);
      }
    }
  } catch (error) {
    faults += 1;
    console.log(`${file}: ${error.message}`);
  }
}
console.log(`${folder}: ${files.length} schemas, ${examples} examples, ${faults} faults`);
process.exit(faults || !examples ? 1 : 0);
