/** Rules for resource quotas. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { FIELD_IMMUTABLE } from '../../../meta/validation/object-meta.ts';
import { isStandardQuotaResourceName } from '../resource-names.ts';
import type {
  ResourceQuota,
  ResourceQuotaSpec,
  ResourceQuotaStatus,
  ScopedResourceSelectorRequirement,
} from '../v1/types.ts';
import { quantityOf, sortedEntries, validateResourceQuantityValue } from './helpers.ts';
import { validateResourceName } from './resource-requirements.ts';

const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const PODS_AND_COMPUTE = ['pods', ...COMPUTE];

/** The resources to which each scope applies. */
const SCOPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['Terminating', PODS_AND_COMPUTE],
  ['NotTerminating', PODS_AND_COMPUTE],
  ['BestEffort', ['pods']],
  ['NotBestEffort', PODS_AND_COMPUTE],
  ['PriorityClass', PODS_AND_COMPUTE],
  ['CrossNamespacePodAffinity', PODS_AND_COMPUTE],
  ['VolumeAttributesClass', ['persistentvolumeclaims', 'requests.storage']],
]);
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
];
const ONLY_EXISTS = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateResourceQuotaResourceName(name: string, path: FieldPath): FieldError[] {
  const errors = validateResourceName(name, path);
  if (name.includes('/') || isStandardQuotaResourceName(name)) return errors;
  return [...errors, invalid(path, name, 'must be a standard resource for quota')];
}

function validateAmounts(list: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  return sortedEntries(list).flatMap(([name, text]) => [
    ...validateResourceQuotaResourceName(name, path.key(name)),
    ...validateResourceQuantityValue(name, quantityOf(text), path.key(name)),
  ]);
}

/** The number of the quota's resources to which a scope doesn't apply; upstream reports each with the same text. */
function misfitsIn({ hard }: ResourceQuotaSpec): (scope: string) => number {
  const names = Object.keys(hard ?? {}).filter(isStandardQuotaResourceName);
  const known = new Map(
    [...SCOPES].map(([scope, fitting]) => [scope, names.filter((name) => !fitting.includes(name)).length]),
  );
  return (scope) => known.get(scope) ?? 0;
}

function conflicts(scopes: readonly string[], shown: unknown, path: FieldPath): FieldError[] {
  return CONFLICTS.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() =>
    invalid(path, shown, 'conflicting scopes'),
  );
}

/** Maximum number of errors of one kind; upstream reports one for each scope and resource. */
const MAX_MISFITS = 10_000;

/** Repeats an error up to a common maximum. */
function repeater(): (count: number, error: FieldError) => FieldError[] {
  let room = MAX_MISFITS;
  return (count, error) => {
    const reported = Math.min(count, room);
    room -= reported;
    return Array<FieldError>(reported).fill(error);
  };
}

function validateScopes(spec: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const scopes = spec.scopes ?? [];
  const misfits = misfitsIn(spec);
  const repeat = repeater();
  const errors = scopes.flatMap((scope) => [
    ...(SCOPES.has(scope) ? [] : [invalid(path, scopes, 'unsupported scope')]),
    ...repeat(misfits(scope), invalid(path, scopes, 'unsupported scope applied to resource')),
  ]);
  return [...errors, ...conflicts(scopes, scopes, path)];
}

function validateOperator(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  if (ONLY_EXISTS.includes(scopeName) && operator !== 'Exists') {
    errors.push(invalid(path.child('operator'), operator, MUST_EXIST));
  }
  if (operator === 'In' || operator === 'NotIn') {
    const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(required(path.child('values'), detail));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(invalid(path.child('values'), values, detail));
  } else {
    errors.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  }
  return errors;
}

function validateScopeSelector(spec: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const { scopeSelector } = spec;
  if (!scopeSelector) return [];
  const at = path.child('matchExpressions');
  const expressions = scopeSelector.matchExpressions ?? [];
  // Upstream's internal type, which has no JSON names.
  const shown = {
    MatchExpressions: expressions.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  };
  const misfits = misfitsIn(spec);
  const repeat = repeater();
  const errors = expressions.flatMap((expression) => {
    const { scopeName } = expression;
    const unfit = invalid(at, shown, 'unsupported scope applied to resource');
    return [
      ...(SCOPES.has(scopeName) ? [] : [invalid(at.child('scopeName'), scopeName, 'unsupported scope')]),
      ...repeat(misfits(scopeName), unfit),
      ...validateOperator(expression, at),
    ];
  });
  const scopes = expressions.map(({ scopeName }) => scopeName);
  return [...errors, ...conflicts(scopes, spec.scopes ?? null, at)];
}

function validateSpec(spec: ResourceQuotaSpec): FieldError[] {
  const path = FieldPath.of('spec');
  return [
    ...validateAmounts(spec.hard, path.child('hard')),
    ...validateScopes(spec, path.child('scopes')),
    ...validateScopeSelector(spec, path.child('scopeSelector')),
  ];
}

function validateStatus(status: ResourceQuotaStatus | undefined): FieldError[] {
  const path = FieldPath.of('status');
  return [
    ...validateAmounts(status?.hard, path.child('hard')),
    ...validateAmounts(status?.used, path.child('used')),
  ];
}

export function validateResourceQuota({ spec, status }: ResourceQuota): FieldError[] {
  return [...validateSpec(spec ?? {}), ...validateStatus(status)];
}

export function validateResourceQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const now = new Set(quota.spec?.scopes ?? []);
  const before = new Set(old.spec?.scopes ?? []);
  const same = now.size === before.size && [...now].every((scope) => before.has(scope));
  return [
    ...validateSpec(quota.spec ?? {}),
    ...(same ? [] : [invalid('spec.scopes', quota.spec?.scopes ?? null, FIELD_IMMUTABLE)]),
  ];
}

export function validateResourceQuotaStatusUpdate({ status }: ResourceQuota): FieldError[] {
  return validateStatus(status);
}
