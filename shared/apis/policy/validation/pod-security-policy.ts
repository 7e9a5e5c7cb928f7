/** https://github.com/kubernetes/kubernetes/blob/release-1.20/pkg/apis/policy/validation/validation.go */

import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1123Subdomain } from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import { isAppArmorProfile, validateSeccompAnnotation } from '../../core/validation/security-profiles.ts';
import { validateCSIDriverName } from '../../core/validation/volume-sources.ts';
import {
  ALL,
  ALLOWED_APPARMOR_PROFILES,
  ALLOWED_SECCOMP_PROFILES,
  DEFAULT_APPARMOR_PROFILE,
  DEFAULT_SECCOMP_PROFILE,
  VOLUME_TYPES,
} from '../pod-security-policy.ts';
import type {
  AllowedHostPath,
  IDRange,
  PodSecurityPolicy,
  PodSecurityPolicySpec,
  RuntimeClassStrategyOptions,
} from '../v1beta1/types.ts';
import { validateSysctlOverlaps, validateSysctlPatterns } from './sysctl-patterns.ts';

const SPEC = FieldPath.of('spec');
const ANNOTATIONS = FieldPath.of('metadata', 'annotations');

export function validatePodSecurityPolicy({ metadata, spec }: PodSecurityPolicy): FieldError[] {
  return [...validateAnnotations(metadata.annotations ?? {}), ...validateSpec(spec)];
}

function validateAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const rows = [
    [DEFAULT_APPARMOR_PROFILE, (text: string) => [text], appArmorErrors],
    [ALLOWED_APPARMOR_PROFILES, (text: string) => text.split(','), appArmorErrors],
    [DEFAULT_SECCOMP_PROFILE, (text: string) => [text], validateSeccompAnnotation],
    [
      ALLOWED_SECCOMP_PROFILES,
      (text: string) => text.split(',').filter((profile) => profile !== ALL),
      validateSeccompAnnotation,
    ],
  ] as const;
  return rows.flatMap(([key, profiles, errorsOf]) => {
    const text = annotations[key];
    if (!text) return [];
    return profiles(text).flatMap((profile) => errorsOf(profile, ANNOTATIONS.key(key), text));
  });
}

function appArmorErrors(profile: string, path: FieldPath, text: string): FieldError[] {
  return isAppArmorProfile(profile)
    ? []
    : [invalid(path, text, `invalid AppArmor profile name: ${quote(profile)}`)];
}

const RUN_AS_USER_RULES = ['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny'];
const SE_LINUX_RULES = ['MustRunAs', 'RunAsAny'];
const GROUP_RULES = ['MayRunAs', 'MustRunAs', 'RunAsAny'];
const KNOWN_VOLUMES = [...Object.values(VOLUME_TYPES), ALL].sort();

function validateSpec(spec: PodSecurityPolicySpec): FieldError[] {
  const allowedUnsafe = SPEC.child('allowedUnsafeSysctls');
  const forbiddenSysctls = SPEC.child('forbiddenSysctls');
  return [
    ...validateRule(SPEC.child('runAsUser'), spec.runAsUser, RUN_AS_USER_RULES),
    ...validateRunAsGroup(spec.runAsGroup),
    ...validateRule(SPEC.child('seLinux'), { rule: spec.seLinux.rule }, SE_LINUX_RULES),
    ...validateRule(SPEC.child('supplementalGroups'), spec.supplementalGroups, GROUP_RULES),
    ...validateRule(SPEC.child('fsGroup'), spec.fsGroup, GROUP_RULES),
    ...(spec.volumes ?? [])
      .filter((type) => !KNOWN_VOLUMES.includes(type))
      .map((type) => notSupported(SPEC.child('volumes'), type, KNOWN_VOLUMES)),
    ...validateCapabilities(spec),
    ...validateEscalation(spec),
    ...(spec.allowedProcMountTypes ?? []).flatMap((type, index) =>
      PROC_MOUNTS.includes(type)
        ? []
        : [notSupported(SPEC.child('allowedProcMountTypes').index(index), type, PROC_MOUNTS)],
    ),
    ...validateHostPaths(spec.allowedHostPaths ?? []),
    ...(spec.allowedFlexVolumes ?? []).flatMap(({ driver }, index) =>
      driver === '' ? [required(FLEX_VOLUMES.index(index).child('driver'), 'must specify a driver')] : [],
    ),
    ...(spec.allowedCSIDrivers ?? []).flatMap(({ name }, index) =>
      validateCSIDriverName(name, CSI_DRIVERS.index(index).child('name')),
    ),
    ...validateSysctlPatterns(allowedUnsafe, spec.allowedUnsafeSysctls ?? []),
    ...validateSysctlPatterns(forbiddenSysctls, spec.forbiddenSysctls ?? []),
    ...validateSysctlOverlaps(
      { path: allowedUnsafe, patterns: spec.allowedUnsafeSysctls ?? [] },
      { path: forbiddenSysctls, patterns: spec.forbiddenSysctls ?? [] },
    ),
    ...validateRuntimeClass(SPEC.child('runtimeClass'), spec.runtimeClass),
  ];
}

