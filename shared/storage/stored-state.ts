/** A `StoredObject` as storages hold it: bytes first, everything else computed on demand. */

import { breathe, READ_AT_ONCE } from '../util/breathe.ts';
import { StorageError } from './errors.ts';
import { type FormBudget, ObjectForms } from './object-forms.ts';
import type { SelectionAttributes } from './selection-predicate.ts';
import type { SharedBytes, SharedContents } from './shared-contents.ts';
import type { StorageConfig, StoredObject } from './storage.ts';

/**
 * Configuration for decoding states, the budget for derived forms, without which none are cached, and contents in
 * common with other tenants' objects.
 */
export type StateConfig<T> = StorageConfig<T> & {
  readonly formBudget?: FormBudget | undefined;
  readonly contents?: SharedContents | undefined;
};

export interface StoredStateFields {
  readonly key: string;
  readonly resourceVersion: number;
  readonly bytes: Uint8Array;
  /** Milliseconds since the epoch from which on the object counts as deleted. */
  readonly expiresAt?: number | undefined;
  /** Number of separate items that hold the bytes; 0: they are in the object's item. */
  readonly parts?: number;
  /** The stored bytes need a rewrite although they decode to the same: their key was rotated. */
  readonly stale?: boolean;
  /** Why the stored bytes can't be read; `bytes` is empty then. */
  readonly corrupt?: StorageError | undefined;
}

export class StoredState<T> implements StoredObject<T>, StoredStateFields {
  readonly key: string;
  readonly resourceVersion: number;
  /** Unset if they are shared. */
  readonly #bytes: Uint8Array | undefined;
  readonly #shared: SharedBytes | undefined;
  readonly expiresAt: number | undefined;
  readonly parts: number;
  readonly stale: boolean;
  readonly corrupt: StorageError | undefined;
  readonly #config: StateConfig<T>;
  #forms: ObjectForms | undefined;
  #attributes: SelectionAttributes | undefined;
  #reading: Promise<void> | undefined;

  constructor(config: StateConfig<T>, fields: StoredStateFields) {
    this.#config = config;
    this.key = fields.key;
    this.resourceVersion = fields.resourceVersion;
    this.#shared = config.contents?.share(fields.bytes);
    if (this.#shared === undefined) this.#bytes = fields.bytes;
    this.expiresAt = fields.expiresAt;
    this.parts = fields.parts ?? 0;
    this.stale = fields.stale ?? false;
    this.corrupt = fields.corrupt;
  }

  get bytes(): Uint8Array {
    return this.#bytes ?? this.#shared!.whole();
  }

  /** Number of bytes. */
  get size(): number {
    return (this.#bytes ?? this.#shared!).length;
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
    if (formBudget !== undefined) this.#forms ??= new ObjectForms(formBudget, this.size);
    return this.#forms;
  }

  /** Labels and selectable fields, computed once. */
  attributes(): SelectionAttributes {
    this.#attributes ??= this.#config.attributes(this.object());
    return this.#attributes;
  }

  /** Whether `attributes` would hold the event loop while it decodes a large object: call `readAttributes` before. */
  get hasUnreadAttributes(): boolean {
    return this.#attributes === undefined && this.bytes.length > READ_AT_ONCE && this.corrupt === undefined;
  }

  /** Computes `attributes`, yielding to the event loop; once for all callers. */
  readAttributes(): Promise<void> {
    this.#reading ??= this.#readAttributes();
    return this.#reading;
  }

  async #readAttributes(): Promise<void> {
    try {
      const object = await this.objectInPieces();
      await breathe();
      this.#attributes ??= this.#config.attributes(object);
    } finally {
      this.#reading = undefined;
    }
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
