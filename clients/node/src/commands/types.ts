/** The types of the methods' options. Those that contradict each other do not compile. */
import type { Field } from "./replies.js";

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

export type GetOptions = ReadOptions & { readonly withInfo?: false | undefined; readonly fields?: undefined };
export interface InfoOptions {
  readonly withInfo: true;
  readonly fields?: undefined;
}
export interface FieldsOptions<F extends Field> {
  readonly fields: readonly F[];
  readonly withInfo?: false | undefined;
}

export interface ListOptions<P extends string = string, F extends Field = Field> {
  /** The first so many sessions, 1 or more. */
  readonly limit?: number | undefined;
  /** The fields of metadata; all by default. Fewer cost less. */
  readonly fields?: readonly F[] | undefined;
  /** JSON Pointers of values of the data. */
  readonly paths?: readonly P[] | undefined;
}

export type RevokeOptions = {
  /** Each command ends at most so many, the least recently accessed first: repeat the call until it resolves to 0. */
  readonly limit?: number | undefined;
} & (
  | {
      /** Keys of sessions that stay: log out everywhere else. */
      readonly except?: string | readonly string[] | undefined;
      readonly only?: undefined;
    }
  | {
      /** Keys of the sessions that end. Keys that are not of this user's sessions are ignored. */
      readonly only: string | readonly string[];
      readonly except?: undefined;
    }
);
