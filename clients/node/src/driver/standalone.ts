/** The Driver of one server, or of a primary and its replicas behind Sentinels: every command goes the same way. */
import type { Driver, Node, Reply } from "./driver.js";
import { scanned } from "./scan.js";

export class Standalone implements Driver {
  readonly cluster = false;

  constructor(private readonly node: Node) {}

  send(_key: string, args: readonly string[]): Promise<Reply> {
    return this.node.send(args);
  }

  async sendToPrimaries(args: readonly string[]): Promise<Reply[]> {
    return [await this.node.send(args)];
  }

  sendUntilAtRest(args: readonly string[]): Promise<Reply[]> {
    return this.sendToPrimaries(args);
  }

  scan(match: string): AsyncIterable<readonly string[]> {
    return scanned(this.node, match);
  }
}
