/** Looks up definitions for requests. Each is read when it is used, and compiled once until it changes. */

import type { Definition } from '../../apis/apiextensions/definition.ts';
import type { Store } from '../../registry/generic/store.ts';
import { DEFAULT_STALENESS_MS } from '../../rest/resource-access.ts';
import { isStorageError } from '../../storage/errors.ts';
import type { GetOptions, StoredObject } from '../../storage/storage.ts';
import { once } from '../../util/once.ts';
import { ownCopy } from '../../util/own-text.ts';
import type { CompiledDefinition, ServingDependencies } from './compiled-definition.ts';
import { DefinitionFollower } from './definition-follower.ts';
import { DefinitionLifetime } from './definition-lifetime.ts';
import { type DefinitionSummary, summaryOf, unpackSummary } from './definition-summary.ts';

/** Loaded on demand, because most processes serve no custom resources. */
export const loadCompiler = once(() => import('./compiled-definition.ts'));

/** A definition as of its last read. */
export class IndexedDefinition {
  readonly summary: DefinitionSummary;
  /** Kept until the definition is compiled. */
  #stored: StoredObject<Definition> | undefined;
  readonly #dependencies: ServingDependencies;
  readonly #lifetime: DefinitionLifetime;
  #compiled: Promise<CompiledDefinition> | undefined;

  constructor(
    stored: StoredObject<Definition>,
    definition: Definition,
    dependencies: ServingDependencies,
    follower: DefinitionFollower,
    before?: IndexedDefinition,
  ) {
    this.summary = ownCopy(summaryOf(definition));
    this.#stored = stored;
    this.#dependencies = dependencies;
    if (before?.summary.revision === this.summary.revision) {
      this.#compiled = before.#compiled;
      this.#lifetime = before.#lifetime;
    } else {
      if (before !== undefined) before.#lifetime.end();
      this.#lifetime = new DefinitionLifetime(follower);
    }
  }

  /** Rejects for a definition that can't be served. */
  compile(): Promise<CompiledDefinition> {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }

  async #compile(): Promise<CompiledDefinition> {
    const stored = this.#stored!;
    this.#stored = undefined;
    const { CompiledDefinition } = await loadCompiler();
    return await CompiledDefinition.compile(
      await stored.objectInPieces(),
      this.#dependencies,
      this.#lifetime,
    );
  }

  /** Called when the definition was deleted. */
  retire(): void {
    this.#lifetime.endSoon();
  }
}

interface Entry {
  readonly definition: IndexedDefinition;
  /** Monotonic, milliseconds. */
  checkedAt: number;
}

/**
 * Beyond this number of reads within this many milliseconds, all definitions are read at once: an OpenAPI document
 * needs them all.
 */
const MAX_SINGLE_READS = 16;
const READS_TOGETHER_MS = 1_000;

interface SingleReads {
  readonly since: number;
  count: number;
  /** Reads all definitions, into memory if there is room. */
  all?: Promise<void>;
}

interface UnpackedSummary {
  readonly lead: string;
  readonly summary: DefinitionSummary;
}

export class DefinitionIndex {
  readonly #store: Store<Definition>;
  readonly #dependencies: ServingDependencies;
  readonly #entries = new Map<string, Entry>();
  readonly #follower: DefinitionFollower;
  readonly #reads = new Map<string, Promise<IndexedDefinition | undefined>>();
  /** Number of writes noticed. */
  #writes = 0;
  readonly #summaries = new WeakMap<StoredObject<Definition>, DefinitionSummary>();
  #singleReads: SingleReads = { since: 0, count: 0 };
  #unpacked: ReadonlyMap<string, UnpackedSummary> = new Map();
  #all: { readonly of: object; readonly summaries: readonly DefinitionSummary[] } | undefined;

