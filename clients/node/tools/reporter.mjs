// A reporter for node:test: one line for each file, failures in full, and a last line with the numbers, which .ci/test.sh
// reads. A file counts as failed if it runs no test, or ends before all of its tests have, both of which the runner itself
// takes for success. So is a run in which a test is skipped: none is passed over in silence.
import { writeSync } from "node:fs";
import { relative, resolve } from "node:path";
import { inspect } from "node:util";

/** What Node 20 says of tests that --test-name-pattern leaves out. */
const UNWANTED = "test name does not match pattern";

/** @typedef {{ passed: number, failed: number, skipped: number, ms: number, report: string }} File */

/** @type {Map<string, File>} */
const files = new Map();
/** @type {Map<string, number>} how many tests of each file have begun and not ended */
const open = new Map();
/** @type {Map<string, string>} what the files wrote to stdout and stderr */
const outputs = new Map();
/** @type {Set<string>} the files that run */
const running = new Set();
/** @type {string[]} */
const failures = [];
const total = { passed: 0, failed: 0, skipped: 0 };

/** @param {string} path of a compiled file, or of its source, which the source map tells */
const nameOf = (path) =>
  relative(".", path)
    .replace(/^build\//, "")
    .replace(/\.js$/, ".ts");

/** @param {string} name */
function fileOf(name) {
  const file = files.get(name) ?? { passed: 0, failed: 0, skipped: 0, ms: 0, report: "" };
  files.set(name, file);
  return file;
}

/** @param {string} row @param {string} name @param {string} test @param {string} text */
function fail(row, name, test, text) {
  const file = fileOf(row);
  file.failed++;
  // With the first line of the reason: where the end of a long log is all that is kept, it says what to look for.
  failures.push(`FAILED ${name}: ${test}\n   ${text.split("\n", 1)[0] ?? ""}`);
  file.report += `\n   ${test}\n${text.trimEnd().replace(/^(?=.)/gm, "      ")}\n`;
}

/** @param {unknown} error */
function described(error) {
  // The message of a failed assertion has both values already.
  const asserted = error instanceof Error && "code" in error && error.code === "ERR_ASSERTION";
  return asserted && error.stack !== undefined ? error.stack : inspect(error, { depth: 8 });
}

/** @param {string} name */
function finish(name) {
  const { passed, failed, skipped, ms, report } = fileOf(name);
  files.delete(name);
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  let line = `   ${name.padEnd(36)} ${String(passed).padStart(4)} passed, `;
  if (failed > 0) line += `${failed} FAILED, `;
  if (skipped > 0) line += `${skipped} skipped, `;
  line += `${(ms / 1000).toFixed(1)} s\n`;
  if (failed === 0) return line;
  const output = outputs.get(name);
  return `${line}${report}${output === undefined ? "" : `\n   Its output:\n${output}`}\n`;
}

// After Ctrl-C, and when its time is over, the runner ends without a report.
process.prependListener("SIGINT", () => {
  writeSync(1, `\nInterrupted while these ran: ${[...running].join(", ")}\n`);
});

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} events */
export default async function* report(events) {
  const began = performance.now();
  /** @type {string[]} names of a test and of those around it, by their nesting */
  const names = [];
  let current = "";
  for await (const { type, data } of events) {
    const path = data !== undefined && "file" in data ? data.file : undefined;
    if (data === undefined || path === undefined) continue;
    const name = nameOf(path);
    if (type === "test:stdout" || type === "test:stderr") outputs.set(name, (outputs.get(name) ?? "") + data.message);
    // The runner treats a file as a test under its path, and reports it only if it reported no test, or broke down.
    const whole = "name" in data && data.nesting === 0 && resolve(data.name) === resolve(path);
    if (type === "test:dequeue" && whole) running.add(name);
    if (type === "test:complete" && whole) running.delete(name);
    if (type === "test:enqueue" && !whole) open.set(name, (open.get(name) ?? 0) + 1);
    if (type === "test:start") names[data.nesting] = data.name;
    if (type !== "test:pass" && type !== "test:fail") continue;
    // Results come in the order of the files, whichever files run at the same time. A test that a helper declares is
    // reported under the helper's file, and counts for the file that runs.
    if (current === "" || (name.includes(".test.") && name !== current)) {
      if (current !== "") yield finish(current);
      current = name;
    }
    const file = fileOf(current);
    if (!whole) open.set(name, (open.get(name) ?? 0) - 1);
    if (data.nesting === 0) file.ms += data.details.duration_ms;
    const full = whole ? "the whole file" : names.slice(0, data.nesting + 1).join(" > ");
    if (type === "test:fail") {
      const { error } = data.details;
      // Of a suite, or a test with subtests, that failed because of one of them, only that one is shown.
      if (/** @type {{ failureType?: string }} */ (error).failureType !== "subtestsFailed")
        fail(current, name, full, described(error.cause));
      else if (data.details.type !== "suite") file.failed++;
    } else if (whole) fail(current, name, full, "It has reported no test.");
    else if (data.details.type === "suite" || data.skip === UNWANTED) continue;
    else if (data.skip !== undefined || data.todo !== undefined) {
      file.skipped++;
      failures.push(`SKIPPED ${name}: ${full}`);
    } else file.passed++;
  }
  for (const [name, count] of open)
    if (count > 0) fail(name, name, "the whole file", `It ended before ${count} of its tests.`);
  for (const name of files.keys()) yield finish(name);
  if (failures.length > 0) {
    yield `\n${failures.join("\n")}\n`;
    process.exitCode = 1;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  yield `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${seconds} s\n`;
}
