/**
 * Rewrites every object of a resource, so that it is stored in the current version and with the current key
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/controller/storageversionmigrator).
 */

import type { CustomResourceDefinition } from '../../apis/apiextensions/v1/types.ts';
import type { StorageVersionMigration } from '../../apis/storagemigration/v1/types.ts';
import { findStatusCondition, isStatusConditionTrue, setStatusCondition } from '../../meta/conditions.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { isConflict, isNotFound, StatusError } from '../../meta/status-error.ts';
import { formatTime } from '../../meta/time.ts';
import type { Condition } from '../../meta/v1/types.ts';
import {
  type ListerSnapshot,
  type ResourceAccess,
  UnknownResourceError,
} from '../../rest/resource-access.ts';
import { formatGroupResource, formatGroupVersion, type GroupResource } from '../../runtime/group-version.ts';
import { highest } from '../../util/extremes.ts';
import { integerOf } from '../../util/integers.ts';
import { applyStatus } from '../apply-status.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import type { CatalogResource, ResourceCatalog } from '../resource-catalog.ts';

const MIGRATIONS = {
  group: 'storagemigration.k8s.io',
  version: 'v1',
  resource: 'storageversionmigrations',
};
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const FIELD_MANAGER = 'storage-version-migrator-controller';
const RUNNER = 'storage-version-migration-runner-controller';
const REQUIRED_VERBS = ['update', 'patch', 'list'];
/** A definition that was just created may not be served yet. */
const TIMEOUT_MS = 60_000;
const RETRY_MS = 5_000;

/** Whether a retry may succeed: the migration continues then. */
const isTransient = (error: unknown): boolean =>
  !(error instanceof StatusError) || [429, 500, 503, 504].includes(error.status.code);

/** Runs one migration of a resource at a time, the oldest first: keys are resources. */
export class StorageVersionMigrator implements Controller {
  readonly name = FIELD_MANAGER;
  readonly #resources: ResourceAccess;
  readonly #catalog: ResourceCatalog;

  constructor(resources: ResourceAccess, catalog: ResourceCatalog) {
    this.#resources = resources;
    this.#catalog = catalog;
  }

  keysFor({ resource, ...change }: Change): string[] {
    if (!isResource(resource, MIGRATIONS.group, MIGRATIONS.resource)) return [];
    return [formatGroupResource((change.object() as StorageVersionMigration).spec.resource)];
  }

  /** Empty if the API is disabled. */
  async allKeys(): Promise<Iterable<string>> {
    try {
      const { items } = await this.#resources.lister<StorageVersionMigration>(MIGRATIONS).snapshot(0);
      return new Set(
        items.filter((item) => !isOver(item)).map(({ spec }) => formatGroupResource(spec.resource)),
      );
    } catch (error) {
      if (error instanceof UnknownResourceError) return [];
      throw error;
    }
  }

  async reconcile(key: string): Promise<number | undefined> {
    const { items } = await this.#resources.lister<StorageVersionMigration>(MIGRATIONS).snapshot(0);
    const ofResource = items.filter(({ spec }) => formatGroupResource(spec.resource) === key).sort(byAge);
    for (const migration of ofResource) {
      if (isOver(migration)) continue;
      if (isTerminal(migration)) await this.#finish(migration);
      else return this.#advance(migration);
    }
    return undefined;
  }

