/**
 * Options of the methods as words of the commands. Types refuse wrong options where TypeScript is used; `words` refuses
 * them where it is not, since a misspelt `ttl` would be a session without the timeout that was meant.
 */

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
