/**
 * Reconciles the status of definitions with their specs, and finalizes deleted definitions: upstream's controllers in
 * pkg/controller as a single step, which also runs as part of write requests.
 */

import { findCondition, type NewCondition, setCondition } from '../../apis/apiextensions/conditions.ts';
import { CLEANUP_FINALIZER, type Definition } from '../../apis/apiextensions/definition.ts';
import type { Store } from '../../registry/generic/store.ts';
import { isStorageError } from '../../storage/errors.ts';
import { inPieces } from '../../util/breathe.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import type { SchemaToolsLoader } from '../definition/schema-tools.ts';
import type { CustomResourceStore } from '../registry/customresource/custom-resource-store.ts';
import type { DefinitionIndex } from '../serving/definition-index.ts';
import type { DefinitionSummary } from '../serving/definition-summary.ts';
import { deleteInstances } from './instance-deleter.ts';
import { loses, sharingNames } from './names.ts';
import { manageStatus } from './status-manager.ts';

export interface DefinitionReconcilerOptions {
  readonly store: Store<Definition>;
  readonly index: DefinitionIndex;
  readonly tools: SchemaToolsLoader;
}

/** Time for deleting instances within a request and within a controller. */
const INLINE_BUDGET_MS = 3_000;
const BUDGET_MS = 20_000;
/** Delay after which a controller checks instances with finalizers again. */
const RETRY_MS = 5_000;

const terminating = (status: 'True' | 'False', reason: string, message: string): NewCondition => ({
  type: 'Terminating',
  status,
  reason,
  message,
});

export class DefinitionReconciler {
  readonly #options: DefinitionReconcilerOptions;

  constructor(options: DefinitionReconcilerOptions) {
    this.#options = options;
  }

  /** Completes all outstanding work. Returns the delay in milliseconds after which to check again, if any. */
  async reconcile(name: string): Promise<number | undefined> {
    const definition = await this.#read(name);
    if (definition === undefined) return undefined;
    if (definition.metadata.deletionTimestamp) return this.#finalize(definition, BUDGET_MS);
    await this.#settle(name);
    return undefined;
  }

  /** Called when a deletion has begun. Completes it if that doesn't take long. */
  async finalize(definition: Definition): Promise<void> {
    await this.#finalize(definition, INLINE_BUDGET_MS);
  }

  /**
   * Called after a definition was written or deleted. A concurrent write may have claimed the same names, and others
   * may be waiting for names that it released.
   */
  async afterWrite({ metadata, spec }: Definition): Promise<void> {
    this.#options.index.forget(metadata.name!);
    const group = (await this.#options.index.summaries(0)).filter(({ group }) => group === spec.group);
    const own = group.find(({ name }) => name === metadata.name);
    if (own !== undefined && group.some((other) => other !== own && loses(own, other))) {
      await this.#settle(own.name);
    }
    for (const other of group) if (other !== own && !other.namesAccepted) await this.#settle(other.name);
  }

  /** Definitions that may need work because a writer was interrupted: a write itself leaves the status reconciled. */
  async unfinished(): Promise<readonly string[]> {
    const summaries = await this.#options.index.summaries(0);
    const groups = new Map<string, DefinitionSummary[]>();
    for (const summary of summaries) {
      const group = groups.get(summary.group);
      if (group === undefined) groups.set(summary.group, [summary]);
      else group.push(summary);
    }
    const sharing = new Set([...groups.values()].flatMap((group) => [...sharingNames(group)]));
    return summaries
      .filter((one) => one.terminating || !one.established || !one.namesAccepted || sharing.has(one))
      .map(({ name }) => name);
  }

  /** Updates the status with respect to the current state of other definitions. */
  async #settle(name: string): Promise<void> {
    const { index, tools } = this.#options;
    const loaded = await tools.load();
    const { reconcileStatus } = await import('./reconcile-status.ts');
    const summaries = await index.summaries(0);
    await this.#update(name, async (definition) => {
      const group = summaries.filter(({ group }) => group === definition.spec.group);
      const own = group.find((summary) => summary.name === name);
      const conflicting =
        own === undefined ? [] : group.filter((other) => other !== own && loses(own, other));
      if (conflicting.length > 0) {
        definition.status.acceptedNames = { plural: '', kind: '' };
        definition.status.conditions = (definition.status.conditions ?? []).filter(
          ({ type }) => type !== 'Established',
        );
      }
      const others = group.filter((other) => other.name !== name);
      const now = Date.now();
      const acceptedNames = others.map(({ acceptedNames }) => acceptedNames);
      const changed = await inPieces(reconcileStatus(definition, { acceptedNames, tools: loaded, now }));
      if (changed || conflicting.length > 0) manageStatus(definition, now);
    });
  }

  async #finalize(definition: Definition, budgetMs: number): Promise<number | undefined> {
    const { metadata, status } = definition;
    const name = metadata.name!;
    if (!metadata.finalizers?.includes(CLEANUP_FINALIZER)) return undefined;
    let outcome = terminating('False', 'NeverEstablished', 'resource was never established');
    if (findCondition(status, 'Established')?.status === 'True') {
      const store = await this.#instances(name);
      const gone = store !== undefined && (await deleteInstances(store, AbortSignal.timeout(budgetMs)));
      outcome = gone
        ? terminating('False', 'InstanceDeletionCompleted', 'removed all instances')
        : terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
    }
    const isDone = outcome.status === 'False';
    const left = await this.#update(name, (current) => {
      setCondition(current.status, outcome, Date.now());
      if (!isDone) return;
      current.metadata.finalizers = (current.metadata.finalizers ?? []).filter(
        (finalizer) => finalizer !== CLEANUP_FINALIZER,
      );
    });
    if (!isDone) return RETRY_MS;
    if (left !== undefined && (left.metadata.finalizers ?? []).length === 0) await this.#remove(left);
    return undefined;
  }

  /** The store of the storage version, which avoids conversions. */
  async #instances(name: string): Promise<CustomResourceStore | undefined> {
    const { index } = this.#options;
    index.forget(name);
    const compiled = await (await index.find(name))?.compile();
    return (await compiled?.version(compiled.storageVersion))?.store;
  }

  async #read(name: string): Promise<Definition | undefined> {
    return this.#unlessGone(async () => (await this.#options.store.storage.get(name)).objectInPieces());
  }

  /** Resolves to the stored definition; undefined if it was deleted. */
  async #update(
    name: string,
    change: (definition: Definition) => void | Promise<void>,
  ): Promise<Definition | undefined> {
    const { store, index } = this.#options;
    const updated = await this.#unlessGone(async () => {
      const stored = await store.storage.guaranteedUpdate(name, {
        async tryUpdate(current) {
          const object = await deepCopyInPieces(current!);
          await change(object);
          return { object };
        },
      });
      return stored.objectInPieces();
    });
    index.forget(name);
    return updated;
  }

  async #remove(definition: Definition): Promise<void> {
    const { store } = this.#options;
    const { name, uid } = definition.metadata;
    await this.#unlessGone(() => store.storage.delete(name!, { preconditions: { uid } }));
    await this.afterWrite(definition);
  }

  async #unlessGone<T>(run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (isStorageError(error, 'KeyNotFound') || isStorageError(error, 'InvalidPreconditions')) {
        return undefined;
      }
      throw error;
    }
  }
}
