/**
 * Options of the methods as words of the commands. Types refuse wrong options where TypeScript is used; `words` refuses
 * them where it is not, since a misspelt `ttl` would be a session without the timeout that was meant.
 */

/** At most one of the members of T. */
type OneOf<T> = { [K in keyof T]: Pick<T, K> & Partial<Record<Exclude<keyof T, K>, undefined>> }[keyof T];

interface Deadlines {
  /** The session ends in this many seconds, whatever is accessed. */
  readonly ex?: number | undefined;
  /** The same in milliseconds. */
  readonly px?: number | undefined;
  /** The session ends at this Unix time in seconds, or at this Date. */
  readonly exat?: number | Date | undefined;
  /** The same in milliseconds. */
  readonly pxat?: number | Date | undefined;
  /** No deadline; with the server's setting `session.max-ttl`, that limit. */
  readonly persist?: boolean | undefined;
}

interface Idles {
  /** The session ends so many seconds after its last access; 0 for no idle timeout. */
  readonly idle?: number | undefined;
  /** The same in milliseconds. */
  readonly pidle?: number | undefined;
}

/**
 * When a session ends: a deadline (at most one of `ex`, `px`, `exat`, `pxat`, `persist`) and an idle timeout (`idle` or
 * `pidle`), whichever comes first. One that is left out is the server's setting for a new session, and as before for a
 * live one.
 */
export type Expiry = OneOf<Deadlines> & OneOf<Idles>;

/** The user of a session, and the limit on the number of the user's sessions. */
export type Owner =
  | { readonly user?: undefined; readonly maxSessions?: undefined; readonly refuse?: undefined }
  | {
      /** The user whom the session belongs to: 1 to 512 bytes. The session counts as authenticated now. */
      readonly user: string;
      readonly maxSessions?: undefined;
      readonly refuse?: undefined;
    }
  | {
      readonly user: string;
      /** Ends the user's least recently accessed sessions beyond this number, 1 or more. */
      readonly maxSessions: number;
      /** Ends none: TooManyError if the user has that many already. */
      readonly refuse?: boolean | undefined;
    };

interface SchemaOption {
  /** The schema that the data must satisfy, now and at every later write. */
  readonly schema?: string | undefined;
}

export type CreateAsOptions = Expiry & Owner & SchemaOption;
export type CreateOptions = CreateAsOptions & {
  /**
   * Whether the server makes a bearer token, which goes into the cookie in the place of the key.
   *
   * @default true
   */
  readonly token?: boolean | undefined;
};

export type SetOptions = Expiry &
  SchemaOption & {
    /** Writes only if the session still has this version; else ConflictError. */
    readonly ifVersion?: number | undefined;
  };
export type PatchOptions = SetOptions;

export type RotateAsOptions = Expiry &
  SchemaOption & {
    /** Changes of the data, as in `patch`. */
    readonly patch?: unknown;
  } & (
    | (Owner & { readonly grace?: undefined })
    | {
        /** For so many milliseconds the old key goes on working, for requests under way. Not with `user`. */
        readonly grace?: number | undefined;
        readonly user?: undefined;
        readonly maxSessions?: undefined;
        readonly refuse?: undefined;
      }
  );
export type RotateOptions = RotateAsOptions & Pick<CreateOptions, "token">;

export type ImportOptions = Expiry &
  SchemaOption & {
    /** When the session was created: Unix time in milliseconds, or a Date. */
    readonly created: number | Date;
    /** When it was last accessed; now by default. */
    readonly accessed?: number | Date | undefined;
  } & (
    | { readonly user?: undefined; readonly authenticated?: undefined }
    | {
        readonly user: string;
        /** When the user last authenticated; `created` by default. */
        readonly authenticated?: number | Date | undefined;
      }
  );

export interface ReadOptions {
  /** The read is no access: it does not extend the session. */
  readonly noTouch?: boolean | undefined;
}

export interface VerifyOptions extends ReadOptions {
  /** Schemas that the data must satisfy, beside the session's own. */
  readonly schema?: string | readonly string[] | undefined;
  /** The user must have authenticated at most so many seconds ago; else StaleError. */
  readonly fresh?: number | undefined;
}

export type Moment = number | Date;

interface Option {
  readonly word: string;
  readonly kind: "flag" | "integer" | "text" | "seconds" | "milliseconds" | "own";
  /** Of the options of one group, at most one may be given. */
  readonly group?: "deadline" | "idle";
}

