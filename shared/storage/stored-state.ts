/** A `StoredObject` as storages hold it: bytes first, everything else when asked. */

import type { SelectionAttributes } from './selection-predicate.ts';
import type { StorageConfig, StoredObject } from './storage.ts';

export class StoredState<T> implements StoredObject<T> {
  readonly key: string;
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch from which on the object counts as gone. */
  readonly expiresAt: number | undefined;
  readonly #config: StorageConfig<T>;
  #attributes: SelectionAttributes | undefined;

  constructor(
    config: StorageConfig<T>,
    state: { key: string; resourceVersion: number; bytes: Uint8Array; expiresAt?: number | undefined },
  ) {
    this.#config = config;
    this.key = state.key;
    this.resourceVersion = state.resourceVersion;
    this.bytes = state.bytes;
    this.expiresAt = state.expiresAt;
  }

  object(): T {
    return this.#config.codec.decode(this.bytes);
  }

  /** Labels and selectable fields, computed once. */
  attributes(): SelectionAttributes {
    this.#attributes ??= this.#config.attributes(this.object());
    return this.#attributes;
  }

  /** The same state, reported at another revision: that of its deletion. */
  at(resourceVersion: number): StoredState<T> {
    const bytes = this.#config.codec.rewriteResourceVersion(this.bytes, resourceVersion);
    return new StoredState(this.#config, { key: this.key, resourceVersion, bytes });
  }
}
