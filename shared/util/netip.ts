/** IP addresses and prefixes, parsed and formatted as Go's net/netip does (https://pkg.go.dev/net/netip). */

import { appendAll } from './append-all.ts';

/** An address that can't be parsed; the message is netip's. */
export class IPAddressError extends Error {
  override readonly name = 'IPAddressError';
}

export interface IPAddress {
  /** 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** The zone of an IPv6 address, after `%`; '' if there is none. */
  readonly zone: string;
}

export interface IPPrefix {
  readonly address: IPAddress;
  readonly bits: number;
}

function failure(text: string, message: string, at?: string): IPAddressError {
  const where = at === undefined ? '' : ` (at ${JSON.stringify(at)})`;
  return new IPAddressError(`ParseAddr(${JSON.stringify(text)}): ${message}${where}`);
}

/** Throws `IPAddressError`. */
export function parseAddress(text: string): IPAddress {
  for (const char of text) {
    if (char === '.') return { bytes: parseIPv4(text, text), zone: '' };
    if (char === ':') return parseIPv6(text);
    if (char === '%') throw failure(text, 'missing IPv6 address');
  }
  throw failure(text, 'unable to parse IP');
}

function parseIPv4(whole: string, part: string): Uint8Array {
  const fields = part.split('.');
  for (const [i, field] of fields.entries()) {
    const bad = /[^0-9]/.exec(field);
    const rest = fields.slice(i).join('.');
    if (bad !== null) throw failure(whole, 'unexpected character', rest.slice(bad.index));
    if (field === '')
      throw failure(whole, 'IPv4 field must have at least one digit', i === 0 ? rest : `.${rest}`);
    if (field.length > 1 && field.startsWith('0'))
      throw failure(whole, 'IPv4 field has octet with leading zero');
    if (Number(field) > 255) throw failure(whole, 'IPv4 field has value >255');
    if (i === 4) throw failure(whole, 'IPv4 address too long');
  }
  if (fields.length < 4) throw failure(whole, 'IPv4 address too short');
  return Uint8Array.from(fields, Number);
}

function parseIPv6(text: string): IPAddress {
  const percent = text.indexOf('%');
  const zone = percent < 0 ? '' : text.slice(percent + 1);
  if (percent >= 0 && zone === '') throw failure(text, 'zone must be a non-empty string');
  let rest = percent < 0 ? text : text.slice(0, percent);
  const bytes: number[] = [];
  let ellipsis = -1;
  if (rest.startsWith('::')) {
    ellipsis = 0;
    rest = rest.slice(2);
    if (rest === '') return { bytes: new Uint8Array(16), zone };
  }
  while (bytes.length < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)![0];
    if (digits.length > 4) throw failure(text, 'each group must have 4 or less digits', rest);
    if (digits === '') throw failure(text, 'each colon-separated field must have at least one digit', rest);
    if (rest[digits.length] === '.') {
      if (ellipsis < 0 && bytes.length !== 12) {
        throw failure(text, 'embedded IPv4 address must replace the final 2 fields of the address', rest);
      }
      if (bytes.length + 4 > 16)
        throw failure(text, 'too many hex fields to fit an embedded IPv4 at the end of the address', rest);
      appendAll(bytes, parseIPv4(text, rest));
      rest = '';
      break;
    }
    const value = Number.parseInt(digits, 16);
    bytes.push(value >> 8, value & 255);
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) throw failure(text, 'unexpected character, want colon', rest);
    if (rest === ':') throw failure(text, 'colon must be followed by more characters', rest);
    rest = rest.slice(1);
    if (rest.startsWith(':')) {
      if (ellipsis >= 0) throw failure(text, 'multiple :: in address', rest);
      ellipsis = bytes.length;
      rest = rest.slice(1);
      if (rest === '') break;
    }
  }
  if (rest !== '') throw failure(text, 'trailing garbage after address', rest);
  if (bytes.length < 16) {
    if (ellipsis < 0) throw failure(text, 'address string too short');
    bytes.splice(ellipsis, 0, ...new Array<number>(16 - bytes.length).fill(0));
  } else if (ellipsis >= 0) {
    throw failure(text, 'the :: must expand to at least one field of zeros');
  }
  return { bytes: Uint8Array.from(bytes), zone };
}

/** Throws `IPAddressError`. */
export function parsePrefix(text: string): IPPrefix {
  const fail = (message: string): IPAddressError =>
    new IPAddressError(`netip.ParsePrefix(${JSON.stringify(text)}): ${message}`);
  const slash = text.lastIndexOf('/');
  if (slash < 0) throw fail("no '/'");
  let address: IPAddress;
  try {
    address = parseAddress(text.slice(0, slash));
  } catch (error) {
    throw fail((error as Error).message);
  }
  if (address.zone !== '') throw fail('IPv6 zones cannot be present in a prefix');
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d*)$/.test(length)) throw fail(`bad bits after slash: ${JSON.stringify(length)}`);
  const bits = Number(length);
  if (bits > address.bytes.length * 8) throw fail('prefix length out of range');
  return { address, bits };
}

/** Whether it is an IPv4-mapped IPv6 address (`::ffff:1.2.3.4`). */
export function isIPv4Mapped({ bytes }: IPAddress): boolean {
  return (
    bytes.length === 16 &&
    bytes.subarray(0, 10).every((b) => b === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255
  );
}

/** Formats canonically (RFC 5952). */
export function formatAddress(address: IPAddress): string {
  const { bytes, zone } = address;
  if (bytes.length === 4) return bytes.join('.');
  const suffix = zone === '' ? '' : `%${zone}`;
  if (isIPv4Mapped(address)) return `::ffff:${bytes.subarray(12).join('.')}${suffix}`;
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  let best = { start: -1, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return hex(groups) + suffix;
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}${suffix}`;
}

export function formatPrefix(prefix: IPPrefix): string {
  return `${formatAddress(prefix.address)}/${prefix.bits}`;
}

/** The address with the bits after the prefix cleared. */
export function maskAddress(address: IPAddress, bits: number): IPAddress {
  const bytes = address.bytes.map((byte, i) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * i));
    return byte & (0xff00 >> kept) & 0xff;
  });
  return { bytes, zone: '' };
}

export function sameAddress(a: IPAddress, b: IPAddress): boolean {
  return a.zone === b.zone && Buffer.compare(a.bytes, b.bytes) === 0;
}

/** Whether the prefix contains the address; false if their families differ. */
export function prefixContains(prefix: IPPrefix, address: IPAddress): boolean {
  if (address.zone !== '' || address.bytes.length !== prefix.address.bytes.length) return false;
  return sameAddress(maskAddress(address, prefix.bits), maskAddress(prefix.address, prefix.bits));
}
