/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/workload/strategy.go */

import type { Workload } from '../../../apis/scheduling/v1beta1/types.ts';
import type { FieldError } from '../../../meta/field-error.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { dropGatedWorkloadFields } from '../gated-fields.ts';

async function validate(context: RequestContext, workload: Workload, old?: Workload): Promise<FieldError[]> {
  const { declaredV1beta1, validateWorkloadSpec } = await import(
    '../../../apis/scheduling/validation/declared.ts'
  );
  return [
    ...validateWorkloadSpec(workload.spec),
    ...declaredV1beta1.validate(context, 'Workload', workload, old),
  ];
}

export const workloadStrategy: RESTStrategy<Workload> = {
  kind: { group: 'scheduling.k8s.io', kind: 'Workload' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  dropDisabledFields: (context, { spec }, old) => dropGatedWorkloadFields(context, spec, old?.spec),
  validate: (context, workload) => validate(context, workload),
  validateUpdate: (context, workload, old) => validate(context, workload, old),
};
