/**
 * Bootstrap objects of similar control planes, copied from the first one. A process creates them request by request
 * once per set of flags. For later control planes it writes the stored objects directly, in as few transactions as
 * possible.
 */

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../meta/kube-object.ts';
import { formatTime } from '../meta/time.ts';
import { isStorageError } from '../storage/errors.ts';
import type { Storage, StorageFactory } from '../storage/storage.ts';
import { wrapStorage, wrapStorages } from '../storage/wrap-storages.ts';
import { BoundedCache } from '../util/bounded-cache.ts';

/**
 * Storage prefixes whose bootstrap objects depend on flags only. Those of other resources contain addresses of the
 * control plane.
 */
const COPIED_PREFIXES: ReadonlySet<string> = new Set(
  [
    ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(
      (resource) => `rbac.authorization.k8s.io/${resource}`,
    ),
    'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
    'flowcontrol.apiserver.k8s.io/flowschemas',
    'scheduling.k8s.io/priorityclasses',
    'apiregistration.k8s.io/apiservices',
    'networking.k8s.io/servicecidrs',
  ].map((name) => `/registry/${name}`),
);
/** Resources whose objects may change other objects on creation. */
const MUTATING_RESOURCES = [
  'mutatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
].map((resource) => `/registry/admissionregistration.k8s.io/${resource}`);
/** The revision of a resource without any writes. */
const UNWRITTEN = 1;
const MAX_TEMPLATES = 8;
/** Older than any state of a control plane during its bootstrap. */
const ANY_AGE = Number.POSITIVE_INFINITY;

/** The stored objects by storage prefix, each with its key. */
type Template = ReadonlyMap<string, readonly (readonly [key: string, object: KubeObject])[]>;

/** The bootstrap templates of one process. */
export class BootstrapTemplates {
  readonly #templates = new BoundedCache<string, Template>({ max: MAX_TEMPLATES });
  readonly #making = new Map<string, Promise<void>>();

  /** For one control plane. `flags` identifies everything that determines its bootstrap objects. */
  bootstrapFor(flags: string): TemplatedBootstrap {
    return new TemplatedBootstrap((create) => this.#use(flags, create));
  }

  /**
   * If there is no template, the first of several concurrent callers makes it while the others wait. If it fails, the next
   * one tries.
   */
  async #use(flags: string, create: Create): Promise<void> {
    for (;;) {
      const template = this.#templates.get(flags);
      if (template !== undefined) {
        await create(template);
        return;
      }
      const making = this.#making.get(flags);
      if (making === undefined) break;
      await making.catch(() => undefined);
    }
    const making = create(undefined)
      .then((template) => {
        if (template !== undefined) this.#templates.set(flags, template);
      })
      .finally(() => this.#making.delete(flags));
    this.#making.set(flags, making);
    await making;
  }
}

/**
 * Creates the bootstrap objects, from a template if there is one. Resolves with the template if it suits other control
 * planes.
 */
type Create = (template: Template | undefined) => Promise<Template | undefined>;

/** A control plane during and after its bootstrap. */
export class TemplatedBootstrap {
  readonly #useTemplate: (create: Create) => Promise<void>;
  readonly #storages = new Map<string, Storage<KubeObject>>();
  #factory: StorageFactory | undefined;
  /** Set while it is bootstrapped from a template. */
  #template: Template | undefined;
  /** Set while it is bootstrapped without a template: the keys created so far, by storage prefix. */
  #made: ReadonlyMap<string, Set<string>> | undefined;
  readonly #fills = new Map<string, Promise<unknown>>();

  constructor(useTemplate: (create: Create) => Promise<void>) {
    this.#useTemplate = useTemplate;
  }

  /** Wraps the factory: while `make` runs, the first listing of a resource writes the template's objects of it. */
  storageFactory(factory: StorageFactory): StorageFactory {
    this.#factory = factory;
    return wrapStorages(factory, (config) => {
      const storage = factory.storageFor(config);
      return COPIED_PREFIXES.has(config.resourcePrefix) ? this.#filled(storage) : storage;
    });
  }