  /** Advances the migration; each step is recorded in the status before the next one starts. */
  async #advance(migration: StorageVersionMigration): Promise<number | undefined> {
    const running = isRunning(migration) ? migration : await this.#begin(migration);
    const { resource } = running.spec;
    const served = await this.#catalog.ofResource(resource);
    if (served === undefined) {
      if (Date.now() - Date.parse(running.metadata.creationTimestamp ?? '') < TIMEOUT_MS) return RETRY_MS;
      await this.#finish(await this.#fail(running, 'resource does not exist in discovery'));
      return undefined;
    }
    if (!REQUIRED_VERBS.every((verb) => served.verbs.includes(verb))) {
      const { group, version } = served;
      const named = JSON.stringify(`${group}/${version}, Resource=${served.resource}`);
      const reason = `resource ${named} does not support discovery operations: [${REQUIRED_VERBS.join(' ')}]`;
      await this.#finish(await this.#fail(running, reason));
      return undefined;
    }
    const { resourceVersion, items } = await this.#objectsOf(served);
    const marked = running.status.resourceVersion
      ? running
      : await this.#writeStatus(running, { resourceVersion: String(resourceVersion) });
    await this.#finish(await this.#migrate(marked, served, items));
    return undefined;
  }

  async #objectsOf(
    served: CatalogResource,
  ): Promise<Pick<ListerSnapshot<KubeObject>, 'resourceVersion' | 'items'>> {
    if (!served.isRemote) return this.#resources.lister(served).snapshot(0);
    const items = await this.#resources.client.list(served);
    // No object is newer than the newest of them; 1 is the lowest possible revision.
    const versions = items.map(({ metadata }) => Number(metadata.resourceVersion));
    return { resourceVersion: highest(versions, 1), items };
  }

  /** Rewrites the objects last written before the migration began; later ones are stored correctly already. */
  async #migrate(
    migration: StorageVersionMigration,
    served: CatalogResource,
    items: readonly KubeObject[],
  ): Promise<StorageVersionMigration> {
    const before = integerOf(migration.status.resourceVersion!) ?? Number.POSITIVE_INFINITY;
    const old = items.filter(({ metadata }) => BigInt(metadata.resourceVersion ?? 0) <= before);
    let left = old.length;
    for (const { metadata } of old) {
      try {
        await this.#rewrite(served, metadata);
      } catch (error) {
        const reason = (error as Error).message;
        if (isTransient(error)) {
          await this.#writeStatus(migration, {}, running(left, items.length, reason));
          throw error;
        }
        return this.#fail(migration, `${left}/${items.length} not yet migrated. ${UNHANDLED}${reason}`);
      }
      left -= 1;
    }
    return this.#writeStatus(migration, {}, running(left, items.length), {
      type: 'Succeeded',
      status: 'True',
      reason: 'StorageVersionMigrationSucceeded',
      message: 'Migration completed',
    });
  }

  /** An empty patch. An object written or deleted meanwhile needs none. */
  async #rewrite(served: CatalogResource, { namespace, name, resourceVersion }: KubeObject['metadata']) {
    const { group, version, kind } = served;
    const patch = { apiVersion: formatGroupVersion({ group, version }), kind, metadata: { resourceVersion } };
    try {
      await this.#resources.client.patch(served, patch, {
        namespace,
        name: name!,
        fieldManager: FIELD_MANAGER,
      });
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  async #begin(migration: StorageVersionMigration): Promise<StorageVersionMigration> {
    await this.#markDefinition(migration.spec.resource, (definition) => ({
      conditions: [
        condition(definition, 'True', 'MigrationRunning', `Migration ${migration.metadata.name} is running`),
      ],
    }));
    return this.#writeStatus(migration, {}, running());
  }

  /** The last step: updates the stored versions in the definition. */
  async #finish(migration: StorageVersionMigration): Promise<void> {
    const succeeded = isStatusConditionTrue(migration.status.conditions, 'Succeeded');
    await this.#markDefinition(migration.spec.resource, (definition) => {
      const { generation } = definition.metadata;
      const mark = findStatusCondition(definition.status.conditions as Condition[], 'StorageMigrating');
      const isSame = mark !== undefined && mark.observedGeneration === generation;
      const outcome = succeeded
        ? `The migration has succeeded ${
            isSame
              ? 'and the stored versions have been updated'
              : 'but the stored versions have not been updated due to a generation mismatch'
          }`
        : 'The migration has failed';
      const reason = succeeded ? 'MigrationSucceeded' : 'MigrationFailed';
      const stored = definition.spec.versions?.find(({ storage }) => storage)?.name;
      return {
        conditions: [condition(definition, 'False', reason, outcome)],
        // Like upstream, if the definition is unchanged since the migration began.
        ...(isSame && stored !== undefined && { storedVersions: [stored] }),
      };
    });
    await this.#writeStatus(
      migration,
      {},
      {
        type: 'Running',
        status: 'False',
        reason: 'MigrationCompleted',
        message: 'Migration completed',
      },
    );
  }

  /** Applies a status to the definition of a custom resource; other resources have none. */
  async #markDefinition(
    resource: GroupResource,
    statusOf: (definition: CustomResourceDefinition) => object,
  ): Promise<void> {
    const name = formatGroupResource(resource);
    try {
      const definition = await this.#resources.client.get<CustomResourceDefinition>(DEFINITIONS, { name });
      const { resourceVersion } = definition.metadata;
      const kind = 'CustomResourceDefinition';
      const applied = { kind, metadata: { name, resourceVersion }, status: statusOf(definition) };
      await applyStatus(this.#resources.client, DEFINITIONS, applied, RUNNER);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #fail(migration: StorageVersionMigration, message: string): Promise<StorageVersionMigration> {
    return this.#writeStatus(
      migration,
      {},
      {
        type: 'Failed',
        status: 'True',
        reason: 'StorageVersionMigrationFailed',
        message,
      },
    );
  }

  async #writeStatus(
    migration: StorageVersionMigration,
    more: Partial<StorageVersionMigration['status']>,
    ...conditions: readonly Omit<Condition, 'lastTransitionTime'>[]
  ): Promise<StorageVersionMigration> {
    const all = (migration.status.conditions ?? []).map((each) => ({ ...each }));
    for (const each of conditions) setStatusCondition(all, each);
    const changed: StorageVersionMigration = {
      ...migration,
      apiVersion: formatGroupVersion(MIGRATIONS),
      kind: 'StorageVersionMigration',
      status: { ...migration.status, ...more, conditions: all },
    };
    return this.#resources.client.update(MIGRATIONS, changed, { subresource: 'status' });
  }
}

