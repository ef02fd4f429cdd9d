/** JSON in and out: JavaScript values, or texts that are sent and returned as they are. */
import { inspect } from "node:util";

/**
 * JSON text that is sent byte for byte, wherever a method takes data, a patch or a schema. For text that the application
 * has already, or numbers that JavaScript cannot hold: `new JsonText('{"id":9007199254740993}')`.
 */
export class JsonText {
  readonly #text: string;

  constructor(text: string) {
    if (typeof text !== "string") throw new TypeError("JsonText takes a string of JSON");
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** Logs do not show the text. */
  [inspect.custom](): string {
    return "JsonText {}";
  }
}

/**
 * The JSON text of a value.
 *
 * @param what names the value in the error
 * @throws TypeError for a value that JSON cannot write, such as undefined, a function or a circular object
 */
export function jsonOf(value: unknown, what: string): string {
  if (value instanceof JsonText) return value.toString();
  const text = stringified(value, what);
  if (text === undefined)
    throw new TypeError(`the ${what} must be a JSON value, not undefined, a function or a symbol`);
  return text;
}

/** JSON.stringify, whose own type leaves undefined out, and whose errors name members of the data. */
function stringified(value: unknown, what: string): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    throw new TypeError(
      `the ${what} cannot be written as JSON: it has a circular reference, a BigInt, or a toJSON that throws`,
    );
  }
}
