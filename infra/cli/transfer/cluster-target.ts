/** Exports into a running cluster through its API: each object is created after its owners. */

import { setTimeout as sleep } from 'node:timers/promises';
import { comesLast } from '../../../shared/backup/dependency-order.ts';
import { type NewObject, newObject, reasonNotCreated } from '../../../shared/backup/new-object.ts';
import type { OutgoingResource } from '../../../shared/backup/outgoing-resources.ts';
import type { KubeObject, UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import type { OwnerReference } from '../../../shared/meta/v1/types.ts';
import { formatGroupResource, gvkOf, parseGroupVersion } from '../../../shared/runtime/group-version.ts';
import type { Scheme } from '../../../shared/runtime/scheme.ts';
import { forEachConcurrent } from '../../../shared/util/for-each-concurrent.ts';
import { type Cluster, ClusterError } from '../cluster.ts';
import type { ExportReport, ExportTarget } from './export-target.ts';
import { rootOf, type ServedResource, servedResources } from './served-resources.ts';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
/** Maximum number of concurrent requests. */
const AT_ONCE = 16;
const POLL_INTERVAL_MS = 250;
/** Time for a cluster to serve new definitions. */
const DEFINED_MS = 60_000;

interface Pending extends NewObject {
  readonly served: ServedResource;
}

export class ClusterTarget implements ExportTarget {
  readonly #cluster: Cluster;
  readonly #scheme: Scheme;
  readonly #report: ExportReport;
  #served: readonly ServedResource[] = [];
  /** New uids of objects by their old ones; undefined for owners that don't exist there. */
  readonly #uids = new Map<string, string | undefined>();
  /** Objects whose owners may still come. */
  #waiting: Pending[] = [];
  #made = 0;
  #found = 0;

  /** `scheme`: converts built-in kinds that the cluster serves in other versions. */
  static async open(cluster: Cluster, scheme: Scheme, report: ExportReport): Promise<ClusterTarget> {
    const target = new ClusterTarget(cluster, scheme, report);
    await target.#discover();
    return target;
  }

  private constructor(cluster: Cluster, scheme: Scheme, report: ExportReport) {
    this.#cluster = cluster;
    this.#scheme = scheme;
    this.#report = report;
  }

  async take(resource: OutgoingResource): Promise<void> {
    // Policies and webhooks must not apply to objects that existed before them.
    if (comesLast(resource)) await this.#settle();
    const name = formatGroupResource(resource);
    await forEachConcurrent(resource.objects, AT_ONCE, async (stored) => {
      const reason = reasonNotCreated(name, stored);
      const made = reason === undefined ? this.#inServedVersion(name, stored) : reason;
      if (typeof made === 'string') {
        this.#report.skipped(name, 1, made);
        return;
      }
      if (made.owners.every(({ uid }) => this.#uids.has(uid))) await this.#make(made);
      else this.#waiting.push(made);
    });
    if (name === DEFINITIONS) await this.#awaitDefined(resource.objects);
  }

  async finish(): Promise<string> {
    await this.#settle();
    return `${this.#made} objects created, ${this.#found} already existed`;
  }

  async #discover(): Promise<void> {
    const served: ServedResource[] = [];
    for await (const one of servedResources(this.#cluster.get, () => undefined)) served.push(one);
    this.#served = served;
  }

  /** Returns the reason if the cluster serves no version of it that this one supports. */
  #inServedVersion(name: string, stored: UnstructuredObject): Pending | string {
    const versions = this.#served.filter(
      ({ fullName, verbs }) => fullName === name && verbs.includes('create'),
    );
    if (versions.length === 0) return "the cluster doesn't serve them";
    const made = newObject(name, stored);
    const asStored = versions.find(({ groupVersion }) => groupVersion === stored.apiVersion);
    if (asStored !== undefined) return { ...made, served: asStored };
    for (const served of versions) {
      const gvk = { ...parseGroupVersion(served.groupVersion)!, kind: served.kind };
      if (!this.#scheme.recognizes(gvk) || !this.#scheme.recognizes(gvkOf(stored))) continue;
      return { ...made, object: this.#scheme.convert<UnstructuredObject>(made.object, gvk), served };
    }
    return `the cluster doesn't serve ${stored.apiVersion}, in which they are stored`;
  }

  /**
   * Creates waiting objects, owners first. Objects that own each other, or whose owner doesn't exist there, are created
   * without those owners.
   */
  async #settle(): Promise<void> {
    while (this.#waiting.length > 0) {
      const uids = new Set(this.#waiting.map(({ uid }) => uid));
      const isReady = ({ owners }: Pending) => !owners.some(({ uid }) => uids.has(uid));
      const ready = this.#waiting.filter(isReady);
      const next = ready.length > 0 ? ready : this.#waiting;
      this.#waiting = ready.length > 0 ? this.#waiting.filter((one) => !isReady(one)) : [];
      await forEachConcurrent(next, AT_ONCE, (one) => this.#make(one));
    }
  }

  async #make(pending: Pending): Promise<void> {
    const { object, owners, served, uid } = pending;
    const { fullName } = served;
    const { namespace, name = '' } = object.metadata;
    const ownersThere: OwnerReference[] = [];
    for (const owner of owners) {
      const there = await this.#uidThere(owner, namespace);
      if (there !== undefined) ownersThere.push({ ...owner, uid: there });
    }
    if (ownersThere.length < owners.length) {
      this.#report.changed(fullName, 1, "without owners that the cluster doesn't have");
    }
    const metadata = { ...object.metadata, ...(ownersThere.length > 0 && { ownerReferences: ownersThere }) };
    try {
      const made = await this.#create(served, { ...object, metadata });
      this.#uids.set(uid, made.metadata.uid);
      this.#made++;
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      const there = error.status === 409 ? await this.#read(served, namespace, name) : undefined;
      this.#uids.set(uid, there?.metadata.uid);
      if (there === undefined) this.#report.skipped(fullName, 1, error.reason);
      else this.#found++;
    }
  }

  async #create(served: ServedResource, object: UnstructuredObject): Promise<KubeObject> {
    const { fullName } = served;
    const path = `${pathOf(served, object.metadata.namespace)}?fieldManager=zeroplane-export&fieldValidation=Warn`;
    const warned = (text: string) => {
      if (text.startsWith('unknown field')) this.#report.changed(fullName, 1, `without ${text}`);
    };
    try {
      return await this.#cluster.request<KubeObject>('POST', path, { body: object, warned });
    } catch (error) {
      const addressless = fullName === 'services' ? withoutAddresses(object) : undefined;
      if (!(error instanceof ClusterError) || error.status !== 422 || addressless === undefined) throw error;
      const made = await this.#cluster.request<KubeObject>('POST', path, { body: addressless, warned });
      this.#report.changed(
        fullName,
        1,
        "with other addresses: their own are outside the cluster's ranges, or in use",
      );
      return made;
    }
  }

  async #read(
    served: ServedResource,
    namespace: string | undefined,
    name: string,
  ): Promise<KubeObject | undefined> {
    try {
      return await this.#cluster.get<KubeObject>(`${pathOf(served, namespace)}/${encodeURIComponent(name)}`);
    } catch (error) {
      if (error instanceof ClusterError) return undefined;
      throw error;
    }
  }

  /** The owner's uid in the cluster, which may come from an earlier export. */
  async #uidThere(owner: OwnerReference, namespace: string | undefined): Promise<string | undefined> {
    if (this.#uids.has(owner.uid)) return this.#uids.get(owner.uid);
    const { apiVersion, kind, name, uid } = owner;
    const { group } = gvkOf(owner);
    const served =
      this.#served.find((one) => one.kind === kind && one.groupVersion === apiVersion) ??
      this.#served.find((one) => one.kind === kind && one.group === group);
    const there =
      served && (await this.#read(served, served.namespaced ? namespace : undefined, name))?.metadata.uid;
    this.#uids.set(uid, there);
    return there;
  }

  /** Waits until the cluster serves the definitions' resources; those that time out are reported with their objects. */
  async #awaitDefined(definitions: readonly UnstructuredObject[]): Promise<void> {
    const names = definitions.map(({ metadata }) => metadata.name!);
    const until = performance.now() + DEFINED_MS;
    do {
      await this.#discover();
      const served = new Set(this.#served.map(({ fullName }) => fullName));
      if (names.every((name) => served.has(name))) return;
      await sleep(POLL_INTERVAL_MS);
    } while (performance.now() < until);
  }
}

const pathOf = ({ groupVersion, resource }: ServedResource, namespace: string | undefined): string =>
  namespace
    ? `${rootOf(groupVersion)}/namespaces/${encodeURIComponent(namespace)}/${resource}`
    : `${rootOf(groupVersion)}/${resource}`;

/** The service without its addresses; undefined if it has none. */
function withoutAddresses(service: UnstructuredObject): UnstructuredObject | undefined {
  const { clusterIP, clusterIPs: _, ...spec } = service['spec'] as Record<string, unknown>;
  return typeof clusterIP === 'string' && clusterIP !== '' && clusterIP !== 'None'
    ? { ...service, spec }
    : undefined;
}
