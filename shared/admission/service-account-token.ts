/**
 * Mounts the service account token at its well-known path
 * (https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/admission/serviceaccount/admission.go).
 */

import type { Container, PodSpec, Volume } from '../apis/core/v1/types.ts';
import { generateName } from '../rest/name-generator.ts';

const VOLUME_PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** One hour and seven seconds, which marks tokens whose expiration the API server may extend. */
const EXPIRATION_SECONDS = 3607;

/** Mounts the token in every container that has no mount at this path. */
export function mountServiceAccountToken(spec: PodSpec): void {
  const existing = (spec.volumes ?? []).find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? generateName(VOLUME_PREFIX);
  const containers: Container[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const lacking = containers.filter(
    ({ volumeMounts }) => !(volumeMounts ?? []).some(({ mountPath }) => mountPath === MOUNT_PATH),
  );
  for (const container of lacking) {
    const mount = { name, readOnly: true, mountPath: MOUNT_PATH };
    container.volumeMounts = [...(container.volumeMounts ?? []), mount];
  }
  if (existing === undefined && lacking.length > 0) {
    spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
  }
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: EXPIRATION_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
