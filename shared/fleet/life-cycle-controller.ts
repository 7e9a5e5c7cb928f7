/**
 * Reconciles every `ControlPlane`: storage for its data, a row in the directory, the objects that every control plane
 * starts with, a kubeconfig. Each step detects what an earlier run has done, wherever that run stopped.
 */

import { type Change, type Controller, isResource } from '../controllers/controller.ts';
import { isConflict, isNotFound, StatusError } from '../meta/status-error.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { GroupResource } from '../runtime/group-version.ts';
import { type Clock, systemClock } from '../util/clock.ts';
import { equalJSON } from '../util/json-equal.ts';
import { KeyedTurns } from '../util/keyed-turns.ts';
import { acceptedEntry } from './accepted-entry.ts';
import { CONTROL_PLANES, type ControlPlane, type ControlPlaneStatus } from './control-plane.ts';
import { idOf } from './desired-entry.ts';
import { FairQueue } from './fair-queue.ts';
import { publishKubeconfig } from './kubeconfig-secret.ts';
import { LeasedElsewhere } from './leased-row.ts';
import { arrived, moveTenant, removeLeftovers } from './move-tenant.ts';
import { NotYet } from './not-yet.ts';
import { Refusal } from './refusal.ts';
import { isReady, type Readiness, readinessIn, readinessOf, reportReadiness } from './report-readiness.ts';
import type { TenantDirectory, TenantEntry, TenantRow } from './tenant-directory.ts';
import type { TenantHost } from './tenant-host.ts';
import { TenantRows } from './tenant-rows.ts';
import type { UsageRows } from './usage-rows.ts';

const FINALIZER = 'zeroplane.dev/control-plane';
/** Interval at which kubeconfigs are checked, so that they are renewed in time. */
const RESYNC_MS = 12 * 3600_000;
/** Begins keys that are Secrets: of the control planes whose files these may hold. */
const SECRET = 'secret ';
const NAME_TAKEN = 'NameTaken';
/** Retry interval for a taken name: it may become free without a change that this controller sees. */
const NAME_TAKEN_MS = 30_000;
/**
 * Creating a control plane is bound by processor time, so more at once finish no sooner; one that hangs stops counting.
 */
const BOOTSTRAPS = { maxRunning: 4, maxRunningPerTenant: 1, countedMs: 10_000 };

/** Ready reasons from which a control plane is created or loaded again. */
const NOT_BEGUN: ReadonlySet<string | undefined> = new Set([undefined, 'Suspended']);

export interface LifeCycleParts {
  /** Of the management plane. */
  readonly resources: ResourceAccess;
  readonly directory: TenantDirectory;
  readonly host: TenantHost;
  readonly usage: Pick<UsageRows, 'begin'>;
  readonly clock?: Clock | undefined;
}

export class LifeCycleController implements Controller {
  readonly name = 'control-plane-life-cycle-controller';
  /** Deletions wait for the hosts that serve the tenant; with several workers, other keys proceed meanwhile. */
  readonly workers = 16;
  readonly #resources: ResourceAccess;
  readonly #directory: TenantDirectory;
  readonly #host: TenantHost;
  readonly #usage: Pick<UsageRows, 'begin'>;
  readonly #rows: TenantRows;
  /** Keys waiting for a name to become free, by name. */
  readonly #waiting = new Map<string, Set<string>>();
  readonly #turns = new KeyedTurns();
  readonly #bootstraps = new FairQueue(BOOTSTRAPS);

  constructor({ resources, directory, host, usage, clock = systemClock }: LifeCycleParts) {
    this.#resources = resources;
    this.#directory = directory;
    this.#host = host;
    this.#usage = usage;
    this.#rows = new TenantRows(directory, clock);
  }