const PROC_MOUNTS = ['Default', 'Unmasked'];
// Upstream repeats the names of these lists.
const FLEX_VOLUMES = SPEC.child('allowedFlexVolumes', 'allowedFlexVolumes');
const CSI_DRIVERS = SPEC.child('allowedCSIDrivers', 'allowedCSIDriver');

interface RuleOptions {
  readonly rule?: string | undefined;
  readonly ranges?: readonly IDRange[] | undefined;
}

function validateRule(
  path: FieldPath,
  { rule = '', ranges = [] }: RuleOptions,
  rules: readonly string[],
): FieldError[] {
  return [
    ...(rules.includes(rule) ? [] : [notSupported(path.child('rule'), rule, rules)]),
    ...validateRanges(path, ranges),
  ];
}

function validateRanges(path: FieldPath, ranges: readonly IDRange[]): FieldError[] {
  return ranges.flatMap(({ min, max }, index) => {
    const at = path.child('ranges').index(index);
    return [
      ...(min < 0 ? [invalid(at.child('min'), min, 'min cannot be negative')] : []),
      ...(max < 0 ? [invalid(at.child('max'), max, 'max cannot be negative')] : []),
      ...(min > max ? [invalid(at.child('min'), min, 'min cannot be greater than max')] : []),
    ];
  });
}

function validateRunAsGroup(options: RuleOptions | undefined): FieldError[] {
  if (options === undefined) return [];
  const { rule = '', ranges = [] } = options;
  const path = SPEC.child('runAsGroup');
  if (rule === 'RunAsAny') {
    if (ranges.length === 0) return [];
    const shown = ranges.map(({ min, max }) => ({ Min: min, Max: max }));
    return [invalid(path.child('ranges'), shown, 'Ranges must be empty')];
  }
  if (rule !== 'MustRunAs' && rule !== 'MayRunAs') {
    return [notSupported(path.child('rule'), rule, ['MustRunAs', 'RunAsAny', 'MayRunAs'])];
  }
  return ranges.length === 0
    ? [invalid(path.child('ranges'), null, 'must provide at least one range')]
    : validateRanges(path, ranges);
}

function validateCapabilities(spec: PodSecurityPolicySpec): FieldError[] {
  const drops = spec.requiredDropCapabilities ?? [];
  if (drops.length === 0) return [];
  const everything = spec.allowedCapabilities?.includes(ALL)
    ? [
        invalid(
          'requiredDropCapabilities',
          drops,
          'must be empty when all capabilities are allowed by a wildcard',
        ),
      ]
    : [];
  const dropped = new Set(drops);
  return everything.concat(
    (['defaultAddCapabilities', 'allowedCapabilities'] as const).flatMap((field) =>
      (spec[field] ?? [])
        .filter((capability) => dropped.has(capability))
        .map((capability) =>
          invalid(field, capability, `capability is listed in ${field} and requiredDropCapabilities`),
        ),
    ),
  );
}

function validateEscalation(spec: PodSecurityPolicySpec): FieldError[] {
  if (!spec.defaultAllowPrivilegeEscalation || spec.allowPrivilegeEscalation) return [];
  const detail =
    'Cannot set DefaultAllowPrivilegeEscalation to true without also setting AllowPrivilegeEscalation to true';
  return [invalid(SPEC.child('defaultAllowPrivilegeEscalation'), true, detail)];
}

function validateHostPaths(paths: readonly AllowedHostPath[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { pathPrefix = '' }] of paths.entries()) {
    const at = SPEC.child('allowedHostPaths').index(index);
    if (pathPrefix === '') return [...errors, required(at, 'is required')];
    if (pathPrefix.split('/').includes('..')) errors.push(invalid(at, pathPrefix, "must not contain '..'"));
  }
  return errors;
}

function validateRuntimeClass(
  path: FieldPath,
  options: RuntimeClassStrategyOptions | undefined,
): FieldError[] {
  if (options === undefined) return [];
  const { defaultRuntimeClassName: given } = options;
  const names = options.allowedRuntimeClassNames ?? [];
  const at = path.child('allowedRuntimeClassNames');
  const isRepeated = seenBefore<string>();
  const errors = names.flatMap((name, index) => [
    ...(name === ALL ? [] : invalidEach(at.index(index), name, isDNS1123Subdomain(name))),
    ...(isRepeated(name) ? [duplicate(at.index(index), name)] : []),
  ]);
  if (given !== undefined) {
    appendAll(errors, invalidEach(path.child('defaultRuntimeClassName'), given, isDNS1123Subdomain(given)));
    if (!names.includes(given) && !names.includes(ALL)) {
      errors.push(required(at, `default ${quote(given)} must be allowed`));
    }
  }
  if (names.includes(ALL) && names.length > 1) {
    errors.push(invalid(at, names, "if '*' is present, must not specify other RuntimeClass names"));
  }
  return errors;
}
