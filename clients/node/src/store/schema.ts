/**
 * The schema of a store: names it in writes, and registers it if the store has its definition.
 *
 * It is registered with the first write and not when the store is made, so that an application starts without a server;
 * and again when the server says that it is gone, which it is after a restart without persistence.
 */
import type { Sessions } from "../commands/sessions.js";
import { JsonText } from "../commands/json.js";
import { NoSchemaError } from "../errors.js";
import type { SchemaDefinition } from "./options.js";

export class Registration {
  private readonly name: string | undefined;
  private readonly own: SchemaDefinition | undefined;
  private registered: Promise<void> | undefined;

  constructor(
    private readonly sessions: Sessions,
    schema: string | SchemaDefinition | undefined,
  ) {
    this.own = typeof schema === "object" ? schema : undefined;
    this.name = typeof schema === "object" ? schema.name : schema;
  }

  /** Runs a write that names the schema. */
  async with<T>(write: (schema: string | undefined) => Promise<T>): Promise<T> {
    if (this.own === undefined) return write(this.name);
    const registered = (this.registered ??= this.register(this.own));
    await registered;
    try {
      return await write(this.name);
    } catch (error) {
      if (!(error instanceof NoSchemaError)) throw error;
      // Writes that fail at the same time register it once.
      if (this.registered === registered) this.registered = this.register(this.own);
      await this.registered;
      return write(this.name);
    }
  }

  private register({ name, definition, assertFormat }: SchemaDefinition): Promise<void> {
    const text = typeof definition === "string" ? new JsonText(definition) : definition;
    const registering = this.sessions.schema.set(name, text, { assertFormat });
    registering.catch(() => {
      this.registered = undefined;
    });
    return registering;
  }
}
