/**
 * Which addresses a server may call on somebody else's word: in a fleet, tenants name webhooks, remote API servers and
 * OpenID issuers, and none of them may be a way into the host's own network. It is decided when a connection is made,
 * by the very addresses that it is made to: what a name meant a moment before counts for nothing.
 */

import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

export interface AddressGuard {
  /**
   * What a request to `url` must be given, so that it goes to nothing that is refused. Throws `AddressNotAllowed` for
   * a host that is itself such an address.
   */
  connection(url: URL): { readonly lookup?: LookupFunction };
}

/** For servers whose owner is who names the addresses. */
export const ANY_ADDRESS: AddressGuard = { connection: () => ({}) };

class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';

  /** `where`: as it was named, not as it was resolved: names of the host's network mean nothing to others. */
  constructor(where: string) {
    super(`dial tcp${where}: address not allowed`);
  }
}

/** This host, its links, private networks, other ranges that no one on the internet has (IANA's special registries). */
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
/** All that is global unicast; the rest is this host, its links, unique local addresses, and multicast. */
const GLOBAL_IPV6 = '2000::/3';
/** Of that, what leads on to an IPv4 address (Teredo, 6to4), or nowhere. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
/** IPv4 addresses as a network without IPv4 writes them (RFC 6052), in their last 32 bits. */
const NAT64 = '64:ff9b::/96';
/** IPv4 addresses in their last 32 bits, as sockets of IPv6 take them. */
const MAPPED = '::ffff:0:0/96';

const special = rangesOf([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
const global = rangesOf([GLOBAL_IPV6]);
const carriers = [rangesOf([NAT64]), rangesOf([MAPPED])];

/** Addresses of the internet, and those of `allowed` (CIDR). Throws Error for what is no range. */
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
      // Node looks up no address.
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

/** Throws Error for what is no range of addresses. */
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
