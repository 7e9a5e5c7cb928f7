/**
 * Decides which addresses a server may connect to on behalf of a tenant. Tenants of a fleet name webhooks, remote API
 * servers and OpenID issuers; none of these may reach the host's own network. The check runs on the addresses a
 * connection is made to, after name resolution, so that DNS rebinding has no effect.
 */

import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

export interface AddressGuard {
  /**
   * Request options that keep a request to `url` from connecting to a refused address. Throws `AddressNotAllowed` if
   * the host of `url` is itself such an address.
   */
  connection(url: URL): { readonly lookup?: LookupFunction };
}

/** For servers whose owner configures the addresses. */
export const ANY_ADDRESS: AddressGuard = { connection: () => ({}) };

/** Connecting again would be refused again. */
export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';

  /** `where`: the address as it was named. Resolved addresses are left out: they would disclose the host's network. */
  constructor(where: string) {
    super(`dial tcp${where}: address not allowed`);
  }
}

/**
 * This host, link-local and private networks, and other ranges not reachable globally (IANA's special-purpose
 * registries).
 */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Global unicast. Everything else is loopback, link-local, unique local or multicast. */
const GLOBAL_IPV6 = '2000::/3';
/** Ranges of `GLOBAL_IPV6` that embed IPv4 addresses (Teredo, 6to4) or are not routed. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** IPv6 addresses with an IPv4 address in their last 32 bits, as translated by NAT64 (RFC 6052). */
const NAT64 = '64:ff9b::/96';
/** IPv4-mapped IPv6 addresses: the IPv4 address is in the last 32 bits. */
const MAPPED = '::ffff:0:0/96';

const special = rangesOf([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const global = rangesOf([GLOBAL_IPV6]);
const carriers = [rangesOf([NAT64]), rangesOf([MAPPED])];

/** Allows public addresses and those in `allowed` (CIDR). Throws Error for an invalid CIDR. */
export function publicAddresses(
  allowed: readonly string[] = [],
  lookup: typeof systemLookup = systemLookup,
): AddressGuard {
  const exceptions = rangesOf(allowed);
  const isAllowed = (address: string): boolean => isIn(exceptions, address) || isPublic(address);
  const guarded: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const addresses = found.filter(({ address }) => isAllowed(address));
      const [first] = addresses;
      if (first === undefined) return callback(new AddressNotAllowed(`: lookup ${hostname}`), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  return {
    connection({ hostname, port, protocol }) {
      const host = hostname.replace(/^\[|\]$/g, '');
      // Node does not pass literal addresses to `lookup`.
      if (isIP(host) !== 0 && !isAllowed(host)) {
        throw new AddressNotAllowed(` ${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`);
      }
      return { lookup: guarded };
    },
  };
}

function isPublic(address: string): boolean {
  if (isIPv4(address)) return !isIn(special, address);
  if (carriers.some((carrier) => isIn(carrier, address))) return !isIn(special, lastIPv4(address));
  return isIn(global, address) && !isIn(special, address);
}

/** The last 32 bits of an IPv6 address as an IPv4 address. */
function lastIPv4(address: string): string {
  const canonical = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = canonical.includes('::') ? canonical.split('::') : ['', canonical];
  const groups = [...head.split(':'), ...Array<string>(8).fill('0'), ...tail.split(':')].filter(Boolean);
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group, 16)) as [number, number];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function isIn(ranges: BlockList, address: string): boolean {
  return ranges.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** Throws Error for an invalid CIDR. */
function rangesOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [, address = '', bits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(range) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) {
      throw new Error(`${JSON.stringify(range)} is no range of addresses such as 10.0.0.0/8`);
    }
    list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