const OPTIONS = {
  ex: { word: "EX", kind: "integer", group: "deadline" },
  px: { word: "PX", kind: "integer", group: "deadline" },
  exat: { word: "EXAT", kind: "seconds", group: "deadline" },
  pxat: { word: "PXAT", kind: "milliseconds", group: "deadline" },
  persist: { word: "PERSIST", kind: "flag", group: "deadline" },
  idle: { word: "IDLE", kind: "integer", group: "idle" },
  pidle: { word: "PIDLE", kind: "integer", group: "idle" },
  schema: { word: "SCHEMA", kind: "text" },
  user: { word: "USER", kind: "text" },
  maxSessions: { word: "MAXSESSIONS", kind: "integer" },
  refuse: { word: "REFUSE", kind: "flag" },
  token: { word: "TOKEN", kind: "own" },
  ifVersion: { word: "IFVERSION", kind: "integer" },
  grace: { word: "GRACE", kind: "integer" },
  patch: { word: "PATCH", kind: "own" },
  created: { word: "CREATED", kind: "milliseconds" },
  accessed: { word: "ACCESSED", kind: "milliseconds" },
  authenticated: { word: "AUTHENTICATED", kind: "milliseconds" },
  noTouch: { word: "NOTOUCH", kind: "flag" },
  fresh: { word: "FRESH", kind: "integer" },
  limit: { word: "LIMIT", kind: "integer" },
  assertFormat: { word: "ASSERTFORMAT", kind: "flag" },
  nx: { word: "NX", kind: "flag" },
  prefix: { word: "PREFIX", kind: "text" },
  fields: { word: "FIELDS", kind: "own" },
  withInfo: { word: "WITHINFO", kind: "own" },
  paths: { word: "PATH", kind: "own" },
  except: { word: "EXCEPT", kind: "own" },
  only: { word: "ONLY", kind: "own" },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

const EXPIRY: readonly OptionName[] = ["ex", "px", "exat", "pxat", "persist", "idle", "pidle"];
const OWNER: readonly OptionName[] = ["user", "maxSessions", "refuse"];

export type Method =
  | "set"
  | "create"
  | "createAs"
  | "import"
  | "touch"
  | "rotate"
  | "rotateAs"
  | "get"
  | "getPaths"
  | "verify"
  | "verifyPaths"
  | "list"
  | "revoke"
  | "schemaSet";

/** The options of each method. Those of the kind "own" are added to the command by the method itself. */
export const ALLOWED: Readonly<Record<Method, ReadonlySet<OptionName>>> = {
  set: new Set<OptionName>([...EXPIRY, "schema", "ifVersion"]),
  create: new Set<OptionName>([...EXPIRY, ...OWNER, "schema", "token"]),
  createAs: new Set<OptionName>([...EXPIRY, ...OWNER, "schema"]),
  import: new Set<OptionName>([...EXPIRY, "schema", "user", "created", "accessed", "authenticated"]),
  touch: new Set<OptionName>(EXPIRY),
  rotate: new Set<OptionName>([...EXPIRY, ...OWNER, "schema", "patch", "grace", "token"]),
  rotateAs: new Set<OptionName>([...EXPIRY, ...OWNER, "schema", "patch", "grace"]),
  get: new Set<OptionName>(["noTouch", "fields", "withInfo"]),
  getPaths: new Set<OptionName>(["noTouch"]),
  verify: new Set<OptionName>(["noTouch", "fields", "withInfo", "fresh", "schema"]),
  verifyPaths: new Set<OptionName>(["noTouch", "fresh", "schema"]),
  list: new Set<OptionName>(["limit", "fields", "paths"]),
  revoke: new Set<OptionName>(["limit", "except", "only"]),
  schemaSet: new Set<OptionName>(["assertFormat", "nx", "prefix"]),
};

/**
 * Appends the words of all options but those of the kind "own".
 *
 * @throws TypeError for an option that the method does not have, one of the wrong type, or two that contradict each other
 */
export function words(args: string[], method: Method, options: object | undefined): string[] {
  if (options === undefined) return args;
  let deadline = "";
  let idle = "";
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!ALLOWED[method].has(name as OptionName)) throw unknownOption(name, method);
    const option: Option = OPTIONS[name as OptionName];
    if (option.kind === "own" || !append(args, name, option, value)) continue;
    if (option.group === "deadline") deadline = single(deadline, name);
    else if (option.group === "idle") idle = single(idle, name);
  }
  return args;
}

/** Appends one option; false for a flag that is off. */
function append(args: string[], name: string, option: Option, value: unknown): boolean {
  if (option.kind === "flag") {
    if (typeof value !== "boolean") throw new TypeError(`${name} is true or false`);
    if (value) args.push(option.word);
    return value;
  }
  if (option.kind === "text") args.push(option.word, text(value, name));
  else if (option.kind === "integer") args.push(option.word, integer(value, name));
  else if (value instanceof Date) {
    args.push(option.word === "EXAT" ? "PXAT" : option.word, integer(value.getTime(), name));
  } else args.push(option.word, integer(value, name));
  return true;
}

function single(before: string, name: string): string {
  if (before !== "") throw new TypeError(`${before} and ${name} contradict each other: give one of them`);
  return name;
}

function unknownOption(name: string, method: Method): TypeError {
  return new TypeError(`there is no option '${name}' here; the options are ${[...ALLOWED[method]].join(", ")}`);
}

/** @throws TypeError for anything but an integer that JavaScript holds exactly */
export function integer(value: unknown, name: string): string {
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} must be an integer`);
  return String(value);
}

/** @throws TypeError for anything but a string */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string`);
  return value;
}

/** @throws TypeError for anything but an array of strings */
export function texts(values: unknown, name: string): readonly string[] {
  if (!Array.isArray(values)) throw new TypeError(`${name} must be an array of strings`);
  for (const value of values) text(value, name);
  return values as string[];
}
