/** A `StoredObject` as storages hold it: bytes first, everything else when asked. */

import { StorageError } from './errors.ts';
import { type FormBudget, ObjectForms } from './object-forms.ts';
import type { SelectionAttributes } from './selection-predicate.ts';
import type { StorageConfig, StoredObject } from './storage.ts';

/** What states are read by, and the room for what is made of them; without it nothing is kept. */
export type StateConfig<T> = StorageConfig<T> & { readonly formBudget?: FormBudget | undefined };

export interface StoredStateFields {
  readonly key: string;
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch from which on the object counts as gone. */
  readonly expiresAt?: number | undefined;
  /** In how many items of their own the bytes are kept; 0: within the object's. */
  readonly parts?: number;
  /** The bytes at rest want a rewrite though they decode to the same: their key was rotated. */
  readonly stale?: boolean;
  /** Why the bytes at rest can't be read; `bytes` are empty then. */
  readonly corrupt?: StorageError | undefined;
}

export class StoredState<T> implements StoredObject<T>, StoredStateFields {
  readonly key: string;
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  readonly expiresAt: number | undefined;
  readonly parts: number;
  readonly stale: boolean;
  readonly corrupt: StorageError | undefined;
  readonly #config: StateConfig<T>;
  #forms: ObjectForms | undefined;
  #attributes: SelectionAttributes | undefined;

  constructor(config: StateConfig<T>, fields: StoredStateFields) {
    this.#config = config;
    this.key = fields.key;
    this.resourceVersion = fields.resourceVersion;
    this.bytes = fields.bytes;
    this.expiresAt = fields.expiresAt;
    this.parts = fields.parts ?? 0;
    this.stale = fields.stale ?? false;
    this.corrupt = fields.corrupt;
  }

  object(): T {
    if (this.corrupt !== undefined) throw this.corrupt;
    try {
      return this.#config.codec.decode(this.bytes);
    } catch (cause) {
      throw this.#undecodable(cause);
    }
  }

  async objectInPieces(): Promise<T> {
    const { codec } = this.#config;
    if (codec.decodeInPieces === undefined || this.corrupt !== undefined) return this.object();
    try {
      return await codec.decodeInPieces(this.bytes);
    } catch (cause) {
      throw this.#undecodable(cause);
    }
  }

  #undecodable(cause: unknown): StorageError {
    const message = `unable to decode key ${JSON.stringify(this.key)}: ${cause}`;
    return new StorageError('CorruptObject', message, {
      key: this.key,
      cause,
      revision: this.resourceVersion,
    });
  }

  get forms(): ObjectForms | undefined {
    const { formBudget } = this.#config;
    if (formBudget !== undefined) this.#forms ??= new ObjectForms(formBudget, this.bytes.length);
    return this.#forms;
  }

  /** Labels and selectable fields, computed once. */
  attributes(): SelectionAttributes {
    this.#attributes ??= this.#config.attributes(this.object());
    return this.#attributes;
  }

  /** The same state, reported at another revision: that of its deletion. */
  at(resourceVersion: number): StoredState<T> {
    const bytes = this.#config.codec.rewriteResourceVersion(this.bytes, resourceVersion);
    return new StoredState(this.#config, { key: this.key, resourceVersion, bytes, corrupt: this.corrupt });
  }

  expiredAt(now: number): boolean {
    return this.expiresAt !== undefined && this.expiresAt <= now;
  }
}
