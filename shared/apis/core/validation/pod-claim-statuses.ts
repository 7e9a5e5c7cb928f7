/** Rules for the resource claim statuses of a pod. */

import { duplicate, type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  NodeAllocatableMappedResources,
  NodeAllocatableOverheadResources,
  Pod,
  PodExtendedResourceClaimStatus,
  PodSpec,
} from '../v1/types.ts';
import { firstByName } from './first-by-name.ts';
import { invalidEach, quantityOf, validateDNS1123Label } from './helpers.ts';

const STATUS = FieldPath.of('status');

export function validateClaimStatuses({ spec, status }: Pod): FieldError[] {
  const path = STATUS.child('resourceClaimStatuses');
  const claims = firstByName(spec.resourceClaims);
  const seen = new Set<string>();
  return (status?.resourceClaimStatuses ?? []).flatMap(({ name, resourceClaimName }, index) => {
    const at = path.index(index).child('name');
    const claimAt = path.index(index).child('resourceClaimName');
    const errors: FieldError[] = [];
    if (!claims.has(name)) {
      errors.push(invalid(at, name, 'must match the name of an entry in `spec.resourceClaims`'));
    }
    if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    if (resourceClaimName === undefined) return errors;
    return [...errors, ...invalidEach(claimAt, resourceClaimName, isDNS1123Subdomain(resourceClaimName))];
  });
}

export function validateExtendedClaim(
  status: PodExtendedResourceClaimStatus | undefined,
  spec: PodSpec,
): FieldError[] {
  if (!status) return [];
  const path = STATUS.child('extendedResourceClaimStatus');
  const mappings = path.child('requestMappings');
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  if (!status.requestMappings?.length) {
    errors.push(required(mappings, 'at least one request mapping is required'));
  }
  for (const [index, mapping] of (status.requestMappings ?? []).entries()) {
    const { containerName, resourceName, requestName } = mapping;
    const at = mappings.index(index);
    const container = containers.findLast(({ name }) => name === containerName);
    if (container === undefined) {
      const detail = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(invalid(at.child('containerName'), containerName, detail));
    } else if (container.resources?.requests?.[resourceName] === undefined) {
      const detail =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errors.push(invalid(at.child('resourceName'), resourceName, detail));
    }
    appendAll(errors, validateDNS1123Label(requestName, path.child('requestName')));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errors.push(duplicate(at.child('containerName'), containerName));
      errors.push(duplicate(at.child('resourceName'), resourceName));
      errors.push(duplicate(at.child('requestName'), requestName));
    }
    seen.add(key);
  }
  const claim = status.resourceClaimName;
  const at = path.child('resourceClaimName');
  if (!claim) return [...errors, required(at, '')];
  return [...errors, ...invalidEach(at, claim, isDNS1123Subdomain(claim))];
}

/** Validates the node resources that claims allocate to containers. */
export function validateNodeAllocatable({ spec, status = {} }: Pod): FieldError[] {
  const claims = new Set(
    [...(spec.resourceClaims ?? []), ...(status.resourceClaimStatuses ?? [])].map(
      ({ resourceClaimName }) => resourceClaimName,
    ),
  );
  const path = STATUS.child('nodeAllocatableResourceClaimStatuses');
  return (status.nodeAllocatableResourceClaimStatuses ?? []).flatMap((one, index) => {
    const { resourceClaimName: claim, mapping, overhead } = one;
    if (!claim) return [];
    const at = path.index(index);
    const unknown = invalid(at.child('resourceClaimName'), claim, 'no mapping found in pod reference');
    return [
      ...(claims.has(claim) ? [] : [unknown]),
      ...validateMapped(mapping, at.child('mapping')),
      ...validateOverhead(overhead, at.child('overhead')),
    ];
  });
}

function validateMapped(
  mapped: readonly NodeAllocatableMappedResources[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (mapped ?? []).flatMap(({ name, quantity }, index) => [
    ...validateAllocatableName(name, path.index(index).child('name')),
    ...validateAmount(quantity, path.index(index).child('quantity')),
  ]);
}

function validateOverhead(
  overhead: readonly NodeAllocatableOverheadResources[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (overhead ?? []).flatMap(({ name, perPod, perContainer }, index) => {
    const at = path.index(index);
    const errors = validateAllocatableName(name, at.child('name'));
    if (perPod === undefined && perContainer === undefined) {
      return [...errors, invalid(at, '', 'at least one of perPod or perContainer must be set')];
    }
    return [
      ...errors,
      ...validateAmount(perPod, at.child('perPod')),
      ...validateAmount(perContainer, at.child('perContainer')),
    ];
  });
}

function validateAllocatableName(name: string, path: FieldPath): FieldError[] {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
    ? []
    : [invalid(path, name, 'must be a node allocatable resource name')];
}

function validateAmount(quantity: string | undefined, path: FieldPath): FieldError[] {
  if (!quantity || quantityOf(quantity).sign >= 0) return [];
  return [invalid(path, quantityOf(quantity).toString(), 'must be non-negative')];
}
