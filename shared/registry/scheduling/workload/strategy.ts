/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/workload/strategy.go */

import { declaredV1beta1 } from '../../../apis/scheduling/declared.ts';
import type { Workload } from '../../../apis/scheduling/v1beta1/types.ts';
import { validateWorkloadSpec } from '../../../apis/scheduling/validation/workload.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { dropGatedWorkloadFields } from '../gated-fields.ts';

export const workloadStrategy: RESTStrategy<Workload> = {
  kind: { group: 'scheduling.k8s.io', kind: 'Workload' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate(context, { spec }) {
    dropGatedWorkloadFields(context, spec, undefined);
  },
  validate: (context, workload) => [
    ...validateWorkloadSpec(workload.spec),
    ...declaredV1beta1.validate(context, 'Workload', workload),
  ],
  prepareForUpdate(context, { spec }, old) {
    dropGatedWorkloadFields(context, spec, old.spec);
  },
  validateUpdate: (context, workload, old) => [
    ...validateWorkloadSpec(workload.spec),
    ...declaredV1beta1.validate(context, 'Workload', workload, old),
  ],
};
