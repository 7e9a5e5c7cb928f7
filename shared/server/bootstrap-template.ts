/**
 * Bootstrap objects of similar control planes, copied from the first one. A process creates them request by request
 * once per set of flags. For later control planes it writes the stored objects directly: where the store supports it,
 * with everything that controllers derive from them, otherwise as the bootstrap steps list their resources.
 */

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../meta/kube-object.ts';
import { formatTime } from '../meta/time.ts';
import { isStorageError } from '../storage/errors.ts';
import type { Storage, StorageFactory, StoredObject } from '../storage/storage.ts';
import { wrapStorage, wrapStorages } from '../storage/wrap-storages.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import { type SeedText, seedsOf, seedText } from './seed-text.ts';

const prefixOf = (name: string) => `/registry/${name}`;

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
  ].map(prefixOf),
);
/** Prefixes of the other objects of a new control plane, which are the same for all of a host with the same flags. */
const OTHER_PREFIXES: readonly string[] = [
  ...['namespaces', 'serviceaccounts', 'configmaps', 'services'].map((resource) => `core/${resource}`),
  'networking.k8s.io/ipaddresses',
].map(prefixOf);
/** Resources whose objects may change other objects on creation. */
const MUTATING_RESOURCES = [
  'mutatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
].map((resource) => prefixOf(`admissionregistration.k8s.io/${resource}`));
/** The revision of a resource without any writes. */
const UNWRITTEN = 1;
const MAX_TEMPLATES = 8;
/** Older than any state of a control plane during its bootstrap. */
const ANY_AGE = Number.POSITIVE_INFINITY;

/** The stored objects, by storage prefix. */
interface Template {
  /** Each with its key. */
  readonly objects: ReadonlyMap<string, readonly (readonly [key: string, object: KubeObject])[]>;
  /** Everything that a new control plane contains once its controllers are idle; undefined if it can't be planted. */
  readonly seeds: ReadonlyMap<string, readonly SeedText[]> | undefined;
}

/** The bootstrap templates of one process. */
export class BootstrapTemplates {
  readonly #templates = new BoundedCache<string, Template>({ max: MAX_TEMPLATES });
  readonly #making = new Map<string, Promise<void>>();

  /** For one control plane. `flags` identifies everything that determines its bootstrap objects. */
  bootstrapFor(flags: string): TemplatedBootstrap {
    return new TemplatedBootstrap({
      use: (create) => this.#use(flags, create),
      hasSeeds: () => this.#templates.get(flags)?.seeds !== undefined,
    });
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

interface TemplateAccess {
  use(create: Create): Promise<void>;
  /** Whether there is a template that can be planted. */
  hasSeeds(): boolean;
}

/** A control plane during and after its bootstrap. */
export class TemplatedBootstrap {
  readonly #templates: TemplateAccess;
  readonly #storages = new Map<string, Storage<KubeObject>>();
  #factory: StorageFactory | undefined;
  /** Set while it is bootstrapped from a template. */
  #template: Template | undefined;
  /** Set while it is bootstrapped without a template: the keys created so far, by storage prefix. */
  #made: Map<string, Set<string>> | undefined;
  readonly #fills = new Map<string, Promise<unknown>>();

  constructor(templates: TemplateAccess) {
    this.#templates = templates;
  }

  /**
   * Wraps the factory: while `make` runs, the first listing of a resource writes the template's objects of it. Returns
   * the factory itself if the objects will be planted.
   */
  storageFactory(factory: StorageFactory): StorageFactory {
    this.#factory = factory;
    const mayPlant = factory.plant !== undefined;
    if (mayPlant && this.#templates.hasSeeds()) return factory;
    return wrapStorages(factory, (config) => {
      const storage = factory.storageFor(config);
      if (COPIED_PREFIXES.has(config.resourcePrefix)) return this.#filled(storage);
      return mayPlant ? this.#recorded(storage) : storage;
    });
  }

  /**
   * Runs `make`, which lists existing objects and creates missing ones, in a control plane that isn't in use yet. If
   * its objects are to become a template, `settle` runs afterwards, in which controllers process them. Resolves with
   * whether all objects were planted instead, with everything that controllers derive from them.
   */
  async make(make: () => Promise<void>, settle: () => Promise<unknown>): Promise<boolean> {
    let isPlanted = false;
    await this.#templates.use(async (template) => {
      isPlanted = await this.#plant(template);
      return isPlanted ? template : await this.#make(template, make, settle);
    });
    return isPlanted;
  }

  async #plant(template: Template | undefined): Promise<boolean> {
    const plant = this.#factory?.plant;
    if (template?.seeds === undefined || plant === undefined) return false;
    const now = Date.now();
    return plant(new Map([...template.seeds].map(([prefix, texts]) => [prefix, seedsOf(texts, now)])));
  }