  /**
   * Runs `make`, which lists existing objects and creates missing ones, in a control plane that isn't in use yet. If
   * its objects are to become a template, `settle` runs afterwards, in which controllers process them.
   */
  make(make: () => Promise<void>, settle: () => Promise<unknown>): Promise<void> {
    return this.#useTemplate(async (template) => {
      const made = new Map([...COPIED_PREFIXES].map((prefix) => [prefix, new Set<string>()]));
      this.#template = template;
      this.#made = template === undefined ? made : undefined;
      try {
        const isBlank = template === undefined && (await this.#isBlank());
        await make();
        if (!isBlank) return template;
        await settle();
        return await this.#take(made);
      } finally {
        this.#template = undefined;
        this.#made = undefined;
        this.#fills.clear();
      }
    });
  }

  /**
   * Whether the control plane was empty, so that its objects suit others. If not, such as after a restore before the
   * first start, its roles may be aggregated into the bootstrap roles.
   */
  async #isBlank(): Promise<boolean> {
    const prefixes = [...COPIED_PREFIXES, ...MUTATING_RESOURCES];
    const newest = await Promise.all(
      prefixes.map(async (prefix) => (await this.#factory?.newestRevision(prefix)) ?? UNWRITTEN),
    );
    return newest.every((revision) => revision === UNWRITTEN);
  }

  async #take(made: ReadonlyMap<string, ReadonlySet<string>>): Promise<Template> {
    const snapshots = [...this.#storages].map(async ([prefix, storage]) => {
      const { items } = await storage.snapshot(ANY_AGE);
      const own = items.filter(({ key }) => made.get(prefix)!.has(key));
      return [prefix, own.map((item) => [item.key, item.object()] as const)] as const;
    });
    return new Map(await Promise.all(snapshots));
  }

  #filled<T>(storage: Storage<T>): Storage<T> {
    const { resourcePrefix } = storage;
    this.#storages.set(resourcePrefix, storage as unknown as Storage<KubeObject>);
    return wrapStorage(storage, {
      create: async (key, object, options) => {
        const created = await storage.create(key, object, options);
        this.#made?.get(resourcePrefix)?.add(key);
        return created;
      },
      snapshot: async (maxStalenessMs) => {
        await this.#fill(resourcePrefix);
        return storage.snapshot(maxStalenessMs);
      },
      // The template's objects may not have been written yet.
      cachedSnapshot: (maxStalenessMs) =>
        this.#template === undefined ? storage.cachedSnapshot?.(maxStalenessMs) : undefined,
    });
  }

  async #fill(prefix: string): Promise<void> {
    const objects = this.#template?.get(prefix);
    if (objects === undefined) return;
    let filling = this.#fills.get(prefix);
    if (filling === undefined) {
      const storage = this.#storages.get(prefix)!;
      const now = formatTime(Date.now());
      // Read while empty: from then on the cache follows the writes.
      filling = storage
        .snapshot(ANY_AGE)
        // Concurrent writes to the same log are combined into transactions.
        .then(() =>
          Promise.all(
            objects.map(([key, object]) => storage.create(key, copyOf(object, now)).catch(unlessThere)),
          ),
        );
      this.#fills.set(prefix, filling);
    }
    await filling;
  }
}

interface Conditional extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly lastTransitionTime?: string }[] };
}

/** A new object with the same content. */
function copyOf({ metadata, status, ...content }: Conditional, now: string): KubeObject {
  const { resourceVersion: _, managedFields, ...kept } = metadata;
  const conditions = status?.conditions?.map((condition) => ({ ...condition, lastTransitionTime: now }));
  return {
    ...content,
    ...(status && { status: { ...status, ...(conditions && { conditions }) } }),
    metadata: {
      ...kept,
      uid: randomUUID(),
      creationTimestamp: now,
      ...(managedFields && { managedFields: managedFields.map((entry) => ({ ...entry, time: now })) }),
    },
  };
}

/** Ignores an existing key: an earlier bootstrap that was interrupted may have created it. */
function unlessThere(error: unknown): void {
  if (!isStorageError(error, 'KeyExists')) throw error;
}
