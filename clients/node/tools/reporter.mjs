// A reporter for node:test: one line for each file, failures in full, and a last line with the numbers, which .ci/test.sh
// reads. A file counts as failed if it runs no test, or ends before all of its tests have, both of which the runner itself
// takes for success. So is a run in which a test is skipped: none is passed over in silence.
import { relative, resolve } from "node:path";
import { inspect } from "node:util";

/**
 * @typedef {object} File what is known about a test file
 * @property {string} name
 * @property {number} began when its process was started, in milliseconds
 * @property {number} ended when its process had ended
 * @property {number} announced how many tests it has begun
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} suites
 * @property {string} report its failures
 * @property {string} output what it wrote to stdout and stderr
 */

/** @type {Map<string, File>} */
const files = new Map();
/** @type {string[]} */
const failures = [];
const total = { passed: 0, failed: 0, skipped: 0 };

/** @param {string} path of a compiled file, build/test/x.test.js */
function fileOf(path) {
  let file = files.get(path);
  if (file === undefined) {
    const name = relative("build", path).replace(/\.js$/, ".ts");
    const counts = { announced: 0, passed: 0, failed: 0, skipped: 0, suites: 0 };
    file = { name, began: performance.now(), ended: 0, ...counts, report: "", output: "" };
    files.set(path, file);
  }
  return file;
}

/** @param {File} file @param {string} name @param {string} text */
function fail(file, name, text) {
  file.failed++;
  failures.push(`FAILED ${file.name}: ${name}`);
  file.report += `\n   ${name}\n${text.trimEnd().replace(/^(?=.)/gm, "      ")}\n`;
}

/** @param {File} file */
function finish(file) {
  const open = file.announced - file.passed - file.failed - file.skipped - file.suites;
  if (open > 0) fail(file, "the whole file", `It ended before ${open} of its tests had.`);
  else if (file.passed + file.failed + file.skipped === 0) fail(file, "the whole file", "It has reported no test.");
  total.passed += file.passed;
  total.failed += file.failed;
  total.skipped += file.skipped;
  const seconds = ((file.ended - file.began) / 1000).toFixed(1);
  let line = `   ${file.name.padEnd(36)} ${String(file.passed).padStart(4)} passed, `;
  if (file.failed > 0) line += `${file.failed} FAILED, `;
  if (file.skipped > 0) line += `${file.skipped} skipped, `;
  line += `${seconds} s\n`;
  if (file.failed > 0) line += `${file.report}${file.output === "" ? "" : `\n   Its output:\n${file.output}`}\n`;
  return line;
}

/** @param {AsyncIterable<import("node:test/reporters").TestEvent>} events */
export default async function* report(events) {
  const began = performance.now();
  /** @type {string[]} names of a test and of those around it, by their nesting */
  const names = [];
  let current = "";
  for await (const { type, data } of events) {
    const found = data !== undefined && "file" in data ? data.file : undefined;
    if (data === undefined || found === undefined) continue;
    const path = resolve(found);
    const file = fileOf(path);
    // The runner reports a file as a test, under its path.
    const whole = "name" in data && data.nesting === 0 && resolve(data.name) === path;
    if (whole && type === "test:dequeue") file.began = performance.now();
    if (whole && type === "test:complete") file.ended = performance.now();
    if (whole && ["test:enqueue", "test:dequeue", "test:complete"].includes(type)) continue;
    // Results come in the order of the files, whichever files run at the same time.
    if (["test:start", "test:pass", "test:fail"].includes(type)) {
      const before = files.get(current);
      if (current !== path && before !== undefined) {
        files.delete(current);
        yield finish(before);
      }
      current = path;
    }
    if (type === "test:stdout" || type === "test:stderr") file.output += data.message;
    else if (type === "test:enqueue") file.announced++;
    else if (type === "test:start") names[data.nesting] = data.name;
    else if (type === "test:fail") {
      const { error } = data.details;
      const failure = /** @type {{ failureType?: string }} */ (error).failureType;
      const name = whole ? "the whole file" : names.slice(0, data.nesting + 1).join(" > ");
      // Of a suite, or a test with subtests, that failed because of one of them, only that one is shown.
      if (failure !== "subtestsFailed") fail(file, name, inspect(error.cause, { depth: 8 }));
      else if (data.details.type === "suite") file.suites++;
      else file.failed++;
    } else if (type === "test:pass" && !whole) {
      if (data.details.type === "suite") file.suites++;
      else if (data.skip !== undefined || data.todo !== undefined) {
        file.skipped++;
        failures.push(`SKIPPED ${file.name}: ${data.name}`);
      } else file.passed++;
    }
  }
  for (const file of files.values()) yield finish(file);
  if (failures.length > 0) {
    yield `\n${failures.join("\n")}\n`;
    process.exitCode = 1;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  yield `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${seconds} s\n`;
}
