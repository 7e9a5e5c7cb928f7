import type { ReplicationController } from '../../../apis/core/v1/types.ts';
import { selectorFromSet } from '../../../meta/labels.ts';
import type { ScaleAccess } from '../../generic/scale-rest.ts';

export const replicationControllerScale: ScaleAccess<ReplicationController> = {
  replicas: ({ spec }) => spec?.replicas ?? 0,
  setReplicas(object, replicas) {
    object.spec = { ...object.spec, replicas };
  },
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector: ({ spec }) => selectorFromSet(spec?.selector ?? {}).toString(),
};
