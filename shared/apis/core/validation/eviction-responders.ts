/**
 * Responders that are notified before a pod is evicted: rules that upstream declares
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/validation.go).
 */

import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  required,
  tooMany,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { minimumError } from '../../../meta/validation/declarative.ts';
import { isPrefixedLabelKey } from '../../../meta/validation/names.ts';
import type { EvictionResponder } from '../v1/types.ts';
import { validateUnreservedDomain } from './reserved-domains.ts';

const MAX_RESPONDERS = 10;
const MAX_PRIORITY = 100_000;
/** Lower priorities are reserved for Kubernetes. */
const MIN_FOREIGN_PRIORITY = 1000;
const RESERVED_PRIORITY = 'priorities 0-999 are reserved for responders with *.k8s.io suffix';

export function validateEvictionResponders(
  responders: readonly EvictionResponder[],
  path: FieldPath,
): FieldError[] {
  if (responders.length > MAX_RESPONDERS) return [tooMany(path, responders.length, MAX_RESPONDERS)];
  const seen = new Set<string>();
  const duplicates = responders.flatMap((responder, index) => {
    if (seen.has(responder.name)) return [duplicate(path.index(index), responder)];
    seen.add(responder.name);
    return [];
  });
  return [
    ...duplicates,
    ...responders.flatMap(({ name, priority }, index) => [
      ...validateName(name, path.index(index).child('name')),
      ...validatePriority(priority, path.index(index).child('priority')),
    ]),
  ];
}

function validateName(name: string, path: FieldPath): FieldError[] {
  if (name === '') return [required(path, '')];
  return [...validateUnreservedDomain(name, path), ...invalidEach(path, name, isPrefixedLabelKey(name))];
}

function validatePriority(priority: number | null | undefined, path: FieldPath): FieldError[] {
  if (priority === undefined || priority === null) return [required(path, '')];
  if (priority < 0) return [minimumError(path, priority, 0)];
  if (priority < MIN_FOREIGN_PRIORITY) return [invalid(path, priority, RESERVED_PRIORITY)];
  if (priority <= MAX_PRIORITY) return [];
  return [invalid(path, priority, `must be less than or equal to ${MAX_PRIORITY}`)];
}
