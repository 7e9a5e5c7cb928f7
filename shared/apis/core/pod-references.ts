/**
 * The secrets and config maps to which a pod refers
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/util.go).
 */

import type { PodSpec, Volume } from './v1/types.ts';

const containersOf = (spec: PodSpec) => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

const named = (...names: readonly (string | undefined)[]): string[] =>
  names.filter((name) => name !== undefined && name !== '') as string[];

/** Names of secrets, one per reference. */
export function podSecretNames(spec: PodSpec): string[] {
  return [
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) => named(name)),
    ...containersOf(spec).flatMap(({ env, envFrom }) => [
      ...(envFrom ?? []).flatMap(({ secretRef }) => named(secretRef?.name)),
      ...(env ?? []).flatMap(({ valueFrom }) => named(valueFrom?.secretKeyRef?.name)),
    ]),
    ...(spec.volumes ?? []).flatMap(volumeSecretNames),
  ];
}

function volumeSecretNames(volume: Volume): string[] {
  return named(
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    ...(volume.projected?.sources ?? []).map(({ secret }) => secret?.name),
    volume.rbd?.secretRef?.name,
    volume.secret?.secretName,
    volume.scaleIO?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
  );
}

/** Names of config maps, one per reference. */
export function podConfigMapNames(spec: PodSpec): string[] {
  return [
    ...containersOf(spec).flatMap(({ env, envFrom }) => [
      ...(envFrom ?? []).flatMap(({ configMapRef }) => named(configMapRef?.name)),
      ...(env ?? []).flatMap(({ valueFrom }) => named(valueFrom?.configMapKeyRef?.name)),
    ]),
    ...(spec.volumes ?? []).flatMap(({ projected, configMap }) =>
      named(...(projected?.sources ?? []).map((source) => source.configMap?.name), configMap?.name),
    ),
  ];
}