  keysFor({ resource, namespace, name, object }: Change): string[] {
    if (isControlPlane(resource)) {
      return [...new Set([`${namespace}/${name}`, ...(this.#waiting.get(name) ?? [])])];
    }
    if (!isResource(resource, '', 'secrets')) return [];
    const owners = (object().metadata.ownerReferences ?? []).filter(({ kind }) => kind === 'ControlPlane');
    // A kubeconfig, or perhaps files.
    if (owners.length > 0) return owners.map((owner) => `${namespace}/${owner.name}`);
    return [`${SECRET}${namespace}/${name}`];
  }

  /** The keys that have waited for the name. */
  async keysAfterEnd({ resource, name }: Change): Promise<string[]> {
    if (!isControlPlane(resource)) return [];
    return (await this.#objects()).filter(({ metadata }) => metadata.name === name).map(keyOf);
  }

  async allKeys(): Promise<Iterable<string>> {
    const keys = new Set<string>();
    // Includes tenants whose object was deleted while no controller ran.
    for await (const { entry } of this.#directory.all()) keys.add(entry.owner);
    for (const object of await this.#objects()) keys.add(keyOf(object));
    return keys;
  }

  async #objects(): Promise<readonly ControlPlane[]> {
    return (await this.#resources.lister<ControlPlane>(CONTROL_PLANES).snapshot(0)).items;
  }

  async reconcile(key: string): Promise<number | undefined> {
    if (key.startsWith(SECRET)) return this.#reconcileUsers(key.slice(SECRET.length));
    // A change of a Secret reconciles keys besides the queue.
    return this.#turns.run(key, () => this.#turn(key));
  }

  async #turn(key: string): Promise<number | undefined> {
    try {
      return await this.#reconcile(key);
    } catch (error) {
      if (error instanceof NotYet) return this.#wait(key, error);
      throw error;
    }
  }

  /** Reconciles the control planes whose files are in a Secret: all of them, though some may fail. */
  async #reconcileUsers(secret: string): Promise<number | undefined> {
    const users = (await this.#objects()).filter(
      ({ metadata, spec }) => `${metadata.namespace}/${spec.files?.secret}` === secret,
    );
    let wait = RESYNC_MS;
    const failures: unknown[] = [];
    for (const user of users) {
      try {
        wait = Math.min(wait, (await this.reconcile(keyOf(user))) ?? RESYNC_MS);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return wait < RESYNC_MS ? wait : undefined;
  }

  async #reconcile(key: string): Promise<number | undefined> {
    const [namespace = '', name = ''] = key.split('/');
    const object = await this.#get(namespace, name);
    if (object === undefined) {
      const row = await this.#rows.read(name);
      if (row?.entry.owner === key) await this.#remove(row);
      return undefined;
    }
    if (object.metadata.deletionTimestamp !== undefined) {
      await this.#end(object);
      return undefined;
    }
    try {
      await this.#live(await this.#hold(object));
      this.#waiting.get(name)?.delete(key);
      return RESYNC_MS;
    } catch (error) {
      if (error instanceof NotYet) throw error;
      if (error instanceof Refusal) {
        if (error.reason === NAME_TAKEN) this.#waiting.set(name, new Set(this.#waiting.get(name)).add(key));
        await this.#reportReadiness(object, {
          status: 'False',
          reason: error.reason,
          message: error.message,
        });
        return error.retryAfterMs;
      }
      // The conflicting write queues the key again, and so does the end of its namespace.
      if (isConflict(error) || isEnding(error)) return undefined;
      const message = error instanceof Error ? error.message : String(error);
      await this.#reportReadiness(object, { status: 'False', reason: 'Failed', message });
      throw error;
    }
  }

  /** Reports what the control plane waits for; returns when to sync again. */
  async #wait(key: string, notYet: NotYet): Promise<number> {
    const { message, retryAfterMs } = notYet;
    if (notYet instanceof LeasedElsewhere) return retryAfterMs;
    const [namespace = '', name = ''] = key.split('/');
    const object = await this.#get(namespace, name);
    if (object !== undefined) {
      const { entry } = (await this.#directory.read(name)) ?? {};
      const state = entry?.id === idOf(object.metadata) ? entry.state : 'Starting';
      // Keeps the former generation, since the present spec is not applied yet.
      const observedGeneration = readinessOf(object)?.observedGeneration;
      await this.#reportReadiness(object, { ...readinessIn(state, message), observedGeneration });
    }
    return retryAfterMs;
  }

  async #get(namespace: string, name: string): Promise<ControlPlane | undefined> {
    try {
      return await this.#resources.client.get<ControlPlane>(CONTROL_PLANES, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Adds the finalizer before anything is created, so that deleting the object removes everything created for it. */
  async #hold(object: ControlPlane): Promise<ControlPlane> {
    const { namespace, name = '', finalizers = [], resourceVersion } = object.metadata;
    if (finalizers.includes(FINALIZER)) return object;
    const metadata = { resourceVersion, finalizers: [...finalizers, FINALIZER] };
    return this.#resources.client.patch<ControlPlane>(CONTROL_PLANES, { metadata }, { namespace, name });
  }

  async #live(object: ControlPlane): Promise<void> {
    const { spec } = object;
    const parts = { client: this.#resources.client, host: this.#host, rows: this.#rows };
    const { entry: wanted, files } = await acceptedEntry(object, parts);
    let row = await this.#move(object, wanted.table, await this.#claim(wanted));
    const { leftovers, state } = row.entry;
    const entry = { ...wanted, ...(leftovers && { leftovers }) };
    if (spec.suspended) {
      row = await this.#rows.put(entry, row);
      await this.#host.retire(entry);
      await removeLeftovers(row, this.#host, this.#rows.exclusively);
      await this.#reportReadiness(object, readinessIn('Suspended'));
      return;
    }
    if (!isSettled(object) || !equalJSON(row.entry, entry)) {
      // A series of failures skips this report, since each would replace the other's message.
      if (NOT_BEGUN.has(readinessOf(object)?.reason)) {
        await this.#reportReadiness(
          object,
          readinessIn('Starting', 'bootstrap objects are being created or checked'),
        );
      }
      await this.#host.provision(entry);
      await this.#host.keepFiles(entry, files, row.entry.files);
      const end = await this.#bootstraps.take(entry.name);
      try {
        await this.#furnish(entry, spec);
      } finally {
        end();
      }
      await this.#usage.begin(entry.id);
      if (state === 'Suspended') await this.#host.resume(entry);
      row = await this.#rows.put(entry, row);
    }
    const secret = await publishKubeconfig(this.#resources.client, this.#host, object, entry);
    await this.#reportReadiness(object, readinessIn('Active'), {
      endpoint: entry.endpoint,
      kubeconfig: { secret },
      storage: { id: entry.id, table: entry.table },
    });
    await removeLeftovers(row, this.#host, this.#rows.exclusively);
  }

  /** Returns the row once the data is in the wanted table. */
  async #move(object: ControlPlane, table: string, row: TenantRow): Promise<TenantRow> {
    if (row.entry.table === table) {
      // The tenant was moving to a different table, which is no longer wanted.
      return row.entry.state === 'Moving' ? this.#rows.put(arrived(row.entry), row) : row;
    }
    return moveTenant(table, row, {
      host: this.#host,
      put: this.#rows.put,
      exclusively: this.#rows.exclusively,
      begin: () =>
        this.#reportReadiness(object, readinessIn('Moving', 'the data is being moved to another table')),
    });
  }

  async #furnish(
    entry: TenantEntry,
    { admins, signingKey = 1 }: Pick<ControlPlane['spec'], 'admins' | 'signingKey'>,
  ): Promise<void> {
    // Loaded servers must learn of the authorities.
    if (entry.authorities !== undefined) await this.#host.keepAuthorities(entry);
    await this.#host.furnish(entry, admins);
    // The first key is created on first use.
    if (signingKey > 1) await this.#host.makeSigningKey(entry, signingKey);
  }

  /** The directory's row for the name, claimed for this control plane. */
  async #claim(entry: TenantEntry): Promise<TenantRow> {
    const { name } = entry;
    const row = await this.#rows.read(name);
    if (row === undefined) {
      await this.#rows.begin({ ...entry, state: 'Starting' });
      return this.#claim(entry);
    }
    if (row.entry.id !== entry.id) {
      if (await this.#isOrphan(row)) {
        await this.#remove(row);
        return this.#claim(entry);
      }
      throw new Refusal(
        NAME_TAKEN,
        `the name ${name} is taken by a control plane of another namespace, or by one that is being deleted`,
        NAME_TAKEN_MS,
      );
    }
    return row;
  }

  /** Whether the object of the row is gone: its finalizer was removed before the tenant was deleted. */
  async #isOrphan({ entry: { owner, id } }: TenantRow): Promise<boolean> {
    const [namespace = '', name = ''] = owner.split('/');
    const object = await this.#get(namespace, name);
    return object === undefined || idOf(object.metadata) !== id;
  }

