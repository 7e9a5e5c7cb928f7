/** Validates the rules of webhooks and policies. */

import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isPathSegmentName } from '../../../meta/validation/names.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type { NamedRuleWithOperations, RuleWithOperations } from '../v1/types.ts';

const ALL = '*';
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

const notOnlyAll = (values: readonly string[], path: FieldPath, others: string): FieldError[] =>
  values.length > 1 && values.includes(ALL)
    ? [invalid(path, values, `if '*' is present, must not specify other ${others}`)]
    : [];

const requireSome = (values: readonly string[], path: FieldPath): FieldError[] =>
  values.length === 0 ? [required(path, '')] : [];

export function validateRule(rule: RuleWithOperations, path: FieldPath): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  const at = {
    operations: path.child('operations'),
    groups: path.child('apiGroups'),
    versions: path.child('apiVersions'),
  };
  const errors = [
    ...requireSome(operations, at.operations),
    ...notOnlyAll(operations, at.operations, 'operations'),
    ...operations.flatMap((operation, index) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(at.operations.index(index), operation, OPERATIONS)],
    ),
    ...requireSome(apiGroups, at.groups),
    ...notOnlyAll(apiGroups, at.groups, 'API groups'),
    ...requireSome(apiVersions, at.versions),
    ...notOnlyAll(apiVersions, at.versions, 'API versions'),
    ...apiVersions.flatMap((version, index) =>
      version === '' ? [required(at.versions.index(index), '')] : [],
    ),
    ...validateResources(resources, path.child('resources')),
  ];
  if (scope !== undefined && !SCOPES.includes(scope)) {
    errors.push(notSupported(path.child('scope'), scope, SCOPES));
  }
  return errors;
}

/** No resource may be covered by another entry. */
function validateResources(resources: readonly string[], path: FieldPath): FieldError[] {
  const errors = requireSome(resources, path);
  const allSubresourcesOf = new Set<string>();
  const ofAllResources = new Set<string>();
  // Upstream only checks the last of them.
  let lastIsPlain = false;
  for (const [index, text] of resources.entries()) {
    if (text === '') {
      errors.push(required(path.index(index), ''));
      continue;
    }
    const slash = text.indexOf('/');
    if (slash === -1) {
      lastIsPlain = text !== ALL;
      continue;
    }
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)];
    for (const wider of [
      ...(allSubresourcesOf.has(resource) ? [`${resource}/*`] : []),
      ...(ofAllResources.has(subresource) ? [`*/${subresource}`] : []),
    ]) {
      const detail = `if '${wider}' is present, must not specify ${text}`;
      errors.push(invalid(path.index(index), text, detail));
    }
    if (subresource === ALL) allSubresourcesOf.add(resource);
    if (resource === ALL) ofAllResources.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes(ALL) && lastIsPlain) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(path, resources, detail));
  }
  return errors;
}

export function validateNamedRule(rule: NamedRuleWithOperations, path: FieldPath): FieldError[] {
  const names = rule.resourceNames ?? [];
  const isRepeated = seenBefore<string>();
  const errors = names.flatMap((name, index) => {
    const at = path.child('resourceNames').index(index);
    return [
      ...invalidEach(at, name, isPathSegmentName(name)),
      ...(isRepeated(name) ? [duplicate(at, name)] : []),
    ];
  });
  return errors.concat(validateRule(rule, path));
}
