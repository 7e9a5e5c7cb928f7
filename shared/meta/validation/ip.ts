/** Rules for IP addresses and CIDR values (apimachinery `pkg/util/validation/ip.go`). */

import { quote } from '../../runtime/go-format.ts';
import { type CIDR, formatCIDR, formatIP, type IPAddress, parseCIDR, parseIP } from '../../util/ip.ts';
import { type FieldError, invalid } from '../field-error.ts';
import type { FieldPath } from '../field-path.ts';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

const NONE: ReadonlySet<string> = new Set();

/** For fields that predate strict validation. `validOld` are the values in the stored object, valid or not. */
export function isValidIPForLegacyField(
  path: FieldPath,
  value: string,
  validOld: ReadonlySet<string | undefined> = NONE,
): FieldError[] {
  if (validOld.has(value)) return [];
  const ip = parseIP(value);
  if (ip === undefined) return [invalid(path, value, BAD_IP)];
  if (ip.leadingZeros) return [strictly(path, value, 'must not have leading 0s')];
  return ip.mapped ? [strictly(path, value, 'must not be an IPv4-mapped IPv6 address')] : [];
}

/** An error for notations of older clients, which are allowed if the gate is off. */
const strictly = (path: FieldPath, value: string, detail: string): FieldError => ({
  ...invalid(path, value, detail),
  gate: 'StrictIPCIDRValidation',
});

const always = ({ gate: _, ...error }: FieldError): FieldError => error;

/** Requires the canonical form. */
export function isValidIP(path: FieldPath, value: string): FieldError[] {
  const errors = isValidIPForLegacyField(path, value);
  if (errors.length > 0) return errors.map(always);
  const canonical = formatIP(parseIP(value)!);
  return value === canonical ? [] : [invalid(path, value, `must be in canonical form (${quote(canonical)})`)];
}

export function isValidCIDRForLegacyField(
  path: FieldPath,
  value: string,
  validOld: ReadonlySet<string | undefined> = NONE,
): FieldError[] {
  return validOld.has(value) ? [] : legacyCIDRErrors(path, value, parseCIDR(value));
}

/** Like `isValidCIDRForLegacyField`, for a parsed value. */
export function legacyCIDRErrors(path: FieldPath, value: string, cidr: CIDR | undefined): FieldError[] {
  if (cidr === undefined) return [invalid(path, value, BAD_CIDR)];
  if (cidr.leadingZeros) {
    return [strictly(path, value, 'must not have leading 0s in IP or prefix length')];
  }
  if (cidr.address.mapped) return [strictly(path, value, 'must not have an IPv4-mapped IPv6 address')];
  if (cidr.address.value !== cidr.base) {
    return [strictly(path, value, 'must not have bits set beyond the prefix length')];
  }
  return [];
}

/** Requires the canonical form. */
export function isValidCIDR(path: FieldPath, value: string): FieldError[] {
  const errors = isValidCIDRForLegacyField(path, value);
  if (errors.length > 0) return errors.map(always);
  const canonical = formatCIDR(parseCIDR(value)!);
  return value === canonical ? [] : [invalid(path, value, `must be in canonical form (${quote(canonical)})`)];
}

/** An address with the prefix length of its network, in canonical form. */
export function isValidInterfaceAddress(path: FieldPath, value: string): FieldError[] {
  const cidr = parseCIDR(value);
  if (cidr === undefined) {
    const detail = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
    return [invalid(path, value, detail)];
  }
  const canonical = `${formatIP(cidr.address)}/${cidr.prefixLength}`;
  return value === canonical ? [] : [invalid(path, value, `must be in canonical form (${quote(canonical)})`)];
}

const isStrict = (ip: IPAddress, leadingZeros: boolean): boolean => !leadingZeros && !ip.mapped;

/** For a value that `isValidIPForLegacyField` accepted. */
export function warningsForIP(path: FieldPath, value: string): string[] {
  const ip = parseIP(value);
  if (ip === undefined) return [];
  const isStandard = isStrict(ip, ip.leadingZeros);
  if (isStandard && ip.family === 4) return [];
  const canonical = formatIP(ip);
  if (!isStandard) {
    return [`${path}: non-standard IP address ${quote(value)} is invalid: use ${quote(canonical)}`];
  }
  if (canonical === value) return [];
  return [
    `${path}: IPv6 address ${quote(value)} should be in RFC 5952 canonical format (${quote(canonical)})`,
  ];
}

/** For a value that `isValidCIDRForLegacyField` accepted. */
export function warningsForCIDR(path: FieldPath, value: string): string[] {
  const cidr = parseCIDR(value);
  if (cidr === undefined) return [];
  const warnings = cidr.address.value === cidr.base ? [] : [ambiguous(path, value, cidr)];
  const canonical = formatCIDR(cidr);
  if (!isStrict(cidr.address, cidr.leadingZeros)) {
    warnings.push(`${path}: non-standard CIDR value ${quote(value)} is invalid: use ${quote(canonical)}`);
  }
  if (warnings.length === 0 && cidr.address.family === 6 && canonical !== value) {
    warnings.push(
      `${path}: IPv6 CIDR value ${quote(value)} should be in RFC 5952 canonical format (${quote(canonical)})`,
    );
  }
  return warnings;
}

function ambiguous(path: FieldPath, value: string, cidr: CIDR): string {
  const single = `${formatIP(cidr.address)}/${cidr.address.family === 4 ? 32 : 128}`;
  return `${path}: CIDR value ${quote(value)} is ambiguous in this context (should be ${quote(formatCIDR(cidr))} or ${quote(single)}?)`;
}
