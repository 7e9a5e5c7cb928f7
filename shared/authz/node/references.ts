/** The objects referenced by a pod or a volume, which its kubelet must therefore be able to read. */

import type {
  Container,
  EphemeralContainer,
  PersistentVolume,
  Pod,
  SecretReference,
  Volume,
} from '../../apis/core/v1/types.ts';

const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';

type Named = { readonly name?: string | undefined } | null | undefined;

/** Names within the pod's namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
  readonly serviceAccounts: ReadonlySet<string>;
}

const NOTHING: PodReferences = {
  secrets: new Set(),
  configMaps: new Set(),
  claims: new Set(),
  resourceClaims: new Set(),
  serviceAccounts: new Set(),
};

function containerSecrets({ env, envFrom }: Container | EphemeralContainer): Named[] {
  return [
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.secretKeyRef),
    ...(envFrom ?? []).map(({ secretRef }) => secretRef),
  ];
}

function containerConfigMaps({ env, envFrom }: Container | EphemeralContainer): Named[] {
  return [
    ...(env ?? []).map(({ valueFrom }) => valueFrom?.configMapKeyRef),
    ...(envFrom ?? []).map(({ configMapRef }) => configMapRef),
  ];
}

function volumeSecrets(volume: Volume): Named[] {
  return [
    volume.azureFile && { name: volume.azureFile.secretName },
    volume.secret && { name: volume.secret.secretName },
    volume.cephfs?.secretRef,
    volume.cinder?.secretRef,
    volume.flexVolume?.secretRef,
    volume.rbd?.secretRef,
    volume.scaleIO?.secretRef,
    volume.iscsi?.secretRef,
    volume.storageos?.secretRef,
    volume.csi?.nodePublishSecretRef,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret),
  ];
}

function volumeConfigMaps({ configMap, projected }: Volume): Named[] {
  return [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)];
}

function names(references: readonly Named[]): Set<string> {
  return new Set(references.flatMap((reference) => reference?.name || []));
}

function resourceClaimNames({ spec, status }: Pod): Named[] {
  const made = new Map<string, string | undefined>();
  for (const { name, resourceClaimName } of status?.resourceClaimStatuses ?? []) {
    if (!made.has(name)) made.set(name, resourceClaimName);
  }
  return [
    ...(spec.resourceClaims ?? []).map(({ name, resourceClaimName }) => ({
      name: resourceClaimName ?? made.get(name),
    })),
    { name: status?.extendedResourceClaimStatus?.resourceClaimName },
  ];
}

const known = new WeakMap<Pod, PodReferences>();

/**
 * A mirror pod has no references: it is created by its kubelet, which must not extend its own rights by it
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/pod/util.go).
 */
export function podReferences(pod: Pod): PodReferences {
  if (pod.metadata.annotations?.[MIRROR_POD_ANNOTATION] !== undefined) return NOTHING;
  let references = known.get(pod);
  if (references !== undefined) return references;
  const { spec } = pod;
  const containers = [spec.initContainers, spec.containers, spec.ephemeralContainers].flatMap(
    (list) => list ?? [],
  );
  const volumes = spec.volumes ?? [];
  references = {
    secrets: names([
      ...(spec.imagePullSecrets ?? []),
      ...containers.flatMap(containerSecrets),
      ...volumes.flatMap(volumeSecrets),
    ]),
    configMaps: names([...containers.flatMap(containerConfigMaps), ...volumes.flatMap(volumeConfigMaps)]),
    claims: names(
      volumes.map(({ name, persistentVolumeClaim, ephemeral }) => ({
        name: persistentVolumeClaim?.claimName ?? (ephemeral && `${pod.metadata.name}-${name}`),
      })),
    ),
    resourceClaims: names(resourceClaimNames(pod)),
    serviceAccounts: names([{ name: spec.serviceAccountName }]),
  };
  known.set(pod, references);
  return references;
}

/**
 * Secrets required to mount the volume, as `namespace/name`
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/v1/persistentvolume/util.go).
 */
export function volumeSecretKeys({ spec }: PersistentVolume): string[] {
  const claimNamespace = spec.claimRef?.namespace ?? '';
  const { azureFile, csi } = spec;
  const references: (SecretReference | undefined)[] = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    spec.cephfs?.secretRef,
    spec.cinder?.secretRef,
    spec.flexVolume?.secretRef,
    spec.rbd?.secretRef,
    spec.scaleIO?.secretRef,
    spec.iscsi?.secretRef,
    spec.storageos?.secretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ];
  return references.flatMap((reference) =>
    reference?.name ? [`${reference.namespace || claimNamespace}/${reference.name}`] : [],
  );
}
