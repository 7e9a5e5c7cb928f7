/** IP addresses and CIDR ranges, parsed and formatted as Go's net and netip packages do. */

export interface IPAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** Whether it was written as IPv4-mapped IPv6 (`::ffff:1.2.3.4`); family and value are then those of IPv4. */
  readonly mapped: boolean;
  /** Whether it has leading zeros, which current parsers reject. */
  readonly leadingZeros: boolean;
}

export interface CIDR {
  /** As written, host bits included. */
  readonly address: IPAddress;
  readonly prefixLength: number;
  /** The first address of the range. */
  readonly base: bigint;
  readonly leadingZeros: boolean;
}

const isMapped = (value: bigint): boolean => value >> 32n === 0xffffn;

const ZERO = '0'.charCodeAt(0);

function parseIPv4(text: string): { value: bigint; leadingZeros: boolean } | undefined {
  let value = 0;
  let leadingZeros = false;
  let part = -1;
  let dots = 0;
  for (let at = 0; at <= text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit >= 0 && digit <= 9) {
      leadingZeros ||= part === 0;
      part = Math.max(part, 0) * 10 + digit;
      if (part > 255) return undefined;
    } else {
      const isDot = text[at] === '.';
      if (part < 0 || (at < text.length && !isDot)) return undefined;
      if (isDot) dots++;
      value = value * 256 + part;
      part = -1;
    }
  }
  return dots === 3 ? { value: BigInt(value), leadingZeros } : undefined;
}

/** The 16-bit groups on one side of `::`; the last may be an IPv4 address. */
function parseGroups(text: string): { groups: number[]; leadingZeros: boolean } | undefined {
  const groups: number[] = [];
  let leadingZeros = false;
  if (text === '') return { groups, leadingZeros };
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const v4 = parseIPv4(part);
      if (v4 === undefined) return undefined;
      groups.push(Number(v4.value >> 16n), Number(v4.value & 0xffffn));
      leadingZeros ||= v4.leadingZeros;
    } else {
      if (!/^[0-9a-fA-F]+$/.test(part)) return undefined;
      const group = Number.parseInt(part, 16);
      if (group > 0xffff) return undefined;
      groups.push(group);
      leadingZeros ||= part.length > 4;
    }
  }
  return { groups, leadingZeros };
}

function parseIPv6(text: string): { value: bigint; leadingZeros: boolean } | undefined {
  const sides = text.split('::');
  if (sides.length > 2) return undefined;
  const [left, right] = sides.map(parseGroups);
  if (left === undefined || (sides.length === 2 && right === undefined)) return undefined;
  // An embedded IPv4 address must come last.
  if (sides.length === 2 && sides[0]!.includes('.')) return undefined;
  const tail = right?.groups ?? [];
  const missing = 8 - left.groups.length - tail.length;
  if (sides.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left.groups, ...Array<number>(missing).fill(0), ...tail];
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return { value, leadingZeros: left.leadingZeros || right?.leadingZeros === true };
}

/** Accepts what Go accepted before 1.17, including leading zeros (`ParseIPSloppy`); no zones. */
export function parseIP(text: string): IPAddress | undefined {
  if (!text.includes(':')) {
    const v4 = parseIPv4(text);
    return v4 && { family: 4, mapped: false, ...v4 };
  }
  const v6 = parseIPv6(text);
  if (v6 === undefined) return undefined;
  if (!isMapped(v6.value)) return { family: 6, mapped: false, ...v6 };
  return { family: 4, mapped: true, value: v6.value & 0xffff_ffffn, leadingZeros: v6.leadingZeros };
}

function formatIPv4(value: bigint): string {
  const bits = Number(value);
  return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}`;
}

/** Formats by RFC 5952: lower case, the longest run of zero groups shortened. */
function formatIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(16 * (7 - index))) & 0xffffn),
  );
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return hex(groups);
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`;
}

/** The canonical text (`net.IP.String`). */
export function formatIP({ family, value }: Pick<IPAddress, 'family' | 'value'>): string {
  return family === 4 ? formatIPv4(value) : formatIPv6(value);
}

const BITS = { 4: 32, 6: 128 } as const;

/** The number of addresses in a range of this prefix length. */
export function rangeSize(family: 4 | 6, prefixLength: number): bigint {
  return 1n << BigInt(BITS[family] - prefixLength);
}

/** Accepts what Go accepted before 1.17 (`ParseCIDRSloppy`). */
export function parseCIDR(text: string): CIDR | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseIP(text.slice(0, slash));
  const bits = text.slice(slash + 1);
  if (address === undefined || !/^\d+$/.test(bits)) return undefined;
  const length = Number(bits);
  const written = address.mapped ? 128 : BITS[address.family];
  if (length > written) return undefined;
  // The prefix length of a mapped address counts the bits of the IPv6 form.
  const prefixLength = address.mapped ? Math.max(0, length - 96) : length;
  const size = rangeSize(address.family, prefixLength);
  const leadingZeros = address.leadingZeros || (bits.length > 1 && bits.startsWith('0'));
  return { address, prefixLength, base: address.value - (address.value % size), leadingZeros };
}

/** The canonical text (`net.IPNet.String`). */
export function formatCIDR({ address: { family }, base, prefixLength }: CIDR): string {
  return `${formatIP({ family, value: base })}/${prefixLength}`;
}

/** Special addresses (`net.IP.IsLoopback` and the like). */
export function isUnspecified({ value }: IPAddress): boolean {
  return value === 0n;
}

export function isLoopback({ family, value }: IPAddress): boolean {
  return family === 4 ? value >> 24n === 127n : value === 1n;
}

export function isMulticast({ family, value }: IPAddress): boolean {
  return family === 4 ? value >> 28n === 0xen : value >> 120n === 0xffn;
}

export function isLinkLocalUnicast({ family, value }: IPAddress): boolean {
  return family === 4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan;
}

export function isLinkLocalMulticast({ family, value }: IPAddress): boolean {
  if (family === 4) return value >> 8n === 0xe00000n;
  return value >> 120n === 0xffn && ((value >> 112n) & 0xfn) === 2n;
}

/** Whether `ips` is exactly one address of each family. */
export function isDualStack(ips: readonly string[]): boolean {
  const families = ips.map((ip) => parseIP(ip)?.family);
  return ips.length === 2 && families.includes(4) && families.includes(6);
}
