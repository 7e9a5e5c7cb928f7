/**
 * The one form for all ways to say the same of endpoints
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/endpoints/util.go).
 */

import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../../apis/core/v1/types.ts';

/** Addresses by their IP and the UID of what they belong to, with whether they are ready. */
type Addresses = Map<string, { readonly address: EndpointAddress; ready: boolean }>;

interface PortAddresses {
  /** Undefined: addresses without ports. */
  readonly port: EndpointPort | undefined;
  readonly addresses: Addresses;
}

const keyOf = ({ ip, targetRef }: EndpointAddress): string => `${ip}\0${targetRef?.uid ?? ''}`;
const portKey = (port: EndpointPort | undefined): string =>
  JSON.stringify([port?.port, port?.protocol, port?.name, port?.appProtocol]);
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An address that is ready in one subset and not ready in another is not ready. */
function add(addresses: Addresses, list: readonly EndpointAddress[] | undefined, ready: boolean): void {
  for (const address of list ?? []) {
    const existing = addresses.get(keyOf(address));
    if (existing === undefined) addresses.set(keyOf(address), { address, ready });
    else existing.ready &&= ready;
  }
}

function addressesByPort(subsets: readonly EndpointSubset[]): PortAddresses[] {
  const byPort = new Map<string, PortAddresses>();
  for (const subset of subsets) {
    for (const port of subset.ports?.length ? subset.ports : [undefined]) {
      const entry = byPort.get(portKey(port)) ?? { port, addresses: new Map() };
      byPort.set(portKey(port), entry);
      add(entry.addresses, subset.addresses, true);
      add(entry.addresses, subset.notReadyAddresses, false);
    }
  }
  return [...byPort.values()];
}

function sorted(addresses: Addresses, ready: boolean): EndpointAddress[] | undefined {
  const list = [...addresses.values()].filter((entry) => entry.ready === ready).map(({ address }) => address);
  if (list.length === 0) return undefined;
  return list.sort((a, b) => compareText(a.ip, b.ip) || compareText(keyOf(a), keyOf(b)));
}

/** Ports that have all addresses in common share a subset. */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const groups = new Map<string, { readonly addresses: Addresses; readonly ports: EndpointPort[] }>();
  for (const { port, addresses } of addressesByPort(subsets)) {
    const key = JSON.stringify([...addresses].map(([name, { ready }]) => [name, ready]).sort());
    const group = groups.get(key) ?? { addresses, ports: [] };
    groups.set(key, group);
    if (port !== undefined) group.ports.push(port);
  }
  const packed = [...groups].map(([key, { addresses, ports }]) => {
    const [ready, notReady] = [sorted(addresses, true), sorted(addresses, false)];
    const order = ports.sort((a, b) => compareText(portKey(a), portKey(b)));
    const subset: EndpointSubset = {
      ...(ready && { addresses: ready }),
      ...(notReady && { notReadyAddresses: notReady }),
      ...(order.length > 0 && { ports: order }),
    };
    return { key, subset };
  });
  return packed.sort((a, b) => compareText(a.key, b.key)).map(({ subset }) => subset);
}
