/** The rules that the types of v1alpha3 declare. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  required,
  shownAs,
  tooLong,
  tooMany,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { immutableError, minimumError } from '../../../meta/validation/declarative.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import {
  DNS1123_SUBDOMAIN_MAX_LENGTH,
  isDNS1123Subdomain,
  isDNS1123SubdomainCaseless,
} from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type {
  PoolStatus,
  ResourcePoolStatusRequest,
  ResourcePoolStatusRequestStatus,
} from '../v1alpha3/types.ts';

const SPEC = FieldPath.of('spec');
const STATUS = FieldPath.of('status');
const MAX_LIMIT = 1000;
const MAX_CONDITIONS = 10;
const MAX_ERROR_SIZE = 256;

function validateDriver(driver: string, path: FieldPath): FieldError[] {
  return driver === '' ? [required(path, '')] : invalidEach(path, driver, isDNS1123SubdomainCaseless(driver));
}

function validatePoolName(name: string, path: FieldPath): FieldError[] {
  const errors =
    byteLength(name) > DNS1123_SUBDOMAIN_MAX_LENGTH ? [tooLong(path, DNS1123_SUBDOMAIN_MAX_LENGTH)] : [];
  return errors.concat(
    name.split('/').flatMap((part, index) => {
      const messages = part === '' ? ['must not be empty'] : isDNS1123Subdomain(part);
      return messages.map((message) =>
        invalid(path, part === '' ? name : part, `segment ${index}: ${message}`),
      );
    }),
  );
}

export function validateResourcePoolStatusRequest({ spec }: ResourcePoolStatusRequest): FieldError[] {
  const { driver, poolName, limit } = spec;
  const errors = validateDriver(driver, SPEC.child('driver'));
  if (poolName !== undefined) appendAll(errors, validatePoolName(poolName, SPEC.child('poolName')));
  const path = SPEC.child('limit');
  if (limit === undefined) return [...errors, required(path, '')];
  if (limit > MAX_LIMIT) {
    return [...errors, invalid(path, limit, `must be less than or equal to ${MAX_LIMIT}`)];
  }
  return limit < 1 ? [...errors, minimumError(path, limit, 1)] : errors;
}

export const validateResourcePoolStatusRequestUpdate = (
  request: ResourcePoolStatusRequest,
  old: ResourcePoolStatusRequest,
): FieldError[] => (semanticDeepEqual(request.spec, old.spec) ? [] : [immutableError(SPEC)]);

/** A request is answered once. */
export function validateResourcePoolStatusRequestStatusUpdate(
  { status }: ResourcePoolStatusRequest,
  { status: old }: ResourcePoolStatusRequest,
): FieldError[] {
  const declared = status && !semanticDeepEqual(status, old) ? validateStatus(status) : [];
  if (old) {
    const errors = validateImmutableField(status, old, STATUS);
    return [...shownAs('resource.ResourcePoolStatusRequestStatus', errors), ...declared];
  }
  return [...validateConditions(status?.conditions, STATUS.child('conditions')), ...declared];
}

const atLeast = (value: number | undefined, min: number, path: FieldPath): FieldError[] =>
  value !== undefined && value < min ? [minimumError(path, value, min)] : [];

function validateStatus({
  poolCount,
  pools = [],
  conditions = [],
}: ResourcePoolStatusRequestStatus): FieldError[] {
  const countPath = STATUS.child('poolCount');
  const errors = poolCount === undefined ? [required(countPath, '')] : atLeast(poolCount, 0, countPath);
  const poolsPath = STATUS.child('pools');
  if (pools.length > MAX_LIMIT) errors.push(tooMany(poolsPath, pools.length, MAX_LIMIT));
  else
    appendAll(
      errors,
      pools.flatMap((pool, index) => validatePool(pool, poolsPath.index(index))),
    );
  const path = STATUS.child('conditions');
  if (conditions.length > MAX_CONDITIONS) {
    return [...errors, tooMany(path, conditions.length, MAX_CONDITIONS)];
  }
  const isRepeated = seenBefore<string>();
  return errors.concat(
    conditions.flatMap((condition, index) =>
      isRepeated(condition.type) ? [duplicate(path.index(index), condition)] : [],
    ),
  );
}

const COUNTS = ['totalDevices', 'allocatedDevices', 'availableDevices', 'unavailableDevices'] as const;

function validatePool(pool: PoolStatus, path: FieldPath): FieldError[] {
  const { driver = '', poolName = '', generation, resourceSliceCount, nodeName, validationError } = pool;
  const errors = validateDriver(driver, path.child('driver'));
  const namePath = path.child('poolName');
  appendAll(errors, poolName === '' ? [required(namePath, '')] : validatePoolName(poolName, namePath));
  const generationPath = path.child('generation');
  if (generation === 0) errors.push(required(generationPath, ''));
  appendAll(
    errors,
    atLeast(generation, 0, generationPath),
    atLeast(resourceSliceCount, 1, path.child('resourceSliceCount')),
    COUNTS.flatMap((field) => atLeast(pool[field], 0, path.child(field))),
  );
  if (nodeName !== undefined) {
    appendAll(errors, invalidEach(path.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)));
  }
  if (validationError !== undefined && byteLength(validationError) > MAX_ERROR_SIZE) {
    errors.push(tooLong(path.child('validationError'), MAX_ERROR_SIZE));
  }
  return errors;
}
