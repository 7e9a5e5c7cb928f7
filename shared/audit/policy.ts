/** https://github.com/kubernetes/apiserver/tree/master/pkg/audit/policy */

import { ConfigFieldsError } from '../meta/config-fields-error.ts';
import { type FieldError, invalid, notSupported, required } from '../meta/field-error.ts';
import { FieldPath } from '../meta/field-path.ts';
import { isDNS1123Subdomain } from '../meta/validation/names.ts';
import {
  ANY,
  BOOLEAN,
  ConfigFileError,
  type ConfigKind,
  decodeConfigFile,
  listOf,
  STRING,
  STRINGS,
  structOf,
} from '../runtime/config-file.ts';
import { AUDIT_LEVELS, AUDIT_STAGES, type AuditLevel, type AuditStage } from './event.ts';

export interface GroupResources {
  /** '' is the core group, `*` every group. */
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface PolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** The first rule that matches a request determines how much of it is logged. */
export interface Policy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

const RULE = structOf('PolicyRule', {
  level: STRING,
  users: STRINGS,
  userGroups: STRINGS,
  verbs: STRINGS,
  resources: listOf(
    structOf('GroupResources', { group: STRING, resources: STRINGS, resourceNames: STRINGS }),
  ),
  namespaces: STRINGS,
  nonResourceURLs: STRINGS,
  omitStages: STRINGS,
  omitManagedFields: BOOLEAN,
});

export const AUDIT_POLICY: ConfigKind = {
  group: 'audit.k8s.io',
  versions: ['v1'],
  kind: 'Policy',
  fields: { metadata: ANY, rules: listOf(RULE), omitStages: STRINGS, omitManagedFields: BOOLEAN },
};

function validateLevel(level: string | undefined, path: FieldPath): FieldError[] {
  if (!level) return [required(path, '')];
  return AUDIT_LEVELS.includes(level as AuditLevel) ? [] : [notSupported(path, level, AUDIT_LEVELS)];
}

function validateOmitStages(stages: readonly string[] | undefined, path: FieldPath): FieldError[] {
  return (stages ?? []).flatMap((stage, index) =>
    AUDIT_STAGES.includes(stage as AuditStage)
      ? []
      : [invalid(path.index(index), stage, `allowed stages are ${AUDIT_STAGES.join(',')}`)],
  );
}

function validateURLs(urls: readonly string[] | undefined, path: FieldPath): FieldError[] {
  return (urls ?? []).flatMap((url, index) => {
    if (url === '*') return [];
    const at = path.index(index);
    const errors: FieldError[] = [];
    if (!url.startsWith('/')) {
      errors.push(invalid(at, url, "non-resource URL rules must begin with a '/' character"));
    }
    if (url.slice(0, -1).includes('*')) {
      errors.push(invalid(at, url, "non-resource URL wildcards '*' must be the final character of the rule"));
    }
    return errors;
  });
}

function validateResources(all: readonly GroupResources[] | undefined, path: FieldPath): FieldError[] {
  return (all ?? []).flatMap(({ group = '', resources = [], resourceNames = [] }) => {
    const errors: FieldError[] = [];
    const problems = group === '' || group === '*' ? [] : isDNS1123Subdomain(group);
    if (problems.length > 0) errors.push(invalid(path.child('group'), group, problems.join(',')));
    if (resourceNames.length > 0 && resources.length === 0) {
      const detail = 'using resourceNames requires at least one resource';
      errors.push(invalid(path.child('resourceNames'), resourceNames, detail));
    }
    return errors;
  });
}

function validateRule(rule: PolicyRule, path: FieldPath): FieldError[] {
  const errors = [
    ...validateLevel(rule.level, path.child('level')),
    ...validateURLs(rule.nonResourceURLs, path.child('nonResourceURLs')),
    ...validateResources(rule.resources, path.child('resources')),
    ...validateOmitStages(rule.omitStages, path.child('omitStages')),
  ];
  if (rule.nonResourceURLs?.length && (rule.resources?.length || rule.namespaces?.length)) {
    const detail = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalid(path.child('nonResourceURLs'), rule.nonResourceURLs, detail));
  }
  return errors;
}

/** Parses `--audit-policy-file`. Throws `ConfigFileError`. */
export async function loadPolicy(text: string): Promise<Policy> {
  const { config } = await decodeConfigFile<Policy>(text, AUDIT_POLICY);
  const rules = config.rules ?? [];
  const errors = [
    ...validateOmitStages(config.omitStages, FieldPath.of('omitStages')),
    ...rules.flatMap((rule, index) => validateRule(rule, FieldPath.of('rules').index(index))),
  ];
  if (errors.length > 0) throw new ConfigFieldsError(errors);
  if (rules.length === 0) throw new ConfigFileError('loaded illegal policy with 0 rules');
  return { ...config, rules };
}