  async #make(
    template: Template | undefined,
    make: () => Promise<void>,
    settle: () => Promise<unknown>,
  ): Promise<Template | undefined> {
    const made = new Map<string, Set<string>>();
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
  }

  /**
   * Whether the control plane was empty, so that its objects suit others. If not, such as after a restore before the
   * first start, its roles may be aggregated into the bootstrap roles.
   */
  async #isBlank(): Promise<boolean> {
    const others = this.#factory?.plant === undefined ? [] : OTHER_PREFIXES;
    const prefixes = [...COPIED_PREFIXES, ...others, ...MUTATING_RESOURCES];
    const newest = await Promise.all(
      prefixes.map(async (prefix) => (await this.#factory?.newestRevision(prefix)) ?? UNWRITTEN),
    );
    return newest.every((revision) => revision === UNWRITTEN);
  }

  async #take(made: ReadonlyMap<string, ReadonlySet<string>>): Promise<Template> {
    const snapshots = [...made].map(async ([prefix, keys]) => {
      const { items } = await this.#storages.get(prefix)!.snapshot(ANY_AGE);
      return [prefix, items.filter(({ key }) => keys.has(key))] as const;
    });
    const all = await Promise.all(snapshots);
    const copied = all.filter(([prefix]) => COPIED_PREFIXES.has(prefix));
    return {
      objects: new Map(
        copied.map(([prefix, items]) => [prefix, items.map((item) => [item.key, item.object()] as const)]),
      ),
      seeds: this.#factory?.plant && seedTexts(all),
    };
  }

  /** Records the keys that are created. */
  #recorded<T>(storage: Storage<T>, changes: Partial<Storage<T>> = {}): Storage<T> {
    const { resourcePrefix } = storage;
    this.#storages.set(resourcePrefix, storage as unknown as Storage<KubeObject>);
    const record = (key: string): void => {
      const keys = this.#made?.get(resourcePrefix);
      if (keys === undefined) this.#made?.set(resourcePrefix, new Set([key]));
      else keys.add(key);
    };
    return wrapStorage(storage, {
      create: async (key, object, options) => {
        const created = await storage.create(key, object, options);
        record(key);
        return created;
      },
      guaranteedUpdate: (key, options) => {
        // With `ignoreNotFound` it may create the object.
        if (options.ignoreNotFound) record(key);
        return storage.guaranteedUpdate(key, options);
      },
      ...changes,
    });
  }

  #filled<T>(storage: Storage<T>): Storage<T> {
    const { resourcePrefix } = storage;
    return this.#recorded(storage, {
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
    const objects = this.#template?.objects.get(prefix);
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

/** Undefined: some objects are of other resources, or can't be copied as text. */
function seedTexts(
  all: readonly (readonly [prefix: string, items: readonly StoredObject<KubeObject>[]])[],
): Template['seeds'] {
  const texts = new Map<string, readonly SeedText[]>();
  for (const [prefix, items] of all) {
    const seeds = items.map(seedText);
    if (!COPIED_PREFIXES.has(prefix) && !OTHER_PREFIXES.includes(prefix)) return undefined;
    if (!seeds.every((seed) => seed !== undefined)) return undefined;
    texts.set(prefix, seeds);
  }
  return texts;
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