  /** Deletes the control plane's data, then removes the object's finalizer. */
  async #end(object: ControlPlane): Promise<void> {
    const { namespace = '', name = '' } = object.metadata;
    if (!object.metadata.finalizers?.includes(FINALIZER)) return;
    const row = await this.#rows.read(name);
    if (row !== undefined && row.entry.id === idOf(object.metadata)) {
      const { isRetained: _, ...entry } = row.entry;
      const isRetained = object.spec.deletionPolicy === 'Retain';
      await this.#reportReadiness(object, readinessIn('Deleting'));
      await this.#remove(await this.#rows.put({ ...entry, ...(isRetained && { isRetained }) }, row));
    }
    let latest = await this.#get(namespace, name);
    const others = latest?.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
    if (latest !== undefined && others.length > 0) {
      const left = `only this object is left, kept by its finalizers ${others.join(', ')}`;
      await this.#reportReadiness(latest, readinessIn('Deleting', left));
      latest = await this.#get(namespace, name);
    }
    if (latest === undefined) return;
    const { resourceVersion, finalizers = [] } = latest.metadata;
    const metadata = { resourceVersion, finalizers: finalizers.filter((one) => one !== FINALIZER) };
    try {
      await this.#resources.client.patch(CONTROL_PLANES, { metadata }, { namespace, name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #remove(row: TenantRow): Promise<void> {
    return this.#rows.end(row, this.#host);
  }

  #reportReadiness(
    object: ControlPlane,
    ready: Readiness,
    more?: Partial<ControlPlaneStatus>,
  ): Promise<void> {
    return reportReadiness(this.#resources.client, object, ready, more);
  }
}

const isControlPlane = (resource: GroupResource): boolean =>
  isResource(resource, CONTROL_PLANES.group, CONTROL_PLANES.resource);

const keyOf = ({ metadata }: ControlPlane): string => `${metadata.namespace}/${metadata.name}`;

/** The namespace is terminating, so nothing can be created in it. */
const isEnding = (error: unknown): boolean =>
  error instanceof StatusError &&
  (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false);

/** Whether the spec was fully applied before: a fleet that restarts doesn't load every tenant to check. */
function isSettled(object: ControlPlane): boolean {
  return isReady(object) && readinessOf(object)?.observedGeneration === object.metadata.generation;
}
