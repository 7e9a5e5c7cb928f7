/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/workload/strategy.go */

import type { Workload } from '../../../apis/scheduling/v1alpha2/types.ts';
import { validateWorkload, validateWorkloadUpdate } from '../../../apis/scheduling/validation/workload.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { dropGatedTemplateFields } from '../gated-fields.ts';

export const workloadStrategy: RESTStrategy<Workload> = {
  kind: { group: 'scheduling.k8s.io', kind: 'Workload' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  prepareForCreate(context, { spec }) {
    spec.podGroupTemplates?.forEach((template) => {
      dropGatedTemplateFields(context, template);
    });
  },
  validate: (_context, workload) => validateWorkload(workload),
  prepareForUpdate(context, { spec }) {
    spec.podGroupTemplates?.forEach((template) => {
      dropGatedTemplateFields(context, template);
    });
  },
  validateUpdate: (_context, workload, old) => validateWorkloadUpdate(workload, old),
};