  constructor(store: Store<Definition>, dependencies: ServingDependencies) {
    this.#store = store;
    this.#dependencies = dependencies;
    this.#follower = new DefinitionFollower({
      storage: store.storage,
      catchUp: () => this.#catchUp(),
      changed: (name, resourceVersion) => this.#hear(name, resourceVersion),
    });
  }

  /** The definition named `plural.group`, at most half a second old. An unknown one is read immediately. */
  async find(name: string): Promise<IndexedDefinition | undefined> {
    const entry = this.#entries.get(name);
    if (entry !== undefined && performance.now() - entry.checkedAt <= DEFAULT_STALENESS_MS) {
      return entry.definition;
    }
    let read = this.#reads.get(name);
    if (read === undefined) {
      const reading = this.#read(name).finally(() => {
        if (this.#reads.get(name) === reading) this.#reads.delete(name);
      });
      read = reading;
      this.#reads.set(name, read);
    }
    return read;
  }

  /** Call after this process has written the definition, so that the next request sees the change. */
  forget(name: string): void {
    // Notifies watches now; if that fails, the next lookup reads the definition.
    this.#refresh(name).catch(() => undefined);
  }

  async #catchUp(): Promise<void> {
    const summaries = await this.summaries(0);
    const versions = new Map(summaries.map(({ name, resourceVersion }) => [name, resourceVersion]));
    await Promise.all([...this.#entries.keys()].map((name) => this.#hear(name, versions.get(name))));
  }

  /** Processes the new `resourceVersion` of a definition, or its deletion, possibly by another process. */
  async #hear(name: string, resourceVersion: number | undefined): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry?.definition.summary.resourceVersion !== resourceVersion) await this.#refresh(name);
  }

  async #refresh(name: string): Promise<void> {
    // A read in flight may return the previous state.
    this.#reads.delete(name);
    this.#writes++;
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.checkedAt = Number.NEGATIVE_INFINITY;
    await this.find(name);
  }

  /** All definitions sorted by name. Returns the same array until something changes. */
  async summaries(maxStalenessMs = DEFAULT_STALENESS_MS): Promise<readonly DefinitionSummary[]> {
    const { storage } = this.#store;
    const leads = await storage.sparse?.leads(maxStalenessMs);
    if (leads !== undefined) return this.#allOf(leads, () => this.#unpack(leads));
    const snapshot = await storage.snapshot(maxStalenessMs);
    return this.#allOf(snapshot, () => snapshot.items.map((stored) => this.#summaryOf(stored)));
  }

  #allOf(of: object, summaries: () => readonly DefinitionSummary[]): readonly DefinitionSummary[] {
    if (this.#all?.of !== of) this.#all = { of, summaries: summaries() };
    return this.#all.summaries;
  }

  /** Reuses the summaries of unchanged definitions. */
  #unpack(leads: ReadonlyMap<string, string>): DefinitionSummary[] {
    const before = this.#unpacked;
    this.#unpacked = new Map(
      [...leads].map(([name, lead]) => {
        const known = before.get(name);
        return [name, known?.lead === lead ? known : { lead, summary: unpackSummary(name, lead) }];
      }),
    );
    return [...this.#unpacked.values()].map(({ summary }) => summary);
  }

  async #read(name: string): Promise<IndexedDefinition | undefined> {
    const writes = this.#writes;
    const start = performance.now();
    const stored = await this.#get(name);
    const object = await stored?.objectInPieces();
    const checkedAt = writes === this.#writes ? start : Number.NEGATIVE_INFINITY;
    const known = this.#entries.get(name);
    if (stored === undefined || object === undefined) {
      known?.definition.retire();
      this.#entries.delete(name);
      return undefined;
    }
    // A read that was overtaken returns an older state.
    if (known !== undefined && known.definition.summary.resourceVersion >= stored.resourceVersion) {
      known.checkedAt = Math.max(known.checkedAt, checkedAt);
      return known.definition;
    }
    const definition = new IndexedDefinition(
      stored,
      object,
      this.#dependencies,
      this.#follower,
      known?.definition,
    );
    this.#entries.set(name, { definition, checkedAt });
    return definition;
  }

  /** The whole definition, at most half a second old, for one-off use of its schemas. */
  async read(name: string): Promise<Definition | undefined> {
    const now = performance.now();
    if (now - this.#singleReads.since > READS_TOGETHER_MS) this.#singleReads = { since: now, count: 0 };
    const reads = this.#singleReads;
    if (++reads.count > MAX_SINGLE_READS) {
      reads.all ??= this.#store.storage.snapshot(DEFAULT_STALENESS_MS).then(() => {});
      await reads.all;
    }
    return (await this.#get(name, { maxStalenessMs: DEFAULT_STALENESS_MS }))?.object();
  }

  async #get(name: string, options: GetOptions = {}): Promise<StoredObject<Definition> | undefined> {
    try {
      return await this.#store.storage.get(name, options);
    } catch (error) {
      if (isStorageError(error, 'KeyNotFound')) return undefined;
      throw error;
    }
  }

  #summaryOf(stored: StoredObject<Definition>): DefinitionSummary {
    let summary = this.#summaries.get(stored);
    if (summary === undefined) {
      summary = summaryOf(stored.object());
      this.#summaries.set(stored, summary);
    }
    return summary;
  }
}
