/** https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/warnings.go */

import { FieldPath } from '../../../meta/field-path.ts';
import { warningsForIP } from '../../../meta/validation/ip.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appendAll } from '../../../util/append-all.ts';
import { deprecatedNodeLabelMessage } from '../../node/node-labels.ts';
import type { Affinity, Pod, PodSpec, PodTemplateSpec, Volume } from '../v1/types.ts';
import { SECCOMP_POD } from '../validation/security-profiles.ts';
import { warningsForContainerPorts } from './container-ports.ts';
import { warningsForContainers } from './containers.ts';
import { warningsForFractionalBytes } from './fractional-bytes.ts';
import { warningsForNodeSelectorTerm } from './node-selectors.ts';
import { warningsForPersistentVolumeClaimSpec } from './persistent-volume-claims.ts';
import { warningsForOverlappingPaths } from './volume-paths.ts';

const NULL_SELECTOR = 'a null labelSelector results in matching no pod';
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod':
    'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
/** Fields of volumes with their names in the internal version. */
const VOLUMES: readonly (readonly [keyof Volume, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

export function warningsForPod({ metadata, spec }: Pod): string[] {
  return warningsFor({ metadata, spec }, FieldPath.of(''), { isTemplate: false });
}

export function warningsForPodTemplate(template: PodTemplateSpec | undefined, path: FieldPath): string[] {
  if (!template?.spec) return [];
  return warningsFor({ metadata: template.metadata, spec: template.spec }, path, { isTemplate: true });
}

interface PodParts {
  readonly metadata: PodTemplateSpec['metadata'];
  readonly spec: PodSpec;
}

function warningsFor(pod: PodParts, root: FieldPath, options: { readonly isTemplate: boolean }): string[] {
  const { spec } = pod;
  const path = root.child('spec');
  const warnings = [
    ...warningsForNodeLabels(spec, path),
    ...warningsForTopologySpread(spec, path),
    ...warningsForAnnotations(pod, root),
    ...(spec.volumes ?? []).flatMap((volume, index) =>
      warningsForVolume(volume, path.child('volumes').index(index)),
    ),
    ...warningsForOverlappingPaths(spec.volumes ?? []),
    ...warningsForDuplicates(spec, path),
    ...['memory', 'ephemeral-storage'].flatMap((name) =>
      warningsForFractionalBytes(spec.overhead, name, path.child('overhead')),
    ),
    ...warningsForSeccomp(pod, root),
    ...warningsForContainers(pod, root, options),
    ...warningsForContainerPorts(spec, path),
  ];
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    const at = path.child('terminationGracePeriodSeconds');
    warnings.push(`${at}: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  return [
    ...warnings,
    ...warningsForPodAffinity(spec.affinity, path.child('affinity')),
    ...warningsForAddresses(spec, path),
  ];
}

function warningsForNodeLabels({ nodeSelector = {}, affinity }: PodSpec, path: FieldPath): string[] {
  const warnings = Object.keys(nodeSelector).flatMap((key) => {
    const text = deprecatedNodeLabelMessage(key);
    return text === undefined ? [] : [`${path.child('nodeSelector').key(key)}: ${text}`];
  });
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = affinity?.nodeAffinity ?? {};
  const preferred = affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const at = path.child('affinity', 'nodeAffinity');
  const requiredPath = at.child('requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms');
  const preferredPath = at.child('preferredDuringSchedulingIgnoredDuringExecution');
  for (const [index, term] of (required?.nodeSelectorTerms ?? []).entries()) {
    appendAll(warnings, warningsForNodeSelectorTerm(term, requiredPath.index(index), { checkValues: false }));
  }
  for (const [index, { preference }] of preferred.entries()) {
    const termPath = preferredPath.index(index).child('preference');
    appendAll(warnings, warningsForNodeSelectorTerm(preference, termPath, { checkValues: true }));
  }
  return warnings;
}

function warningsForTopologySpread(spec: PodSpec, path: FieldPath): string[] {
  return (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, index) => {
    const at = path.child('topologySpreadConstraints').index(index);
    const text = deprecatedNodeLabelMessage(topologyKey);
    return [
      ...(text === undefined ? [] : [`${at.child('topologyKey')}: ${topologyKey} is ${text}`]),
      ...(labelSelector ? [] : [`${at.child('labelSelector')}: ${NULL_SELECTOR}`]),
    ];
  });
}

function warningsForAnnotations({ metadata }: PodParts, root: FieldPath): string[] {
  const path = root.child('metadata', 'annotations');
  return Object.entries(ANNOTATIONS)
    .filter(([key]) => Object.hasOwn(metadata?.annotations ?? {}, key))
    .map(([key, text]) => `${path.key(key)}: ${text}`);
}

function warningsForVolume(volume: Volume, path: FieldPath): string[] {
  const warnings = VOLUMES.filter(([field]) => volume[field] !== undefined).map(
    ([, name, text]) => `${path.child(name)}: ${text}`,
  );
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (!claim) return warnings;
  const at = path.child('ephemeral', 'volumeClaimTemplate', 'spec');
  return [...warnings, ...warningsForPersistentVolumeClaimSpec(claim.spec, at)];
}

function* duplicates(values: readonly string[]): Generator<readonly [number, string]> {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value)) yield [index, value];
    seen.add(value);
  }
}

function warningsForDuplicates(
  { hostAliases = [], imagePullSecrets = [] }: PodSpec,
  path: FieldPath,
): string[] {
  const warnings: string[] = [];
  for (const [index, ip] of duplicates(hostAliases.map(({ ip }) => ip))) {
    warnings.push(`${path.child('hostAliases').index(index).child('ip')}: duplicate ip ${quote(ip)}`);
  }
  const names = imagePullSecrets.map(({ name }) => name ?? '');
  const at = (index: number) => path.child('imagePullSecrets').index(index).child('name');
  for (const [index, name] of duplicates(names)) {
    warnings.push(`${at(index)}: duplicate name ${quote(name)}`);
  }
  for (const [index, name] of names.entries()) {
    if (name === '') warnings.push(`${at(index)}: invalid empty name ""`);
  }
  return warnings;
}

function warningsForSeccomp({ metadata, spec }: PodParts, root: FieldPath): string[] {
  if (spec.securityContext?.seccompProfile) return [];
  if (!Object.hasOwn(metadata?.annotations ?? {}, SECCOMP_POD)) return [];
  const path = root.child('metadata', 'annotations').key(SECCOMP_POD);
  return [`${path}: non-functional in v1.27+; use the "seccompProfile" field instead`];
}

function warningsForPodAffinity(affinity: Affinity | undefined, path: FieldPath): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((field) => {
    const required = affinity?.[field]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const preferred = affinity?.[field]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const requiredPath = path.child(field, 'requiredDuringSchedulingIgnoredDuringExecution');
    const preferredPath = path.child(field, 'preferredDuringSchedulingIgnoredDuringExecution');
    const paths = [
      ...required.map((term, index) => [term, requiredPath.index(index)] as const),
      ...preferred.map(
        ({ podAffinityTerm }, index) =>
          [podAffinityTerm, preferredPath.index(index).child('podAffinityTerm')] as const,
      ),
    ];
    return paths
      .filter(([term]) => !term?.labelSelector)
      .map(([, at]) => `${at.child('labelSelector')}: ${NULL_SELECTOR}`);
  });
}

function warningsForAddresses({ dnsConfig, hostAliases = [] }: PodSpec, path: FieldPath): string[] {
  const servers = path.child('dnsConfig', 'nameservers');
  return [
    ...(dnsConfig?.nameservers ?? []).flatMap((ip, index) => warningsForIP(servers.index(index), ip)),
    ...hostAliases.flatMap(({ ip }, index) =>
      warningsForIP(path.child('hostAliases').index(index).child('ip'), ip),
    ),
  ];
}
