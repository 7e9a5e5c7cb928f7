/** The contract of controllers: background work that the API depends on, the same for every host. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupResource } from '../runtime/group-version.ts';

/** A committed write. On Lambda it comes from the table's stream, elsewhere from the storage of this process. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: GroupResource;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** The object after the write, or before its deletion; internal version. Decoded on demand. */
  object(): KubeObject;
  /** Whether the object's JSON contains any of `texts`, found without decoding it. Absent: assume true. */
  contains?(texts: readonly string[]): boolean;
}

/**
 * Reconciles one aspect of the cluster with its objects. `reconcile` reads the whole state of a key, never the change;
 * it may run again at any time, also concurrently in another process, and must then find nothing to do.
 */
export interface Controller {
  /** Upstream's name, as in kube-controller-manager's `--controllers`. */
  readonly name: string;
  /** Whether its initial sync may read every object of a large resource: server start doesn't wait for that. */
  readonly looksThroughMuch?: boolean;
  /** Whether delays returned by `reconcile` only cover missed writes, rather than work due then. */
  readonly looksAgainAnyway?: boolean;
  /** Number of keys processed concurrently; default: 4. More if a key may wait for long. */
  readonly workers?: number;
  /** The keys that a change may concern; cheap, since it is called for every write. */
  keysFor(change: Change): Iterable<string>;
  /**
   * Keys that may have waited for a deletion and that `keysFor` can't determine, because the controller has not seen
   * the earlier state, or only the name is known. Reads no more than it needs. Absent: there are none.
   */
  keysAfterEnd?(change: Change): Promise<Iterable<string>>;
  /** Every key that may need work: called at start, and when changes may have been missed. */
  allKeys(): Promise<Iterable<string>>;
  /** Returns the milliseconds until the next sync, if time alone can change the result. */
  reconcile(key: string): Promise<number | undefined>;
}

export const isResource = (resource: GroupResource, group: string, name: string): boolean =>
  resource.group === group && resource.resource === name;
