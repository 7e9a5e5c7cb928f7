/** https://github.com/kubernetes/pod-security-admission/blob/master/admission/api/validation/validation.go */

import { duplicate, type FieldError, formatFieldError, invalid } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { isDNS1123Label, isDNS1123Subdomain } from '../../meta/validation/names.ts';
import { aggregateMessages } from '../../runtime/go-format.ts';
import { notRegistered } from '../../runtime/scheme.ts';
import { isJSONObject } from '../../util/json.ts';
import {
  LATEST,
  levelError,
  MODES,
  type PodSecurityPolicy,
  parseLevel,
  parseVersion,
  versionError,
} from './policy.ts';

export interface PodSecurityConfiguration {
  /** For namespaces without labels. */
  readonly defaults: PodSecurityPolicy;
  readonly namespaces: ReadonlySet<string>;
  readonly usernames: ReadonlySet<string>;
  readonly runtimeClasses: ReadonlySet<string>;
}

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map(
  (version) => `pod-security.admission.config.k8s.io/${version}`,
);

type Fields = Readonly<Record<string, unknown>>;

/** Throws an Error that lists everything that is invalid. */
export function readPodSecurityConfiguration(configuration: unknown): PodSecurityConfiguration {
  const given = configuration === undefined ? {} : decode(configuration);
  const errors: FieldError[] = [];
  const defaults = readDefaults(section(given, 'defaults'), errors);
  const exemptions = section(given, 'exemptions');
  const names = (field: string, check: (name: string) => readonly string[]): ReadonlySet<string> =>
    readNames(exemptions[field], { path: FieldPath.of('exemptions', field), check, errors });
  const result = {
    defaults,
    namespaces: names('namespaces', (name) => isDNS1123Label(name)),
    runtimeClasses: names('runtimeClasses', (name) => isDNS1123Subdomain(name)),
    usernames: names('usernames', (name) => (name === '' ? ['username must not be empty'] : [])),
  };
  if (errors.length > 0) throw new Error(aggregateMessages(errors.map(formatFieldError)));
  return result;
}

function decode(configuration: unknown): Fields {
  if (!isJSONObject(configuration)) throw new Error('PodSecurityConfiguration: expected an object');
  const { apiVersion, kind } = configuration;
  if (kind !== 'PodSecurityConfiguration' || !VERSIONS.includes(String(apiVersion))) {
    throw new Error(notRegistered(String(kind), String(apiVersion)));
  }
  return configuration;
}

function section(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isJSONObject(value) ? value : {};
}

function readDefaults(given: Fields, errors: FieldError[]): PodSecurityPolicy {
  const modes = MODES.map((mode) => {
    const [level, version] = [given[mode] || 'privileged', given[`${mode}-version`] || LATEST].map(String);
    const parsed = { level: parseLevel(level!), version: parseVersion(version!) };
    const path = (field: string): FieldPath => FieldPath.of('defaults', field);
    if (parsed.level === undefined) errors.push(levelError(path(mode), level!));
    if (parsed.version === undefined) errors.push(versionError(path(`${mode}-version`), version!));
    return [mode, parsed];
  });
  return Object.fromEntries(modes) as PodSecurityPolicy;
}

function readNames(
  value: unknown,
  {
    path,
    check,
    errors,
  }: {
    readonly path: FieldPath;
    readonly check: (name: string) => readonly string[];
    readonly errors: FieldError[];
  },
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
    const name = String(item);
    const wrong = check(name);
    if (wrong.length > 0) errors.push(invalid(path.index(index), name, wrong.join(', ')));
    else if (names.has(name)) errors.push(duplicate(path.index(index), name));
    else names.add(name);
  }
  return names;
}