const UNHANDLED = 'migration encountered unhandled error: ';

function running(left?: number, total = 0, transientReason?: string): Omit<Condition, 'lastTransitionTime'> {
  const progress =
    left === undefined || total === 0
      ? ''
      : left > 0
        ? `, ${left}/${total} objects not yet migrated`
        : `, ${total} objects verified migrated`;
  const transient = transientReason === undefined ? '' : `; transient error: ${transientReason}`;
  return {
    type: 'Running',
    status: 'True',
    reason: 'MigrationRunning',
    message: `The migration is running${progress}${transient}`,
  };
}

function condition(
  { metadata }: CustomResourceDefinition,
  status: 'True' | 'False',
  reason: string,
  message: string,
): object {
  const lastTransitionTime = formatTime(Date.now());
  const { generation: observedGeneration } = metadata;
  return { type: 'StorageMigrating', status, lastTransitionTime, reason, message, observedGeneration };
}

const isRunning = ({ status }: StorageVersionMigration): boolean =>
  isStatusConditionTrue(status.conditions, 'Running');
const isTerminal = ({ status }: StorageVersionMigration): boolean =>
  isStatusConditionTrue(status.conditions, 'Succeeded') || isStatusConditionTrue(status.conditions, 'Failed');
/** Whether nothing is left to do. */
const isOver = (migration: StorageVersionMigration): boolean =>
  isTerminal(migration) && !isRunning(migration);

function byAge(one: StorageVersionMigration, other: StorageVersionMigration): number {
  // A running migration continues before older ones.
  const order = Number(isRunning(other)) - Number(isRunning(one));
  if (order !== 0) return order;
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return a! < b! ? -1 : 1;
}
