/** Rules for limit ranges. */

import { duplicate, type FieldError, forbidden, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { formatFixed } from '../../../runtime/go-format.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseResourceList } from '../pod-resources.ts';
import { isOvercommitAllowed } from '../resource-names.ts';
import type { LimitRange, LimitRangeItem } from '../v1/types.ts';
import { sortedEntries, validateQualifiedName } from './helpers.ts';
import { validateContainerResourceName, validateResourceName } from './resource-requirements.ts';

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, path: FieldPath): FieldError[] {
  const errors = validateQualifiedName(type, path);
  if (errors.length > 0 || type.includes('/') || TYPES.includes(type)) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function validateNames(item: LimitRangeItem, field: keyof LimitRangeItem, path: FieldPath): FieldError[] {
  const forContainers = item.type === 'Pod' || item.type === 'Container';
  const rule = forContainers ? validateContainerResourceName : validateResourceName;
  const list = item[field] as Readonly<Record<string, string>> | undefined;
  return sortedEntries(list).flatMap(([name]) => rule(name, path.child(field).key(name)));
}

interface Amounts {
  readonly min?: Quantity | undefined;
  readonly max?: Quantity | undefined;
  readonly byDefault?: Quantity | undefined;
  readonly request?: Quantity | undefined;
  readonly ratio?: Quantity | undefined;
}

/** Pairs of amounts that must be ordered, with the field, value and text of the error. */
function validateOrder(
  { min, max, byDefault, request }: Amounts,
  name: string,
  path: FieldPath,
): FieldError[] {
  const above = (a: Quantity | undefined, b: Quantity | undefined): boolean =>
    a !== undefined && b !== undefined && a.cmp(b) > 0;
  const at = (field: string): FieldPath => path.child(field).key(name);
  const errors: FieldError[] = [];
  if (above(min, max)) {
    errors.push(invalid(at('min'), `${min}`, `min value ${min} is greater than max value ${max}`));
  }
  if (above(min, request)) {
    const detail = `min value ${min} is greater than default request value ${request}`;
    errors.push(invalid(at('defaultRequest'), `${request}`, detail));
  }
  if (above(request, max)) {
    const detail = `default request value ${request} is greater than max value ${max}`;
    errors.push(invalid(at('defaultRequest'), `${request}`, detail));
  }
  if (above(request, byDefault)) {
    const detail = `default request value ${request} is greater than default limit value ${byDefault}`;
    errors.push(invalid(at('defaultRequest'), `${request}`, detail));
  }
  if (above(min, byDefault)) {
    const detail = `min value ${min} is greater than default value ${byDefault}`;
    errors.push(invalid(at('default'), `${min}`, detail));
  }
  if (above(byDefault, max)) {
    const detail = `default value ${byDefault} is greater than max value ${max}`;
    errors.push(invalid(at('default'), `${max}`, detail));
  }
  return errors;
}

function validateRatio({ min, max, ratio }: Amounts, path: FieldPath): FieldError[] {
  if (ratio === undefined) return [];
  const errors: FieldError[] = [];
  if (ratio.cmp(Quantity.fromInteger(1)) < 0) {
    errors.push(invalid(path, `${ratio}`, `ratio ${ratio} is less than 1`));
  }
  if (min === undefined || max === undefined) return errors;
  const limit = max.asNumber() / min.asNumber();
  if (ratio.asNumber() <= limit) return errors;
  return [
    ...errors,
    invalid(path, `${ratio}`, `ratio ${ratio} is greater than max/min = ${formatFixed(limit, 6)}`),
  ];
}

function validateAmounts(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const isPod = item.type === 'Pod';
  const min = parseResourceList(item.min);
  const max = parseResourceList(item.max);
  const defaults = parseResourceList(isPod ? undefined : item.default);
  const requests = parseResourceList(isPod ? undefined : item.defaultRequest);
  const ratios = parseResourceList(item.maxLimitRequestRatio);
  const lists = [min, max, defaults, requests, ratios];
  const names = [...new Set(lists.flatMap((list) => [...list.keys()]))].sort();
  return names.flatMap((name) => {
    const byDefault = defaults.get(name);
    const request = requests.get(name);
    const amounts = { min: min.get(name), max: max.get(name), byDefault, request, ratio: ratios.get(name) };
    const errors = [
      ...validateOrder(amounts, name, path),
      ...validateRatio(amounts, path.child('maxLimitRequestRatio').key(name)),
    ];
    const bothSet = byDefault !== undefined && request !== undefined;
    if (!isOvercommitAllowed(name) && bothSet && byDefault.cmp(request) !== 0) {
      const detail = `default value ${byDefault} must equal to defaultRequest value ${request} in ${name}`;
      errors.push(invalid(path.child('defaultRequest').key(name), `${request}`, detail));
    }
    return errors;
  });
}

function validateItem(item: LimitRangeItem, path: FieldPath): FieldError[] {
  const errors = [...validateNames(item, 'max', path), ...validateNames(item, 'min', path)];
  for (const field of ['default', 'defaultRequest'] as const) {
    if (item.type !== 'Pod') appendAll(errors, validateNames(item, field, path));
    else if (Object.keys(item[field] ?? {}).length > 0) {
      errors.push(forbidden(path.child(field), "may not be specified when `type` is 'Pod'"));
    }
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(path.child('limits'), detail));
  }
  return [...errors, ...validateNames(item, 'maxLimitRequestRatio', path), ...validateAmounts(item, path)];
}

export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const path = FieldPath.of('spec', 'limits');
  const seen = new Set<string>();
  return [
    ...(spec?.limits ?? []).flatMap((item, index) => {
      const at = path.index(index);
      const errors = validateType(item.type, at.child('type'));
      if (seen.has(item.type)) errors.push(duplicate(at.child('type'), item.type));
      seen.add(item.type);
      return [...errors, ...validateItem(item, at)];
    }),
  ];
}
