/** The operations of clients and their outcomes, for the checker. */

/** An object as observed by a client. */
export interface Sighting {
  readonly key: string;
  readonly revision: number;
  readonly token: string;
}

export interface Write {
  readonly kind: 'write';
  readonly verb: 'create' | 'update' | 'delete';
  readonly key: string;
  /** The token it writes; '' for a delete. */
  readonly token: string;
  /** The requested lifetime; undefined: unlimited, or that of the object it replaces. */
  readonly ttlSeconds?: number | undefined;
  /** All states passed to its decision. */
  readonly seen: Sighting[];
}

export interface Get {
  readonly kind: 'get';
  readonly key: string;
  readonly resourceVersion: string;
  /** Maximum age of the state in milliseconds, if no revision is given. */
  readonly readWithinMs: number;
  readonly maxStalenessMs?: number | undefined;
}

export interface List {
  readonly kind: 'list';
  readonly prefix: string;
  readonly resourceVersion: string;
  readonly exact: boolean;
  readonly paged: boolean;
  /** May be shared with another caller: its revision is then from that call, since which nothing was written. */
  readonly shared?: boolean;
  /** Maximum age in milliseconds, if requested. */
  readonly maxStalenessMs?: number;
}

/** Maintenance by schedulers: deleting expired objects, removing leftovers; and the preparation of a new resource. */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly verb: 'sweepExpired' | 'removeLeftovers' | 'index' | 'gatherHeads' | 'plant';
}

/**
 * Reads the current objects that have a term; without a term, the index data of all objects. Ends without a result if
 * only a snapshot could answer.
 */
export interface Find {
  readonly kind: 'find';
  readonly term?: string;
  /** Restricts it to objects below this. */
  readonly prefix?: string;
  /** Maximum age in milliseconds. */
  readonly maxStalenessMs?: number;
}

export interface WatchRun {
  readonly kind: 'watch';
  readonly prefix: string;
  /** Every change after this revision must be delivered; set once it is known. */
  from: number | undefined;
  /** The initial objects, if they were requested. */
  initial?: Sighting[];
  /** Time at which the initial objects were complete. */
  initialUntil?: number;
  readonly events: WatchSighting[];
}

type WatchSighting =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly sighting: Sighting }
  | { readonly type: 'BOOKMARK'; readonly revision: number };

export type Action = Write | Get | List | Find | Upkeep | WatchRun;

export type Outcome =
  | { readonly type: 'object'; readonly sighting: Sighting }
  | { readonly type: 'list'; readonly revision: number; readonly items: readonly Sighting[] }
  | { readonly type: 'ended' }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

export interface Operation<A extends Action = Action> {
  readonly client: string;
  readonly process: string;
  readonly action: A;
  readonly invokedAt: number;
  /** Undefined if there was no response. */
  respondedAt?: number | undefined;
  outcome?: Outcome;
}

export class History {
  readonly operations: Operation[] = [];

  begin<A extends Action>(operation: Operation<A>): Operation<A> {
    this.operations.push(operation);
    return operation;
  }
}
