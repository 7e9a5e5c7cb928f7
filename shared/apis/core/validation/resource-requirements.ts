/** Rules for resource requirements of containers and pods. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isQualifiedName } from '../../../meta/validation/names.ts';
import { Quantity } from '../../../runtime/quantity.ts';
import { appendAll } from '../../../util/append-all.ts';
import {
  isExtendedResourceName,
  isHugePageResourceName,
  isHugePageResourceValueDivisible,
  isNativeResource,
  isOvercommitAllowed,
  isStandardContainerResourceName,
  isStandardResourceName,
} from '../resource-names.ts';
import type { ResourceClaim, ResourceRequirements } from '../v1/types.ts';
import {
  invalidEach,
  sortedEntries,
  validateDNS1123Label,
  validateResourceQuantityValue,
} from './helpers.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const POD_LEVEL = ['cpu', 'hugepages-', 'memory'];

export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = invalidEach(path, name, isQualifiedName(name));
  if (errors.length > 0 || name.includes('/') || isStandardResourceName(name)) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (!name.includes('/')) {
    if (!isStandardContainerResourceName(name)) {
      errors.push(invalid(path, name, 'must be a standard resource for containers'));
    }
  } else if (!isNativeResource(name) && !isExtendedResourceName(name)) {
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  }
  return errors;
}

function validatePodResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (errors.length > 0 || name === 'cpu' || name === 'memory' || isHugePageResourceName(name)) return errors;
  return [notSupported(path, name, POD_LEVEL)];
}

type ResourceNameRule = (name: string, path: FieldPath) => FieldError[];

interface Context {
  readonly validateName: ResourceNameRule;
  readonly podClaimNames: ReadonlySet<string>;
  readonly options: PodValidationOptions;
}

function validateAmount(
  name: string,
  quantity: Quantity,
  path: FieldPath,
  { validateName }: Context,
): FieldError[] {
  return [...validateName(name, path), ...validateResourceQuantityValue(name, quantity, path)];
}

function validateHugePages(
  name: string,
  quantity: Quantity,
  path: FieldPath,
  { options }: Context,
): FieldError[] {
  if (!isHugePageResourceName(name) || options.allowIndivisibleHugePagesValues) return [];
  if (isHugePageResourceValueDivisible(name, quantity)) return [];
  return [invalid(path, quantity.toString(), `${quantity} is not positive integer multiple of ${name}`)];
}

/** A request must not exceed the limit, and must equal it if overcommitment isn't allowed. */
function validateAgainstLimit(
  name: string,
  quantity: Quantity,
  limit: Quantity | undefined,
  path: FieldPath,
): FieldError[] {
  const overcommit = isOvercommitAllowed(name);
  if (limit === undefined) {
    if (overcommit) return [];
    return [required(path.child('limits'), 'Limit must be set for non overcommitable resources')];
  }
  const order = quantity.cmp(limit);
  const at = path.child('requests');
  if (order !== 0 && !overcommit) {
    return [invalid(at, quantity.toString(), `must be equal to ${name} limit of ${limit}`)];
  }
  if (order <= 0) return [];
  return [invalid(at, quantity.toString(), `must be less than or equal to ${name} limit of ${limit}`)];
}

function validateRequirements(
  { limits = {}, requests = {}, claims }: ResourceRequirements,
  path: FieldPath,
  context: Context,
): FieldError[] {
  const errors: FieldError[] = [];
  const parsedLimits = new Map<string, Quantity>();
  for (const [name, text] of sortedEntries(limits)) {
    const quantity = Quantity.parse(text);
    parsedLimits.set(name, quantity);
    const at = path.child('limits').key(name);
    appendAll(errors, validateAmount(name, quantity, at, context));
    appendAll(errors, validateHugePages(name, quantity, at, context));
  }
  for (const [name, text] of sortedEntries(requests)) {
    const quantity = Quantity.parse(text);
    const at = path.child('requests').key(name);
    appendAll(errors, validateAmount(name, quantity, at, context));
    appendAll(errors, validateAgainstLimit(name, quantity, parsedLimits.get(name), path));
    appendAll(errors, validateHugePages(name, quantity, at, context));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePageResourceName) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbidden(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaimNames(claims, context.podClaimNames, path.child('claims'))];
}

/** A claim may be referenced once as a whole, or several times by its requests. */
function validateClaimNames(
  claims: readonly ResourceClaim[] | undefined,
  podClaimNames: ReadonlySet<string>,
  path: FieldPath,
): FieldError[] {
  const seen = new Set<string>();
  /** Number of references to requests of a claim. */
  const parts = new Map<string, number>();
  return (claims ?? []).flatMap(({ name, request }, index) => {
    const at = path.index(index);
    if (!name) return [required(at, '')];
    const errors: FieldError[] = [];
    if (seen.has(name)) {
      errors.push(duplicate(at, name));
    } else {
      if (request) appendAll(errors, validateDNS1123Label(request, at.child('request')));
      const key = request ? `${name}/${request}` : name;
      if (seen.has(key)) errors.push(duplicate(at, key));
      else if (!request) {
        for (let part = parts.get(name) ?? 0; part > 0; part--) errors.push(duplicate(at, name));
      } else parts.set(name, (parts.get(name) ?? 0) + 1);
      seen.add(key);
    }
    if (!podClaimNames.has(name)) errors.push(unknownClaim(name, podClaimNames, at));
    return errors;
  });
}

/** Names of a pod's claims as listed in errors, cached because each container may have one. */
const shownNames = new WeakMap<ReadonlySet<string>, string>();

function unknownClaim(name: string, podClaimNames: ReadonlySet<string>, path: FieldPath): FieldError {
  let shown = shownNames.get(podClaimNames);
  if (shown === undefined) {
    shown = podClaimNames.size === 0 ? ' which is empty' : `: ${[...podClaimNames].sort().join(', ')}`;
    shownNames.set(podClaimNames, shown);
  }
  return { ...notFound(path, name), detail: `must be one of the names in pod.spec.resourceClaims${shown}` };
}

export function validateContainerResourceRequirements(
  requirements: ResourceRequirements | undefined,
  podClaimNames: ReadonlySet<string>,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const context = { validateName: validateContainerResourceName, podClaimNames, options };
  return validateRequirements(requirements ?? {}, path, context);
}

export function validatePodResourceRequirements(
  requirements: ResourceRequirements,
  podClaimNames: ReadonlySet<string>,
  path: FieldPath,
  options: PodValidationOptions,
): FieldError[] {
  const context = { validateName: validatePodResourceName, podClaimNames, options };
  return validateRequirements(requirements, path, context);
}
