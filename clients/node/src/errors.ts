/**
 * Errors of this package: one class for each error code of the module, UnavailableError for a server that does not
 * answer, ModuleMissingError for one without the module.
 *
 * An error never holds session data, a token, or an argument of a command. That is why the driver's own error is not kept
 * as `cause`: those of ioredis carry the arguments.
 *
 * `instanceof` also recognises an error that the package's other copy made (ES module and CommonJS), by a registered
 * symbol.
 */

const KINDS = Symbol.for("redis-session-client.error-kinds");

/** The classes of this copy. An application's own subclass is not among them, and has the usual `instanceof`. */
const NAMES = new WeakMap<object, string>();

/** Sets what `error.name` and `instanceof` need. Not taken from the class's own name, which bundlers change. */
function name(type: { readonly prototype: object }, own: string): void {
  NAMES.set(type, own);
  Object.defineProperty(type.prototype, "name", { value: own, configurable: true, writable: true });
  Object.defineProperty(type.prototype, KINDS, { value: ["SessionError", own] });
}

/** A place in the data and the rule of the schema that it breaks. Both are ASCII; no value of the data is shown. */
export interface Violation {
  /** A JSON Pointer; "" is the whole data. */
  readonly pointer: string;
  /** The schema's keyword, with what it requires if that is short, as in `maxLength 10`. */
  readonly rule: string;
}

/** The base of all errors. Error replies that have no class of their own are instances of it. */
export class SessionError extends Error {
  static {
    name(this, "SessionError");
  }

  /** The code of the error reply, such as `ERR`, `WRONGTYPE`, `NOPERM` or `OOM`; `UNAVAILABLE` and `NOMODULE` are ours. */
  readonly code: string;

  /** The HTTP status with which a web framework answers if nobody handles the error. */
  readonly status: number;

  constructor(code: string, message: string, status = 500) {
    super(message);
    this.code = code;
    this.status = status;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const kind = NAMES.get(this);
    if (kind === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    const kinds = typeof value === "object" && value !== null ? (value as { [KINDS]?: unknown })[KINDS] : undefined;
    return Array.isArray(kinds) && kinds.includes(kind);
  }
}

/** SET, PATCH, POP or ROTATE found no live session. Nothing was changed, and nothing was created. */
export class NoSessionError extends SessionError {
  static {
    name(this, "NoSessionError");
  }

  constructor(message: string) {
    super("NOSESSION", message, 401);
  }
}

/** The data does not satisfy a schema. The status is 500 for a write, and 403 for a `verify`. */
export class InvalidError extends SessionError {
  static {
    name(this, "InvalidError");
  }

  /** The schema's name. */
  readonly schema: string;
  /** The first violations, five at most. */
  readonly violations: readonly Violation[];
  /** How many more violations there are; null if the server stopped counting. */
  readonly more: number | null;

  constructor(message: string, status = 500) {
    super("INVALID", message, status);
    const [, schema = "", text = message] = /^schema '(.*?)': (.*)$/.exec(message) ?? [];
    const rest = /(?:^|; )and (?:(\d+) )?more$/.exec(text);
    this.schema = schema;
    this.more = rest === null ? 0 : rest[1] === undefined ? null : Number(rest[1]);
    const told = rest === null ? text : text.slice(0, rest.index);
    // Each violation begins with a pointer. A "; " that no pointer follows is part of a rule.
    const parts = told === "" ? [] : told.split(/; (?=\/|\(root\): )/);
    this.violations = parts.map((part) => {
      const end = part.indexOf(": ");
      const pointer = end < 0 ? part : part.slice(0, end);
      return { pointer: pointer === "(root)" ? "" : pointer, rule: end < 0 ? "" : part.slice(end + 2) };
    });
  }
}

/** No schema has this name. Register it with `schema.set`. */
export class NoSchemaError extends SessionError {
  static {
    name(this, "NoSchemaError");
  }

  /** The name of the schema that is missing. */
  readonly schema: string;

  constructor(message: string) {
    super("NOSCHEMA", message);
    this.schema = /no schema '(.*)'; register/.exec(message)?.[1] ?? "";
  }
}

/** The text is no JSON Schema, or uses a feature that the server does not allow. */
export class BadSchemaError extends SessionError {
  static {
    name(this, "BadSchemaError");
  }

  constructor(message: string) {
    super("BADSCHEMA", message);
  }
}

/** The data or a patch is not strict JSON. The message gives the line and the column. */
export class BadJsonError extends SessionError {
  static {
    name(this, "BadJsonError");
  }

  constructor(message: string) {
    super("BADJSON", message);
  }
}

/** The version differs, a JSON Patch does not apply, or another schema has the name or the prefix. */
export class ConflictError extends SessionError {
  static {
    name(this, "ConflictError");
  }

  /** The session's present version, if that is not `ifVersion`. */
  readonly version: number | undefined;
  /** The index, from 0, of the operation of a JSON Patch that does not apply. */
  readonly operation: number | undefined;

  constructor(message: string) {
    super("CONFLICT", message, 409);
    const version = /^the version is (\d+)/.exec(message)?.[1];
    const operation = /^operation (\d+)/.exec(message)?.[1];
    this.version = version === undefined ? undefined : Number(version);
    this.operation = operation === undefined ? undefined : Number(operation);
  }
}

/** The user authenticated longer ago than `fresh` allows, or never: ask for the password again. */
export class StaleError extends SessionError {
  static {
    name(this, "StaleError");
  }

  constructor(message: string) {
    super("STALE", message, 401);
  }
}

/** A rotation names a user, but the session belongs to another. End it, and create a new one. */
export class OtherUserError extends SessionError {
  static {
    name(this, "OtherUserError");
  }

  constructor(message: string) {
    super("OTHERUSER", message, 409);
  }
}

/** The user has `maxSessions` live sessions already, and the call asked to refuse one more. */
export class TooManyError extends SessionError {
  static {
    name(this, "TooManyError");
  }

  constructor(message: string) {
    super("TOOMANY", message, 429);
  }
}

/** The server did not answer, or answered that it cannot serve now. Whether a write was done is not known. */
export class UnavailableError extends SessionError {
  static {
    name(this, "UnavailableError");
  }

  /** `TIMEOUT`, `CONNECTION`, or the code of the reply: `LOADING`, `READONLY`, `CLUSTERDOWN`, `MASTERDOWN` and others. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super("UNAVAILABLE", message, 503);
    this.reason = reason;
  }
}

/** The server has not loaded the module. */
export class ModuleMissingError extends SessionError {
  static {
    name(this, "ModuleMissingError");
  }

  /** @param server the server's address or a description of it, such as `127.0.0.1:6379` */
  constructor(server: string) {
    super(
      "NOMODULE",
      `the server (${server}) has not loaded the module redis-session: add a line ` +
        "`loadmodule` with the path of libredis_session.so to its configuration, and restart it",
      503,
    );
  }
}
