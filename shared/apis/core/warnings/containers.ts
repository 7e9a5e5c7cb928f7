/** Warnings about individual containers. */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { quote } from '../../../runtime/go-format.ts';
import { appArmorProfileOf } from '../apparmor.ts';
import type { EnvVar, PodTemplateSpec } from '../v1/types.ts';
import { APPARMOR_CONTAINER, SECCOMP_CONTAINER } from '../validation/security-profiles.ts';
import { type ContainerAtPath, containersWithPath } from '../visit-containers.ts';
import { warningsForFractionalBytes } from './fractional-bytes.ts';

/** A second definition should refer to the first: `PATH=$(PATH):/bin`. */
function hidesPrevious({ name, value = '', valueFrom }: EnvVar): boolean {
  const reference = `$(${name})`;
  return valueFrom !== undefined || value === reference || !value.includes(reference);
}

function warningsForEnv({ container, path }: ContainerAtPath): string[] {
  const names = new Set<string>();
  const warnings: string[] = [];
  for (const [index, variable] of (container.env ?? []).entries()) {
    const { name } = variable;
    if (names.has(name) && hidesPrevious(variable)) {
      const at = path.child('env').index(index);
      warnings.push(
        `${at}: hides previous definition of ${quote(name)}, which may be dropped when using apply`,
      );
    }
    names.add(name);
  }
  return warnings;
}

function warningsForBytes({ container, path }: ContainerAtPath): string[] {
  const { resources } = container;
  const at = path.child('resources');
  return ['memory', 'ephemeral-storage'].flatMap((name) => [
    ...warningsForFractionalBytes(resources?.limits, name, at.child('limits')),
    ...warningsForFractionalBytes(resources?.requests, name, at.child('requests')),
  ]);
}

/** `isTemplate`: for pods, the AppArmor warning is added when the annotation is converted to a field. */
export function warningsForContainers(
  { metadata, spec }: Pick<PodTemplateSpec, 'metadata'> & { spec: NonNullable<PodTemplateSpec['spec']> },
  root: FieldPath,
  { isTemplate }: { readonly isTemplate: boolean },
): string[] {
  const annotations = metadata?.annotations ?? {};
  const annotationPath = root.child('metadata', 'annotations');
  const podProfile = spec.securityContext?.appArmorProfile;
  return [...containersWithPath(spec, root.child('spec'))].flatMap((item) => {
    const { name, securityContext } = item.container;
    const warnings: string[] = [];
    const seccomp = `${SECCOMP_CONTAINER}${name}`;
    if (!securityContext?.seccompProfile && Object.hasOwn(annotations, seccomp)) {
      const text = 'non-functional in v1.27+; use the "seccompProfile" field instead';
      warnings.push(`${annotationPath.key(seccomp)}: ${text}`);
    }
    const appArmor = `${APPARMOR_CONTAINER}${name}`;
    if (isTemplate && !securityContext?.appArmorProfile && Object.hasOwn(annotations, appArmor)) {
      if (!podProfile || !semanticDeepEqual(podProfile, appArmorProfileOf(annotations[appArmor]!))) {
        const text = 'deprecated since v1.30; use the "appArmorProfile" field instead';
        warnings.push(`${annotationPath.key(appArmor)}: ${text}`);
      }
    }
    return [...warnings, ...warningsForBytes(item), ...warningsForEnv(item)];
  });
}
