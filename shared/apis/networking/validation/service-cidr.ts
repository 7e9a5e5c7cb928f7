import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidCIDR } from '../../../meta/validation/ip.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { parseCIDR } from '../../../util/ip.ts';
import type { ServiceCIDR } from '../v1/types.ts';

const CIDRS = FieldPath.of('spec', 'cidrs');
const ONE_OF_A_FAMILY =
  'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

export function validateServiceCIDR({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec.cidrs ?? [];
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(CIDRS, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, index) => isValidCIDR(CIDRS.index(index), cidr));
  const [first, second] = cidrs.map((cidr) => parseCIDR(cidr)?.address.family);
  if (cidrs.length === 2 && first !== undefined && first === second) {
    errors.push(invalid(CIDRS, cidrs, ONE_OF_A_FAMILY));
  }
  return errors;
}

/** A secondary family may be added; everything else is immutable. */
export function validateServiceCIDRUpdate(update: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const cidrs = update.spec.cidrs ?? [];
  const stored = old.spec.cidrs ?? [];
  const gainsFamily = stored.length === 1 && cidrs.length === 2;
  if (cidrs.length !== stored.length && !gainsFamily) return [invalid(CIDRS, cidrs, FIELD_IMMUTABLE)];
  const errors = stored.flatMap((cidr, index) =>
    cidr === cidrs[index] ? [] : [invalid(CIDRS.index(index), cidrs[index], FIELD_IMMUTABLE)],
  );
  return gainsFamily ? errors.concat(validateServiceCIDR(update)) : errors;
}
