import type { APIGroup } from '../install-group.ts';
import defaultsV1 from './v1/defaults.json?text';
import { setJobDefaults } from './v1/defaults.ts';
import typesV1 from './v1/types.json?text';
import defaultsV1beta1 from './v1beta1/defaults.json?text';
import typesV1beta1 from './v1beta1/types.json?text';
import { cronJobFromInternal } from './v2alpha1/conversion.ts';
import defaultsV2alpha1 from './v2alpha1/defaults.json?text';
import typesV2alpha1 from './v2alpha1/types.json?text';

export const batch: APIGroup = {
  group: 'batch',
  definitions: 'io.k8s.api.batch',
  priority: 17400,
  versions: {
    v1: { types: typesV1, defaults: defaultsV1, priority: 15, kinds: { Job: { defaults: setJobDefaults } } },
    v1beta1: { types: typesV1beta1, defaults: defaultsV1beta1, priority: 9 },
    v2alpha1: {
      types: typesV2alpha1,
      defaults: defaultsV2alpha1,
      priority: 9,
      kinds: { CronJob: { fromInternal: cronJobFromInternal } },
    },
  },
};
