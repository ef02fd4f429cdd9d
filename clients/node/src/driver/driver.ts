/**
 * What the rest of the package needs of a Redis client. Each supported client has one implementation
 * in this folder; nothing outside this folder knows which client the application uses.
 */

/**
 * A reply, much the same for all clients and both protocols: strings are text, nil is null, integers are numbers (or text,
 * if the application told its client so). A map is a flat array of names and values, a Map or an object, as the client
 * makes it: `commands/replies.ts` reads all three.
 */
export type Reply =
  string | number | null | readonly Reply[] | ReadonlyMap<string, Reply> | { readonly [name: string]: Reply };

export interface Driver {
  /** Whether the client is that of a cluster, so that keys need hash tags. */
  readonly cluster: boolean;

  /**
   * Sends a command to the primary that holds `key`.
   *
   * @param key the command's first key, which is one of `args`
   * @param args the command's name and arguments; the driver may keep the array, so do not change it afterwards
   * @throws SessionError with the code of an error reply; UnavailableError without an answer in time
   */
  send(key: string, args: readonly string[]): Promise<Reply>;

  /** Sends a command without keys to every primary, all at once, and resolves to their replies. */
  sendToPrimaries(args: readonly string[]): Promise<Reply[]>;

  /**
   * Sends a command without keys to every primary, in rounds until no slot has moved during one, so that it has reached
   * every key. Resolves to the replies of all rounds.
   *
   * @throws UnavailableError if slots still move after many rounds
   */
  sendUntilAtRest(args: readonly string[]): Promise<Reply[]>;

  /** The keys on all primaries that match the glob pattern and hold a session, in batches, perhaps with repetitions. */
  scan(match: string): AsyncIterable<readonly string[]>;
}

/** One server: what cluster.ts needs of a cluster's nodes, and all there is without a cluster. */
export interface Node {
  send(args: readonly string[]): Promise<Reply>;
}
