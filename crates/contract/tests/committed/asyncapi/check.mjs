// Reads an AsyncAPI document with the AsyncAPI project's own parser. Prints what the parser says about it, and fails at
// errors and warnings: `node check.mjs <file>`.

import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const file = process.argv[2];
const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"), { source: file });

const severities = ["error", "warning", "information", "hint"];
for (const { severity, code, message, path, range } of diagnostics) {
  console.error(`${severities[severity]} ${code} at ${path.join(".")} (line ${range.start.line + 1}): ${message}`);
}
const count = (wanted) => diagnostics.filter(({ severity }) => severities[severity] === wanted).length;
const [errors, warnings] = [count("error"), count("warning")];
if (!document || errors + warnings > 0) {
  console.error(`${file}: ${errors} errors, ${warnings} warnings`);
  process.exit(1);
}
const operations = document.operations().all();
const messages = document.components().messages().all();
console.log(
  `AsyncAPI ${document.version()}: ${document.channels().all().length} channels, ${operations.length} operations, ` +
    `${messages.length} messages, ${errors} errors, ${warnings} warnings`,
);
