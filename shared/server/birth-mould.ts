/**
 * What control planes alike are born with, copied from the first of them. A process makes it request by request once for
 * each choice of flags, and writes it from then on as it stands in storage, in as few transactions as hold it.
 */

import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../meta/kube-object.ts';
import { formatTime } from '../meta/time.ts';
import { isStorageError } from '../storage/errors.ts';
import type { Storage, StorageFactory } from '../storage/storage.ts';
import { wrapStorage, wrapStorages } from '../storage/wrap-storages.ts';
import { BoundedCache } from '../util/bounded-cache.ts';

/** Storage prefixes whose objects at birth depend on flags alone; those of others have addresses of their own. */
const ALIKE: ReadonlySet<string> = new Set(
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
/** Those whose objects have a say in what is made of others. */
const DECIDING = [
  'mutatingwebhookconfigurations',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
].map((resource) => `/registry/admissionregistration.k8s.io/${resource}`);
/** Of a resource that nothing was ever written to. */
const UNWRITTEN = 1;
const MAX_MOULDS = 8;
/** Older than any state of a control plane that is being born. */
const AS_IT_IS_KNOWN = Number.POSITIVE_INFINITY;

/** By storage prefix, the objects as they were stored, by key. */
type Mould = ReadonlyMap<string, readonly (readonly [key: string, object: KubeObject])[]>;

/** Those of one process. */
export class BirthMoulds {
  readonly #moulds = new BoundedCache<string, Mould>({ max: MAX_MOULDS });
  readonly #making = new Map<string, Promise<void>>();

  /** For one control plane. `flags`: all that decides what it is born with. */
  newborn(flags: string): Newborn {
    return new Newborn((bear) => this.#use(flags, bear));
  }

  /** Where there is no mould the first of those who come at once makes it, and the others wait; if it fails, the next does. */
  async #use(flags: string, bear: Bear): Promise<void> {
    for (;;) {
      const mould = this.#moulds.get(flags);
      if (mould !== undefined) {
        await bear(mould);
        return;
      }
      const making = this.#making.get(flags);
      if (making === undefined) break;
      await making.catch(() => undefined);
    }
    const making = bear(undefined)
      .then((mould) => {
        if (mould !== undefined) this.#moulds.set(flags, mould);
      })
      .finally(() => this.#making.delete(flags));
    this.#making.set(flags, making);
    await making;
  }
}

/** Makes what one is born with, by a mould if there is one; resolves with the mould, if it may be one for others. */
type Bear = (mould: Mould | undefined) => Promise<Mould | undefined>;

/** A control plane that is being born, or was. */
export class Newborn {
  readonly #useMould: (bear: Bear) => Promise<void>;
  readonly #storages = new Map<string, Storage<KubeObject>>();
  #factory: StorageFactory | undefined;
  /** While it is being born from one. */
  #mould: Mould | undefined;
  /** While it is being born without one, by storage prefix, the keys of what is made. */
  #made: ReadonlyMap<string, Set<string>> | undefined;
  readonly #fills = new Map<string, Promise<unknown>>();

  constructor(useMould: (bear: Bear) => Promise<void>) {
    this.#useMould = useMould;
  }

  /** The factory; who looks through a resource while `make` runs finds there what the mould has of it. */
  storageFactory(factory: StorageFactory): StorageFactory {
    this.#factory = factory;
    return wrapStorages(factory, (config) => {
      const storage = factory.storageFor(config);
      return ALIKE.has(config.resourcePrefix) ? this.#filled(storage) : storage;
    });
  }

  /**
   * Runs `make`, which looks through what is there and makes what is missing, of a control plane that nobody uses yet.
   * Who becomes the mould of others goes through `settle` as well, by which controllers do their part.
   */
  make(make: () => Promise<void>, settle: () => Promise<unknown>): Promise<void> {
    return this.#useMould(async (mould) => {
      const made = new Map([...ALIKE].map((prefix) => [prefix, new Set<string>()]));
      this.#mould = mould;
      this.#made = mould === undefined ? made : undefined;
      try {
        const isBlank = mould === undefined && (await this.#isBlank());
        await make();
        if (!isBlank) return mould;
        await settle();
        return await this.#take(made);
      } finally {
        this.#mould = undefined;
        this.#made = undefined;
        this.#fills.clear();
      }
    });
  }

  /**
   * Whether nothing is there that others would get of: a backup may have been restored into it before it was ever
   * started, and its roles may be aggregated into those it is born with.
   */
  async #isBlank(): Promise<boolean> {
    const prefixes = [...ALIKE, ...DECIDING];
    const newest = await Promise.all(
      prefixes.map(async (prefix) => (await this.#factory?.newestRevision(prefix)) ?? UNWRITTEN),
    );
    return newest.every((revision) => revision === UNWRITTEN);
  }

  async #take(made: ReadonlyMap<string, ReadonlySet<string>>): Promise<Mould> {
    const snapshots = [...this.#storages].map(async ([prefix, storage]) => {
      const { items } = await storage.snapshot(AS_IT_IS_KNOWN);
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
      // What the mould has may not be in yet.
      snapshotAtHand: (maxStalenessMs) =>
        this.#mould === undefined ? storage.snapshotAtHand?.(maxStalenessMs) : undefined,
    });
  }

  async #fill(prefix: string): Promise<void> {
    const objects = this.#mould?.get(prefix);
    if (objects === undefined) return;
    let filling = this.#fills.get(prefix);
    if (filling === undefined) {
      const storage = this.#storages.get(prefix)!;
      const now = formatTime(Date.now());
      // While it is empty: from then on it is known by what is written.
      filling = storage
        .snapshot(AS_IT_IS_KNOWN)
        // All at once: what waits for the same log leaves together.
        .then(() =>
          Promise.all(
            objects.map(([key, object]) => storage.create(key, reborn(object, now)).catch(unlessThere)),
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

/** Another object of the same content. */
function reborn({ metadata, status, ...content }: Conditional, now: string): KubeObject {
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

/** Who died while it was born had made some of it. */
function unlessThere(error: unknown): void {
  if (!isStorageError(error, 'KeyExists')) throw error;
}
