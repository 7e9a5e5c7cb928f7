/**
 * Reports ServiceCIDRs as ready, and protects those with addresses in use by Services
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/servicecidrs/servicecidrs_controller.go).
 */

import { containsRange, hasServiceAddress, isAllocated } from '../../apis/networking/service-ranges.ts';
import type { IPAddress, ServiceCIDR } from '../../apis/networking/v1/types.ts';
import { isConflict, isNotFound } from '../../meta/status-error.ts';
import { type ResourceAccess, UnknownResourceError } from '../../rest/resource-access.ts';
import { lowest } from '../../util/extremes.ts';
import { type CIDR, parseCIDR, parseIP } from '../../util/ip.ts';
import { type Change, type Controller, isResource } from '../controller.ts';
import { type Readiness, readyCondition, SERVICE_CIDRS, writeReadiness } from './service-cidr-status.ts';

const IP_ADDRESSES = { group: 'networking.k8s.io', resource: 'ipaddresses' };
const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** After this, every server has stopped allocating from a deleted range. */
const GRACE_MS = 10_000;
/** Key for all ranges that are being deleted. */
const TERMINATING = '';

const READY: Readiness = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const IN_USE: Readiness = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

const rangesOf = ({ spec }: ServiceCIDR): CIDR[] =>
  (spec.cidrs ?? []).map(parseCIDR).filter((cidr) => cidr !== undefined);

export class ServiceCIDRController implements Controller {
  readonly name = 'service-cidr-controller';
  readonly #resources: ResourceAccess;

  constructor(resources: ResourceAccess) {
    this.#resources = resources;
  }

  keysFor({ type, resource, name }: Change): string[] {
    // A new range may cover another that is being deleted, and a freed address may be the last in use.
    if (isResource(resource, SERVICE_CIDRS.group, SERVICE_CIDRS.resource)) {
      return type === 'DELETED' ? [] : type === 'ADDED' ? [name, TERMINATING] : [name];
    }
    const isFreed = isResource(resource, IP_ADDRESSES.group, IP_ADDRESSES.resource) && type === 'DELETED';
    return isFreed ? [TERMINATING] : [];
  }

  async allKeys(): Promise<string[]> {
    return (await this.#all()).map(({ metadata }) => metadata.name!);
  }

  async reconcile(key: string): Promise<number | undefined> {
    const all = await this.#all();
    const due = all.filter(({ metadata }) =>
      key === TERMINATING ? metadata.deletionTimestamp !== undefined : metadata.name === key,
    );
    const waits: number[] = [];
    for (const cidr of due) {
      const wait = cidr.metadata.deletionTimestamp ? await this.#finish(cidr, all) : await this.#keep(cidr);
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length === 0 ? undefined : lowest(waits);
  }

  /** Empty if the API is disabled. */
  async #all(): Promise<readonly ServiceCIDR[]> {
    try {
      return (await this.#resources.lister<ServiceCIDR>(SERVICE_CIDRS).snapshot(0)).items;
    } catch (error) {
      if (error instanceof UnknownResourceError) return [];
      throw error;
    }
  }

  async #keep(cidr: ServiceCIDR): Promise<undefined> {
    const { finalizers = [] } = cidr.metadata;
    if (!finalizers.includes(FINALIZER)) await this.#setFinalizers(cidr, [...finalizers, FINALIZER]);
    await this.#say(cidr, READY);
  }

  async #finish(cidr: ServiceCIDR, all: readonly ServiceCIDR[]): Promise<number | undefined> {
    const { finalizers = [], deletionTimestamp = '' } = cidr.metadata;
    if (await this.#isInUse(cidr, all)) {
      await this.#say(cidr, IN_USE);
      return undefined;
    }
    const wait = Date.parse(deletionTimestamp) + GRACE_MS - Date.now();
    if (wait > 0) return wait;
    if (finalizers.includes(FINALIZER)) {
      await this.#setFinalizers(
        cidr,
        finalizers.filter((one) => one !== FINALIZER),
      );
    }
    return undefined;
  }

  /** Whether a Service uses an address that is in no other range. */
  async #isInUse(cidr: ServiceCIDR, all: readonly ServiceCIDR[]): Promise<boolean> {
    const own = rangesOf(cidr);
    const others = all.filter(({ metadata }) => metadata.name !== cidr.metadata.name).flatMap(rangesOf);
    if (own.every((range) => others.some((other) => containsRange(other, range)))) return false;
    const { items } = await this.#resources.lister<IPAddress>(IP_ADDRESSES).snapshot(0);
    return items.some(({ metadata }) => {
      const ip = parseIP(metadata.name!);
      const isIn = (range: CIDR) => ip !== undefined && hasServiceAddress(range, ip);
      return isAllocated(metadata) && own.some(isIn) && !others.some(isIn);
    });
  }

  async #say(cidr: ServiceCIDR, readiness: Readiness): Promise<void> {
    const { status, reason, message } = readyCondition(cidr) ?? {};
    const isSaid =
      status === readiness.status && reason === readiness.reason && message === readiness.message;
    if (!isSaid) await writeReadiness(this.#resources, cidr.metadata.name!, readiness, this.name);
  }

  async #setFinalizers({ metadata }: ServiceCIDR, finalizers: readonly string[]): Promise<void> {
    const { name, uid, resourceVersion } = metadata;
    try {
      await this.#resources.client.patch(
        SERVICE_CIDRS,
        { metadata: { uid, resourceVersion, finalizers } },
        { name: name! },
      );
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }
}
