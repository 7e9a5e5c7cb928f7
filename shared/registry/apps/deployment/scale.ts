import type { Deployment } from '../../../apis/apps/v1/types.ts';
import { labelSelectorAsSelector } from '../../../meta/labels.ts';
import type { ScaleAccess } from '../../generic/scale-rest.ts';

export const deploymentScale: ScaleAccess<Deployment> = {
  replicas: ({ spec }) => spec.replicas ?? 0,
  setReplicas(object, replicas) {
    object.spec.replicas = replicas;
  },
  statusReplicas: ({ status }) => status.replicas ?? 0,
  selector: ({ spec }) => labelSelectorAsSelector(spec.selector).toString(),
};
