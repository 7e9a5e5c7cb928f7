/** What clients did and saw, for the checker. */

/** An object as a client saw it. */
export interface Sighting {
  readonly key: string;
  readonly revision: number;
  readonly token: string;
}

export interface Write {
  readonly kind: 'write';
  readonly verb: 'create' | 'update' | 'delete';
  readonly key: string;
  /** The token it writes; '' of a delete. */
  readonly token: string;
  /** How long it is to live; unset: for ever, or as long as what it replaces. */
  readonly ttlSeconds?: number | undefined;
  /** Every state it was shown to decide on. */
  readonly seen: Sighting[];
}

export interface Get {
  readonly kind: 'get';
  readonly key: string;
  readonly resourceVersion: string;
  /** Milliseconds that the state may be old, where no revision is given. */
  readonly readWithinMs: number;
  readonly maxStalenessMs?: number | undefined;
}

export interface List {
  readonly kind: 'list';
  readonly prefix: string;
  readonly resourceVersion: string;
  readonly exact: boolean;
  readonly paged: boolean;
  /** Perhaps made for another: its revision is then the one of back then, since which nothing was written. */
  readonly shared?: boolean;
  /** Milliseconds that it may be old, where that was asked for. */
  readonly maxStalenessMs?: number;
}

/** What schedulers have done: objects that expired deleted, what is of no more use removed. */
export interface Upkeep {
  readonly kind: 'upkeep';
  readonly verb: 'sweepExpired' | 'removeLeftovers' | 'index' | 'gatherHeads';
}

/**
 * Everything that has a term, each as it stands; without a term, what the index tells of everything. Where only a
 * snapshot could tell, it just ends.
 */
export interface Find {
  readonly kind: 'find';
  readonly term?: string;
  /** Only what is below it. */
  readonly prefix?: string;
  /** Milliseconds that it may be old. */
  readonly maxStalenessMs?: number;
}

export interface WatchRun {
  readonly kind: 'watch';
  readonly prefix: string;
  /** Every change after this is to be delivered; set once it is known. */
  from: number | undefined;
  /** What it started with, if it was to start with what there is. */
  initial?: Sighting[];
  /** When it had all of that. */
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
  /** Unset: it was never answered. */
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
