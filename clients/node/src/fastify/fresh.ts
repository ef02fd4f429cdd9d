/**
 * The IDs that were made for requests and that no session has yet.
 *
 * `reload()` of a session that has ended meanwhile gives the application an empty Session with the old ID, which looks
 * like a new one. Only an ID that was made for a request that is still running may become a session, so the ID of one
 * that was logged out never does.
 */
export class FreshIds {
  private readonly ids = new Set<string>();
  private readonly registry = new FinalizationRegistry<string>((id) => this.ids.delete(id));
  private used = false;

  /** Notes an ID that was made for this request, for as long as the request is in memory. */
  add(id: string, request: object): void {
    this.used = true;
    this.ids.add(id);
    this.registry.register(request, id);
  }

  /** Whether the ID may become a session. If IDs are made elsewhere, nobody knows, and the answer is yes. */
  allows(id: string): boolean {
    return !this.used || this.ids.has(id);
  }

  /** Notes that the ID has a session now. */
  spend(id: string): void {
    this.ids.delete(id);
  }
}
