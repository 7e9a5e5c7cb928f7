import type { ServiceCIDR } from '../../apis/networking/v1/types.ts';
import type { EnsureStep } from '../ensure-step.ts';
import { ensureObjects } from './ensure-objects.ts';

/** Upstream's name for it. */
export const KUBERNETES = 'kubernetes';

const SERVICE_CIDRS = { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' };

/**
 * Creates a ServiceCIDR for the cluster IP ranges that the server was started with
 * (https://github.com/kubernetes/kubernetes/tree/master/pkg/controlplane/controller/defaultservicecidr).
 */
export function defaultServiceCIDR(cidrs: readonly string[]): EnsureStep {
  const serviceCIDR: ServiceCIDR = {
    kind: 'ServiceCIDR',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: KUBERNETES },
    spec: { cidrs: [...cidrs] },
    status: {},
  };
  return {
    name: 'poststarthook/start-kubernetes-service-cidr-controller',
    run: (resources) => ensureObjects(resources, SERVICE_CIDRS, [serviceCIDR]),
  };
}
