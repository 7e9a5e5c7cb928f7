/** Handlers of non-resource paths (upstream's `mux/pathrecorder.go`). */

import { newUnknownResource } from '../codec/statuses.ts';
import type { RequestHandler } from './handler.ts';

const unknownBelow: RequestHandler = async () => {
  throw newUnknownResource();
};

export class PathMux {
  readonly #exact = new Map<string, RequestHandler>();
  readonly #prefixes = new Map<string, RequestHandler>();
  readonly #listed = new Set<string>();

  /** Serves exactly `path`. */
  handle(path: string, handler: RequestHandler): void {
    this.handleUnlisted(path, handler);
    this.#listed.add(path);
  }

  /** Like `handle`, but not listed on the index page. */
  handleUnlisted(path: string, handler: RequestHandler): void {
    this.#exact.set(path, handler);
  }

  /** Serves `path` with or without a trailing slash, but nothing below it, as go-restful's web services do. */
  handleService(path: string, handler: RequestHandler): void {
    this.handle(path, handler);
    this.handleUnlisted(`${path}/`, handler);
    this.#prefixes.set(`${path}/`, unknownBelow);
  }

  /** Serves all paths below `prefix`, which ends in a slash. */
  handlePrefix(prefix: string, handler: RequestHandler): void {
    this.#prefixes.set(prefix, handler);
    this.#listed.add(prefix);
  }

  /** The paths listed on the index page, sorted. */
  paths(): string[] {
    return [...this.#listed].sort();
  }

  /** The handler of the exact path, or else of the longest matching prefix. */
  find(path: string): RequestHandler | undefined {
    const exact = this.#exact.get(path);
    if (exact !== undefined) return exact;
    let found: string | undefined;
    for (const prefix of this.#prefixes.keys()) {
      if (path.startsWith(prefix) && prefix.length > (found?.length ?? 0)) found = prefix;
    }
    return found === undefined ? undefined : this.#prefixes.get(found);
  }
}
