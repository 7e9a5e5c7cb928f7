/** What runs beside the API for it to behave: one contract, whichever host drives it. */

import type { KubeObject } from '../meta/kube-object.ts';
import type { GroupResource } from '../runtime/group-version.ts';

/** A committed write. On Lambda it comes from the table's stream, elsewhere from the storage of this process. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: GroupResource;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** The object after the write, or before its deletion; internal. Decoded when asked for. */
  object(): KubeObject;
  /** False where none of `texts` stands in the object's JSON, which is known without decoding it. Left out: never. */
  contains?(texts: readonly string[]): boolean;
}

/**
 * Drives one aspect of the cluster to what its objects ask for. `reconcile` looks at the whole state of a key, never
 * at what changed; it may run again at any time, also beside another process, and must then find nothing to do.
 */
export interface Controller {
  /** Upstream's name, as in kube-controller-manager's `--controllers`. */
  readonly name: string;
  /** What it asks for at start may be every object of a resource with very many: nobody's start waits for that. */
  readonly looksThroughMuch?: boolean;
  /** `reconcile` says when to look again in case that a write was missed, not because anything is due then. */
  readonly looksAgainAnyway?: boolean;
  /** Keys that it works on at once; left out: 4. More, where a key waits for long. */
  readonly workers?: number;
  /** The keys that a change may concern; cheap, as it sees every write. */
  keysFor(change: Change): Iterable<string>;
  /**
   * Keys that may have waited for the end of something, and that `keysFor` can't say: where a controller has seen
   * nothing of what was before, and where no more than a name is known. Reads no more than that needs. Left out: there
   * are none.
   */
  keysAfterEnd?(change: Change): Promise<Iterable<string>>;
  /** Every key that may need work: asked at start, when changes may have been missed. */
  allKeys(): Promise<Iterable<string>>;
  /** Returns the milliseconds after which to look again, if time alone can change the answer. */
  reconcile(key: string): Promise<number | undefined>;
}

export const isResource = (resource: GroupResource, group: string, name: string): boolean =>
  resource.group === group && resource.resource === name;
