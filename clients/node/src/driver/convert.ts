/**
 * Errors of the drivers as errors of this package.
 *
 * An error reply is recognised by its text, which begins with a code in capitals. The classes of the drivers' errors do
 * not help: they differ between drivers and versions, and bundlers rename them.
 */
import * as errors from "../errors.js";

const BY_CODE: Readonly<Record<string, new (message: string) => errors.SessionError>> = {
  NOSESSION: errors.NoSessionError,
  INVALID: errors.InvalidError,
  NOSCHEMA: errors.NoSchemaError,
  BADSCHEMA: errors.BadSchemaError,
  BADJSON: errors.BadJsonError,
  CONFLICT: errors.ConflictError,
  STALE: errors.StaleError,
  OTHERUSER: errors.OtherUserError,
  TOOMANY: errors.TooManyError,
};

/** Replies of a server that can serve the same command later, or of one that is no longer the primary. */
const UNAVAILABLE = new Set(
  "ASK BUSY CLUSTERDOWN LOADING MASTERDOWN MOVED NOREPLICAS READONLY TRYAGAIN UNBLOCKED".split(" "),
);

/** Errors of a server in trouble, for which 503 says more to the visitor than 500. */
const IN_TROUBLE = new Set(["MISCONF", "OOM"]);

/** @param server describes the server for ModuleMissingError; called only for that */
export function converted(error: unknown, server: () => string): errors.SessionError {
  if (error instanceof errors.SessionError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const reply = /^([A-Z][A-Z0-9]+) (.*)$/s.exec(text);
  if (reply === null) {
    const advice = /client is closed/i.test(text) ? "; call and await its connect() first" : "";
    return new errors.UnavailableError("CONNECTION", `the server cannot be reached: ${plain(text)}${advice}`);
  }
  const [, code = "", message = ""] = reply;
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known !== undefined) return new known(message);
  // The server's own text shows the first arguments.
  if (code === "ERR" && /^unknown command ['`]?SESSION\./i.test(message))
    return new errors.ModuleMissingError(server());
  if (UNAVAILABLE.has(code)) return new errors.UnavailableError(code, `the server cannot serve now: ${plain(text)}`);
  return new errors.SessionError(code, plain(message), IN_TROUBLE.has(code) ? 503 : 500);
}

/** One line of printable ASCII, not too long. */
function plain(text: string): string {
  const line = text.replace(/[^ -~]+/g, "?");
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
