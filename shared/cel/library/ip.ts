/** IP addresses and CIDRs (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/ip.go, cidr.go). */

import { quote } from '../../runtime/go-format.ts';
import {
  formatAddress,
  formatPrefix,
  type IPAddress,
  IPAddressError,
  type IPPrefix,
  isIPv4Mapped,
  maskAddress,
  parseAddress,
  parsePrefix,
  prefixContains,
  sameAddress,
} from '../../util/netip.ts';
import { type FunctionDeclaration, fn, member, type Overload } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { BOOL, type CelType, INT, opaqueType, STRING } from '../type.ts';
import { ObjectValue, type Value } from '../value.ts';

export const IP_TYPE = opaqueType('net.IP');
export const CIDR_TYPE = opaqueType('net.CIDR');

class IP extends ObjectValue {
  readonly type = IP_TYPE;
  readonly address: IPAddress;
  constructor(address: IPAddress) {
    super();
    this.address = address;
  }
  equals(other: Value): boolean | CelError {
    return other instanceof IP ? sameAddress(this.address, other.address) : NO_SUCH_OVERLOAD;
  }
  override costSize(): number {
    return this.address.bytes.length;
  }
}

class CIDR extends ObjectValue {
  readonly type = CIDR_TYPE;
  readonly prefix: IPPrefix;
  constructor(prefix: IPPrefix) {
    super();
    this.prefix = prefix;
  }
  equals(other: Value): boolean | CelError {
    if (!(other instanceof CIDR)) return NO_SUCH_OVERLOAD;
    return other.prefix.bits === this.prefix.bits && sameAddress(this.prefix.address, other.prefix.address);
  }
  override costSize(): number {
    return Math.ceil(this.prefix.bits / 8);
  }
}

function attempt<T>(parse: () => T, describe: (message: string) => string): T | CelError {
  try {
    return parse();
  } catch (error) {
    if (error instanceof IPAddressError) return new CelError(describe(error.message));
    throw error;
  }
}

function toIP(text: string): IP | CelError {
  const address = attempt(
    () => parseAddress(text),
    (message) => `IP Address ${quote(text)} parse error during conversion from string: ${message}`,
  );
  if (address instanceof CelError) return address;
  if (address.zone !== '') return new CelError(`IP address ${quote(text)} with zone value is not allowed`);
  if (isIPv4Mapped(address)) return new CelError(`IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  return new IP(address);
}

const CIDR_ERROR = 'network address parse error during conversion from string';

function toCIDR(text: string): CIDR | CelError {
  const prefix = attempt(
    () => parsePrefix(text),
    (message) => `${CIDR_ERROR}: ${CIDR_ERROR}: ${message}`,
  );
  if (prefix instanceof CelError) return prefix;
  if (isIPv4Mapped(prefix.address)) {
    return new CelError(`${CIDR_ERROR}: IPv4-mapped IPv6 address ${quote(text)} is not allowed`);
  }
  return new CIDR(prefix);
}

type Test = (bytes: Uint8Array) => boolean;

const isUnspecified: Test = (bytes) => bytes.every((byte) => byte === 0);
const isLoopback: Test = (bytes) =>
  bytes.length === 4
    ? bytes[0] === 127
    : bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
const isMulticast: Test = (bytes) => (bytes.length === 4 ? (bytes[0]! & 0xf0) === 0xe0 : bytes[0] === 0xff);
const isLinkLocalMulticast: Test = (bytes) =>
  bytes.length === 4
    ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
    : bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
const isLinkLocalUnicast: Test = (bytes) =>
  bytes.length === 4
    ? bytes[0] === 169 && bytes[1] === 254
    : bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
const isBroadcast: Test = (bytes) => bytes.length === 4 && bytes.every((byte) => byte === 255);
const isGlobalUnicast: Test = (bytes) =>
  ![isBroadcast, isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast].some((test) => test(bytes));

function addressTest(name: string, id: string, test: Test): FunctionDeclaration {
  return member(name, id, [IP_TYPE], BOOL, (ip: IP) => test(ip.address.bytes));
}

function containsIP(cidr: CIDR, ip: IP | string): Value {
  const other = typeof ip === 'string' ? toIP(ip) : ip;
  // An invalid address is reported as an argument of an unknown type.
  return other instanceof CelError ? NO_SUCH_OVERLOAD : prefixContains(cidr.prefix, other.address);
}

function containsCIDR(cidr: CIDR, other: CIDR | string): Value {
  const inner = typeof other === 'string' ? toCIDR(other) : other;
  if (inner instanceof CelError) return inner;
  return cidr.prefix.bits <= inner.prefix.bits && prefixContains(cidr.prefix, inner.prefix.address);
}

function masked({ prefix }: CIDR): CIDR {
  return new CIDR({ address: maskAddress(prefix.address, prefix.bits), bits: prefix.bits });
}

function contains(
  name: string,
  [text, other]: readonly [string, string],
  type: CelType,
  call: (cidr: CIDR, other: never) => Value,
): FunctionDeclaration {
  const overloads: Overload[] = [
    { id: text, member: true, args: [CIDR_TYPE, STRING], result: BOOL, call },
    { id: other, member: true, args: [CIDR_TYPE, type], result: BOOL, call },
  ];
  return { name, overloads };
}

export const IP_FUNCTIONS: readonly FunctionDeclaration[] = [
  fn('ip', 'string_to_ip', [STRING], IP_TYPE, toIP),
  fn('isIP', 'is_ip', [STRING], BOOL, (text: string) => toIP(text) instanceof IP),
  fn('ip.isCanonical', 'ip_is_canonical', [STRING], BOOL, (text: string) => {
    const ip = toIP(text);
    return ip instanceof CelError ? ip : formatAddress(ip.address) === text;
  }),
  fn('string', 'ip_to_string', [IP_TYPE], STRING, (ip: IP) => formatAddress(ip.address)),
  member('family', 'ip_family', [IP_TYPE], INT, (ip: IP) => (ip.address.bytes.length === 4 ? 4n : 6n)),
  addressTest('isUnspecified', 'ip_is_unspecified', isUnspecified),
  addressTest('isLoopback', 'ip_is_loopback', isLoopback),
  addressTest('isLinkLocalMulticast', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  addressTest('isLinkLocalUnicast', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  addressTest('isGlobalUnicast', 'ip_is_global_unicast', isGlobalUnicast),
];

export const CIDR_FUNCTIONS: readonly FunctionDeclaration[] = [
  fn('cidr', 'string_to_cidr', [STRING], CIDR_TYPE, toCIDR),
  fn('isCIDR', 'is_cidr', [STRING], BOOL, (text: string) => toCIDR(text) instanceof CIDR),
  fn('string', 'cidr_to_string', [CIDR_TYPE], STRING, (cidr: CIDR) => formatPrefix(cidr.prefix)),
  contains('containsIP', ['cidr_contains_ip_string', 'cidr_contains_ip_ip'], IP_TYPE, containsIP),
  contains('containsCIDR', ['cidr_contains_cidr_string', 'cidr_contains_cidr'], CIDR_TYPE, containsCIDR),
  member('ip', 'cidr_ip', [CIDR_TYPE], IP_TYPE, (cidr: CIDR) => new IP(cidr.prefix.address)),
  member('prefixLength', 'cidr_prefix_length', [CIDR_TYPE], INT, (cidr: CIDR) => BigInt(cidr.prefix.bits)),
  member('masked', 'cidr_masked', [CIDR_TYPE], CIDR_TYPE, masked),
];
