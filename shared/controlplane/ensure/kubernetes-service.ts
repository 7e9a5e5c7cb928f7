import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../apis/core/v1/types.ts';
import { isInvalid } from '../../meta/status-error.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { EnsureStep } from '../ensure-step.ts';
import { ensureObjects } from './ensure-objects.ts';

const SERVICES = { group: '', version: 'v1', resource: 'services' };
const HTTPS_PORT = 443;
/** A few seconds in total. */
const ATTEMPTS = 6;
const RETRY_MS = 200;

/**
 * Creates the Service by which Pods find the API, with the first address of each service range
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane/controller/kubernetesservice).
 */
export function kubernetesService(options: {
  /** One, or one of each family. */
  readonly clusterIPs: readonly string[];
  readonly targetPort: number;
}): EnsureStep {
  const service: Service = {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: options.clusterIPs[0],
      ...(options.clusterIPs.length > 1 && { clusterIPs: [...options.clusterIPs] }),
      ports: [{ name: 'https', port: HTTPS_PORT, protocol: 'TCP', targetPort: options.targetPort }],
      sessionAffinity: 'None',
      ipFamilyPolicy: options.clusterIPs.length > 1 ? 'RequireDualStack' : 'SingleStack',
    },
    status: { loadBalancer: {} },
  };
  return {
    name: 'poststarthook/bootstrap-controller',
    run: (resources) => ensureService(resources, service),
  };
}

/**
 * If two servers create it at once, both allocate its addresses, and the second one fails because they are taken, by
 * the very service it wants. Upstream retries every ten seconds.
 */
async function ensureService(resources: ResourceAccess, service: Service): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ensureObjects(resources, SERVICES, [service]);
    } catch (error) {
      if (!isInvalid(error) || attempt === ATTEMPTS) throw error;
      await sleep(RETRY_MS * attempt);
    }
  }
}
