/**
 * Makes HTML from template strings: html`<b>${name}</b>`. Each value is escaped unless it is HTML made here, so a page
 * cannot forget to escape what a visitor typed.
 */

/** HTML that needs no escaping. Only `html` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template. Nothing is shown for false, null and undefined. */
export type Part = Html | string | number | false | null | undefined | readonly Part[];

export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + escaped(parts[i - 1]) + string));
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(part: Part): string {
  if (part === false || part === null || part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(escaped).join("");
  return String(part).replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
