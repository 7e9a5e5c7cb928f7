/** Reads DER (ITU-T X.690) strictly: definite lengths only, no trailing data. */

export interface DERValue {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** The value with its identifier and length. */
  readonly raw: Uint8Array;
}

export class DERError extends Error {
  override readonly name = 'DERError';
}

export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

function readAt(bytes: Uint8Array, at: number): DERValue {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DERError('truncated value');
  if ((tag & 0x1f) === 0x1f) throw new DERError('high tag numbers are not supported');
  let length = first;
  let start = at + 2;
  if (first >= 0x80) {
    const octets = first - 0x80;
    if (octets === 0 || octets > 4) throw new DERError('bad length');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[start + i] ?? 0);
    start += octets;
    if (length < 0x80 || length < 256 ** (octets - 1)) throw new DERError('length is not minimal');
  }
  if (start + length > bytes.length) throw new DERError('truncated value');
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) };
}

/** Reads consecutive values until the end of `bytes`. */
export function readDERSequence(bytes: Uint8Array): DERValue[] {
  const values: DERValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = readAt(bytes, at);
    values.push(value);
    at += value.raw.length;
  }
  return values;
}

export function readDER(bytes: Uint8Array, tag: number): DERValue {
  const value = readAt(bytes, 0);
  if (value.raw.length !== bytes.length) throw new DERError('trailing data');
  if (value.tag !== tag) throw new DERError(`unexpected tag ${value.tag}`);
  return value;
}

/**
 * The dotted form, `2.5.4.3`. Throws `DERError` for arcs that are too large, truncated, or not minimally encoded: each
 * identifier has exactly one encoding.
 */
export function objectIdentifier({ tag, content }: DERValue): string {
  const arcs: number[] = [];
  let arc = 0;
  let isBegun = false;
  for (const byte of content) {
    if (!isBegun && byte === 0x80) throw new DERError('object identifier is not minimal');
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 0x7fff_ffff) throw new DERError('object identifier is too large');
    isBegun = (byte & 0x80) !== 0;
    if (isBegun) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first, ...rest] = arcs;
  if (tag !== DER_TAG.objectIdentifier || isBegun || first === undefined) {
    throw new DERError('bad object identifier');
  }
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}

/**
 * Milliseconds since the epoch of a UTCTime or GeneralizedTime in the form that RFC 5280 requires: with seconds, and
 * `Z`.
 */
export function derTime({ tag, content }: DERValue): number {
  const text = Buffer.from(content).toString('latin1');
  const pattern = /^(\d\d|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
  const [, year = '', ...fields] = pattern.exec(text) ?? [];
  const digits = tag === DER_TAG.utcTime ? 2 : tag === DER_TAG.generalizedTime ? 4 : 0;
  if (year.length !== digits || digits === 0) throw new DERError(`bad time ${JSON.stringify(text)}`);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
  const full = digits === 4 ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
  const time = new Date(0);
  time.setUTCFullYear(full, month - 1, day);
  time.setUTCHours(hour, minute, second);
  const same = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour;
  if (!same || minute > 59 || second > 59) throw new DERError(`bad time ${JSON.stringify(text)}`);
  return time.getTime();
}

const DECODERS = new Map<number, (content: Uint8Array) => string>([
  [
    DER_TAG.utf8String,
    (content) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content),
  ],
  [DER_TAG.printableString, (content) => Buffer.from(content).toString('latin1')],
  [DER_TAG.ia5String, (content) => Buffer.from(content).toString('latin1')],
  [DER_TAG.teletexString, (content) => Buffer.from(content).toString('latin1')],
  [
    DER_TAG.bmpString,
    (content) => new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }).decode(content),
  ],
]);

/** The text of a string value; undefined for any other type of value. */
export function derString({ tag, content }: DERValue): string | undefined {
  return DECODERS.get(tag)?.(content);
}
