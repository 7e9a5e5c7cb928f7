/** IP addresses as Go's package net reads them. */

/** Leading zeros: refused since Go 1.17, still read (as decimal) by Kubernetes' `ParseIPSloppy`. */
export interface IPOptions {
  readonly leadingZeros: boolean;
}

/** The 4 bytes of an IPv4 address; undefined if it isn't one. */
export function parseIPv4(text: string, { leadingZeros }: IPOptions): Uint8Array | undefined {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, octet] of octets.entries()) {
    if (!/^[0-9]{1,}$/.test(octet) || (!leadingZeros && octet.length > 1 && octet.startsWith('0')))
      return undefined;
    const value = Number(octet);
    if (value > 255) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

const readGroups = (text: string): number[] | undefined => {
  if (text === '') return [];
  const groups = text
    .split(':')
    .map((group) => (/^[0-9a-fA-F]{1,4}$/.test(group) ? Number.parseInt(group, 16) : -1));
  return groups.includes(-1) ? undefined : groups;
};

/** The 16 bytes of an IPv6 address (no zone); undefined if it isn't one. */
export function parseIPv6(text: string, options: IPOptions): Uint8Array | undefined {
  let rest = text;
  let tail: number[] = [];
  const lastColon = rest.lastIndexOf(':');
  if (lastColon === -1) return undefined;
  if (rest.includes('.')) {
    const v4 = parseIPv4(rest.slice(lastColon + 1), options);
    if (v4 === undefined) return undefined;
    tail = [(v4[0]! << 8) | v4[1]!, (v4[2]! << 8) | v4[3]!];
    rest = rest.slice(0, lastColon);
    if (rest.endsWith(':')) rest += ':';
    else if (rest === '') return undefined;
  }
  const halves = rest.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0]!);
  const end = halves.length === 2 ? readGroups(halves[1]!) : [];
  if (head === undefined || end === undefined) return undefined;
  const groups = [...head];
  const known = head.length + end.length + tail.length;
  if (halves.length === 2) {
    if (known > 7) return undefined;
    groups.push(...new Array<number>(8 - known).fill(0));
  }
  groups.push(...end, ...tail);
  if (groups.length !== 8) return undefined;
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) {
    bytes[index * 2] = group >> 8;
    bytes[index * 2 + 1] = group & 0xff;
  }
  return bytes;
}

/** An address of either family: 4 or 16 bytes. */
export function parseIP(text: string, options: IPOptions): Uint8Array | undefined {
  return text.includes(':') ? parseIPv6(text, options) : parseIPv4(text, options);
}

/** An address and its prefix length: `10.0.0.0/8`. */
export function parseCIDR(
  text: string,
  options: IPOptions,
): { readonly address: Uint8Array; readonly prefixLength: number } | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) return undefined;
  const address = parseIP(text.slice(0, slash), options);
  const mask = text.slice(slash + 1);
  if (address === undefined || !/^[0-9]{1,7}$/.test(mask)) return undefined;
  const prefixLength = Number(mask);
  return prefixLength <= address.length * 8 ? { address, prefixLength } : undefined;
}
