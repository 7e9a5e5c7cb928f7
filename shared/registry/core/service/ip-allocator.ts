/**
 * Cluster IPs, as IPAddress objects
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/core/service/ipallocator).
 */

import { randomUUID } from 'node:crypto';
import type { Service } from '../../../apis/core/v1/types.ts';
import {
  ALLOCATED,
  hasServiceAddress,
  isAllocated,
  serviceAddresses,
} from '../../../apis/networking/service-ranges.ts';
import type { IPAddress as IPAddressObject, ServiceCIDR } from '../../../apis/networking/v1/types.ts';
import { formatTime } from '../../../meta/time.ts';
import type { ResourceLister } from '../../../rest/resource-access.ts';
import { type CIDR, formatIP, type IPAddress, parseCIDR, parseIP, rangeSize } from '../../../util/ip.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import { Store } from '../../generic/store.ts';
import { ipAddressStrategy } from '../../networking/ipaddress/strategy.ts';
import { serviceCIDRStrategy } from '../../networking/servicecidr/strategy.ts';
import { AllocationError, rangeIsFull } from './allocation-error.ts';
import { candidates, type NumberRange, reservedOffset } from './candidates.ts';
import { Claims, serviceName } from './claims.ts';

export type IPFamily = 'IPv4' | 'IPv6';

const GROUP = 'networking.k8s.io';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';

export const familyOf = (ip: Pick<IPAddress, 'family'>): IPFamily => (ip.family === 4 ? 'IPv4' : 'IPv6');

function addressesOf(cidr: CIDR): NumberRange {
  const size = rangeSize(cidr.address.family, cidr.prefixLength);
  return { ...serviceAddresses(cidr), offset: reservedOffset(size, { step: 16n, max: 256n }) };
}

function* addressesIn(ranges: readonly CIDR[]): Generator<string> {
  for (const range of ranges) {
    const { family } = range.address;
    for (const value of candidates(addressesOf(range))) yield formatIP({ family, value });
  }
}

function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp) return false;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  // Without a controller the condition is never set.
  return ready === undefined || ready.status === 'True';
}

/** Old services may have addresses with leading zeros, which are no longer accepted. */
function canonical(text: string): string {
  const ip = parseIP(text);
  return ip === undefined ? text : formatIP(ip);
}

export class IPAllocator {
  /** The cluster's IP families, the primary one first. */
  readonly families: readonly IPFamily[];
  readonly #configured: readonly CIDR[];
  readonly #serviceCIDRs: ResourceLister<ServiceCIDR>;
  readonly #claims: Claims<IPAddressObject>;

  constructor(config: RESTStorageConfig, services: Store<Service>) {
    this.#configured = config.options.serviceClusterIPRange.split(',').map((range) => {
      const cidr = parseCIDR(range.trim());
      if (cidr === undefined) throw new Error(`invalid range of cluster IPs: ${range}`);
      return cidr;
    });
    this.families = [...new Set(this.#configured.map(({ address }) => familyOf(address)))];
    const addresses = new Store<IPAddressObject>({
      config,
      resource: { group: GROUP, resource: 'ipaddresses' },
      storageVersion: { group: GROUP, version: 'v1', kind: 'IPAddress' },
      strategy: ipAddressStrategy,
    });
    const serviceCIDRs = new Store<ServiceCIDR>({
      config,
      resource: { group: GROUP, resource: 'servicecidrs' },
      storageVersion: { group: GROUP, version: 'v1', kind: 'ServiceCIDR' },
      strategy: serviceCIDRStrategy,
    });
    this.#serviceCIDRs = serviceCIDRs.lister();
    this.#claims = new Claims({
      storage: addresses.storage,
      services: services.storage,
      newClaim: newIPAddress,
      ownerOf: ({ metadata, spec }) => {
        const { group, resource, namespace = '', name } = spec.parentRef ?? {};
        const isOurs = isAllocated(metadata) && !group && resource === 'services';
        return isOurs && name ? { namespace, name } : undefined;
      },
      isUsedBy: (name, { spec }) => (spec.clusterIPs ?? []).map(canonical).includes(name),
    });
  }

  /** Throws AllocationError if the address is taken or outside of all ranges. */
  async allocate(service: Service, text: string, dryRun: boolean): Promise<void> {
    const ip = parseIP(text);
    const ranges = await this.#ranges();
    if (ip === undefined || !ranges.some((range) => hasServiceAddress(range, ip))) {
      throw new AllocationError('the provided network does not match the current range');
    }
    if (dryRun) return;
    const taken = !(await this.#claims.claim(formatIP(ip), serviceName(service)));
    if (taken) throw new AllocationError('provided IP is already allocated');
  }

  /** A dry run gets an address that is never allocated. Throws AllocationError if no address is left. */
  async allocateNext(service: Service, family: IPFamily, dryRun: boolean): Promise<string> {
    const ranges = (await this.#ranges()).filter(({ address }) => familyOf(address) === family);
    if (dryRun) return formatIP({ family: ranges[0]!.address.family, value: ranges[0]!.base });
    const address = await this.#claims.claimAny(() => addressesIn(ranges), serviceName(service));
    if (address === undefined) throw rangeIsFull();
    return address;
  }

  async release(service: Service, text: string): Promise<void> {
    const ip = parseIP(text);
    if (ip !== undefined) await this.#claims.release(formatIP(ip), serviceName(service));
  }

  /** The configured ranges and those added as ServiceCIDRs. */
  async #ranges(): Promise<readonly CIDR[]> {
    const { items } = await this.#serviceCIDRs.snapshot();
    const added = items
      .filter(isReady)
      .flatMap(({ spec }) => spec.cidrs ?? [])
      .map(parseCIDR)
      .filter((cidr) => cidr !== undefined);
    return [...this.#configured, ...added];
  }
}

/** The internal object that records the address of a service. */
export function newIPAddress(
  name: string,
  { namespace, name: service }: { namespace: string; name: string },
): IPAddressObject {
  return {
    kind: 'IPAddress',
    apiVersion: `${GROUP}/__internal`,
    metadata: {
      name,
      uid: randomUUID(),
      creationTimestamp: formatTime(Date.now()),
      labels: { [FAMILY]: familyOf(parseIP(name)!), ...ALLOCATED },
    },
    spec: { parentRef: { resource: 'services', namespace, name: service } },
  };
}
