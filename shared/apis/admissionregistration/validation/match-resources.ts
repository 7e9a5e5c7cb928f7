import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1035Label, isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { MatchResources, ParamKind } from '../v1/types.ts';
import { validateNamedRule } from './rules.ts';
import { FAILURE_POLICIES, MATCH_POLICIES } from './webhook-configuration.ts';

const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** Expects required fields to have been defaulted. */
export function validateMatchResources(match: MatchResources | undefined, path: FieldPath): FieldError[] {
  if (!match) return [];
  const { matchPolicy, resourceRules, excludeResourceRules } = match;
  const errors: FieldError[] = [];
  const policy = path.child('matchPolicy');
  if (matchPolicy === undefined) errors.push(required(policy, ''));
  else if (!MATCH_POLICIES.includes(matchPolicy)) {
    errors.push(notSupported(policy, matchPolicy, MATCH_POLICIES));
  }
  for (const field of ['namespaceSelector', 'objectSelector'] as const) {
    const at = path.child(field);
    appendAll(errors, match[field] ? validateLabelSelector(match[field], at) : [required(at, '')]);
  }
  for (const [field, rules] of Object.entries({ resourceRules, excludeResourceRules })) {
    for (const [index, rule] of (rules ?? []).entries()) {
      appendAll(errors, validateNamedRule(rule, path.child(field).index(index)));
    }
  }
  return errors;
}

/** For a policy, which needs rules. */
export function validateMatchConstraints(match: MatchResources | undefined, path: FieldPath): FieldError[] {
  if (!match) return [required(path, '')];
  const errors = validateMatchResources(match, path);
  return match.resourceRules?.length ? errors : [...errors, required(path.child('resourceRules'), '')];
}

/** Deletions can't be mutated. */
export const validateMutatingOperations = (
  match: MatchResources | undefined,
  path: FieldPath,
): FieldError[] =>
  (match?.resourceRules ?? []).flatMap(({ operations = [] }) =>
    operations
      .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
      .map((operation) =>
        notSupported(path.child('resourceRules', 'operations'), operation, MUTATING_OPERATIONS),
      ),
  );

export function validateFailurePolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (policy === undefined) return [required(path, '')];
  return FAILURE_POLICIES.includes(policy) ? [] : [notSupported(path, policy, FAILURE_POLICIES)];
}

export function validateParamKind(paramKind: ParamKind | undefined, path: FieldPath): FieldError[] {
  if (!paramKind) return [];
  const { apiVersion = '', kind = '' } = paramKind;
  const errors = validateAPIVersion(apiVersion, path.child('apiVersion'));
  const at = path.child('kind');
  if (kind === '') return [...errors, required(at, '')];
  const messages = isDNS1035Label(kind.toLowerCase());
  if (messages.length === 0) return errors;
  const detail = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
  return [...errors, invalid(at, kind, detail)];
}

function validateAPIVersion(apiVersion: string, path: FieldPath): FieldError[] {
  if (apiVersion === '') return [required(path, '')];
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) {
    return [invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  }
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? parts[0]! : '';
  const ofGroup = group === '' ? [] : isDNS1123Subdomain(group);
  const errors = ofGroup.length > 0 ? [invalid(path, group, ofGroup.join(','))] : [];
  if (version === '') return [...errors, invalid(path, apiVersion, 'version must be specified')];
  const ofVersion = isDNS1035Label(version);
  return ofVersion.length > 0 ? [...errors, invalid(path, version, ofVersion.join(','))] : errors;
}
