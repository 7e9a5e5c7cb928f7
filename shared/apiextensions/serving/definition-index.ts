/** Finds definitions for requests: each is read when it is used, and compiled once for as long as it stays the same. */

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

/** What serves custom resources: most processes serve none. */
export const loadCompiler = once(() => import('./compiled-definition.ts'));

/** A definition as it stood when it was last read. */
export class IndexedDefinition {
  readonly summary: DefinitionSummary;
  /** Until it is compiled. */
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

  /** The definition is gone. */
  retire(): void {
    this.#lifetime.endSoon();
  }
}

interface Entry {
  readonly definition: IndexedDefinition;
  /** Monotonic, milliseconds. */
  checkedAt: number;
}

/** More definitions than these, within such milliseconds, are better read together: a document tells of all. */
const MAX_SINGLE_READS = 16;
const READS_TOGETHER_MS = 1_000;

interface SingleReads {
  readonly since: number;
  count: number;
  /** All were read, into memory where there is room. */
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
  /** How many writes were heard of. */
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

  /** The definition named `plural.group`, at most half a second old; what isn't known is looked for at once. */
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

  /** This process has written the definition: the next request shall see that. */
  forget(name: string): void {
    // Watches on it shall hear of it now; if that fails, the next who asks finds out.
    this.#refresh(name).catch(() => undefined);
  }

  async #catchUp(): Promise<void> {
    const summaries = await this.summaries(0);
    const versions = new Map(summaries.map(({ name, resourceVersion }) => [name, resourceVersion]));
    await Promise.all([...this.#entries.keys()].map((name) => this.#hear(name, versions.get(name))));
  }

  /** A definition stands at `resourceVersion` now, or is gone: perhaps by another process. */
  async #hear(name: string, resourceVersion: number | undefined): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry?.definition.summary.resourceVersion !== resourceVersion) await this.#refresh(name);
  }

  async #refresh(name: string): Promise<void> {
    // What is being read may be what was there before.
    this.#reads.delete(name);
    this.#writes++;
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.checkedAt = Number.NEGATIVE_INFINITY;
    await this.find(name);
  }

  /** All definitions in the order of their names; the same array for as long as nothing changes. */
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

  /** Most are what they were. */
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
    // A read that was overtaken finds what was there before.
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

  /** The whole definition, at most half a second old, for what needs its schemas but once. */
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
