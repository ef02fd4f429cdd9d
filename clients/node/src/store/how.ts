/** The options of what SessionRecords does, and its events. */

/** What a store tells with its events. */
export interface StoreEvents {
  /** A write was dropped, because the session had ended. Nothing was created. */
  lost: [{ readonly operation: "save" | "touch" | "login" | "rotate"; readonly key: string }];
  /** A user has logged in. */
  login: [{ readonly user: string; readonly key: string }];
  /** A session of connect-redis was taken over. */
  imported: [{ readonly key: string }];
}

/** How the lifetime differs from what cookie and options say. */
export interface IdleOption {
  /** The idle timeout in ms; 0 ends the session. @default by the cookie and the option `idleTimeout` */
  readonly idle?: number | undefined;
}

export interface SaveOptions extends IdleOption {
  /**
   * Whether a member is absent from the session object only because that cannot hold it. @default by what the object
   * inherits: a member with the name of a method
   */
  readonly untaken?: ((name: string) => boolean) | undefined;
  /** Asks the server whether the session lives although nothing differs and `touch` needs no TOUCH. @default false */
  readonly confirm?: boolean | undefined;
}

export interface CreateOptions extends IdleOption {
  /** Logs this user in. */
  readonly user?: string | undefined;
  /** Members that replace those of the data at its top level. */
  readonly patch?: object | undefined;
}

export interface MoveOptions extends CreateOptions, SaveOptions {
  /** For so many ms the old ID goes on working. Not with `user`. */
  readonly grace?: number | undefined;
}
