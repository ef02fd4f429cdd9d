/**
 * The difference of two states of a session as one patch for SESSION.PATCH.
 *
 * It goes by top-level members, the unit in which frameworks read and write sessions: of two requests that change
 * different members both changes stay, and of two that change the same member the last one wins, whatever lies inside.
 */

/**
 * The patch that turns the members of `before` into those of `after`; null if they are the same.
 *
 * @param before a JSON object, as text
 * @param after another
 * @param untaken tells members of `before` that are absent from `after` only because the framework's session object
 *   cannot hold them, such as one with the name of a method; they are left alone
 */
export function difference(before: string, after: string, untaken: (name: string) => boolean): string | null {
  const old = JSON.parse(before) as Record<string, unknown>;
  const now = JSON.parse(after) as Record<string, unknown>;
  const changes: Change[] = [];
  for (const name of Object.keys(now)) {
    const value = now[name];
    const had = Object.hasOwn(old, name);
    if (had && old[name] === value) continue;
    const text = JSON.stringify(value);
    if (had && JSON.stringify(old[name]) === text) continue;
    changes.push({ name, text, mergeable: value !== null && (typeof value !== "object" || Array.isArray(value)) });
  }
  for (const name of Object.keys(old)) {
    if (!Object.hasOwn(now, name) && !untaken(name)) changes.push({ name, text: null, mergeable: true });
  }
  if (changes.length === 0) return null;
  return changes.every(({ mergeable }) => mergeable) ? mergePatch(changes) : jsonPatch(changes);
}

/** The patch that sets one member. */
export function memberPatch(name: string, value: unknown): string {
  return jsonPatch([{ name, text: JSON.stringify(value), mergeable: false }]);
}

interface Change {
  readonly name: string;
  /** The new value as JSON; null removes the member. */
  readonly text: string | null;
  /** Whether a merge patch can set it: it would remove for null, and merge objects. */
  readonly mergeable: boolean;
}

function mergePatch(changes: readonly Change[]): string {
  return `{${changes.map(({ name, text }) => `${JSON.stringify(name)}:${text ?? "null"}`).join(",")}}`;
}

function jsonPatch(changes: readonly Change[]): string {
  const operations = changes.map(({ name, text }) => {
    const path = JSON.stringify(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    const add = `{"op":"add","path":${path},"value":${text ?? "null"}}`;
    // A `remove` alone fails if a parallel request has removed the member already.
    return text === null ? `${add},{"op":"remove","path":${path}}` : add;
  });
  return `[${operations.join(",")}]`;
}
