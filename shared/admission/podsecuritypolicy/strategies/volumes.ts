import type { ProjectedVolumeSource, Volume } from '../../../apis/core/v1/types.ts';
import { containersWithPath } from '../../../apis/core/visit-containers.ts';
import { ALL, VOLUME_TYPES } from '../../../apis/policy/pod-security-policy.ts';
import type { AllowedHostPath, PodSecurityPolicySpec } from '../../../apis/policy/v1beta1/types.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { marshalJSON } from '../../../runtime/go-format.ts';
import type { MutablePod, StrategyFactory } from '../strategy.ts';

const SPEC = FieldPath.of('spec');
const FIELDS = Object.keys(VOLUME_TYPES) as (keyof typeof VOLUME_TYPES)[];

/** Allowed volume types, and restrictions on host paths and drivers. */
export const volumes: StrategyFactory = ({ spec: policy }) => ({
  validatePod: (pod) =>
    (pod.spec.volumes ?? []).flatMap((volume, index) => {
      const at = SPEC.child('volumes').index(index);
      const field = FIELDS.find((name) => volume[name] !== undefined);
      if (field === undefined) {
        return [invalid(at, '', `unknown volume type for volume: ${marshalJSON(volume)}`)];
      }
      const type = VOLUME_TYPES[field];
      if (!allowsType(policy.volumes ?? [], type, volume)) {
        return [invalid(at, type, `${type} volumes are not allowed to be used`)];
      }
      return MORE[field]?.(policy, { pod, volume, at }) ?? [];
    }),
});

interface VolumeOfPod {
  readonly pod: MutablePod;
  readonly volume: Volume;
  readonly at: FieldPath;
}

/** Restrictions in addition to the type. */
const MORE: Readonly<
  Partial<Record<keyof Volume, (policy: PodSecurityPolicySpec, volume: VolumeOfPod) => FieldError[]>>
> = {
  hostPath({ allowedHostPaths = [] }, { pod, volume, at }) {
    if (allowedHostPaths.length === 0) return [];
    const { path } = volume.hostPath!;
    const matching = allowedHostPaths.filter((allowed) => isBelow(path, allowed));
    if (matching.length === 0) {
      return [invalid(at.child('hostPath', 'pathPrefix'), path, 'is not allowed to be used')];
    }
    return matching.every(({ readOnly }) => readOnly) ? writableMounts(pod, volume.name) : [];
  },
  flexVolume({ allowedFlexVolumes = [] }, { volume, at }) {
    const { driver } = volume.flexVolume!;
    if (allowedFlexVolumes.length === 0 || allowedFlexVolumes.some((allowed) => allowed.driver === driver)) {
      return [];
    }
    return [invalid(at.child('driver'), driver, 'Flexvolume driver is not allowed to be used')];
  },
  csi({ allowedCSIDrivers = [] }, { volume, at }) {
    const { driver } = volume.csi!;
    if (allowedCSIDrivers.length === 0 || allowedCSIDrivers.some(({ name }) => name === driver)) return [];
    return [invalid(at.child('csi', 'driver'), driver, 'Inline CSI driver is not allowed to be used')];
  },
};

function allowsType(allowed: readonly string[], type: string, { projected }: Volume): boolean {
  if (allowed.includes(ALL) || allowed.includes(type)) return true;
  // If secrets are allowed, so are projected service account tokens, which replaced token secrets.
  return projected !== undefined && allowed.includes('secret') && isServiceAccountToken(projected);
}

/** Whether a projected volume only contains what the ServiceAccount plugin mounts. */
function isServiceAccountToken({ sources }: ProjectedVolumeSource): boolean {
  return (sources ?? []).every(({ serviceAccountToken: token, configMap, downwardAPI }) => {
    if (!token && !configMap && !downwardAPI) return false;
    if (token && (token.path !== 'token' || token.audience)) return false;
    if (configMap && configMap.name !== 'kube-root-ca.crt') return false;
    return (downwardAPI?.items ?? []).every(
      ({ path, fieldRef }) =>
        path === 'namespace' && fieldRef?.apiVersion === 'v1' && fieldRef.fieldPath === 'metadata.namespace',
    );
  });
}

/** Whether a path is equal to or below the prefix: `/foo` covers `/foo` and `/foo/bar` but not `/food`. */
function isBelow(path: string, { pathPrefix = '' }: AllowedHostPath): boolean {
  const prefix = pathPrefix.replace(/\/$/, '');
  const actual = path.replace(/\/$/, '');
  return actual === prefix || actual.startsWith(`${prefix}/`);
}

function writableMounts({ spec }: MutablePod, name: string): FieldError[] {
  return [...containersWithPath(spec, SPEC)].flatMap(({ container, path }) =>
    (container.volumeMounts ?? []).flatMap((mount, index) =>
      mount.name !== name || mount.readOnly
        ? []
        : [invalid(path.child('volumeMounts').index(index).child('readOnly'), false, 'must be read-only')],
    ),
  );
}
