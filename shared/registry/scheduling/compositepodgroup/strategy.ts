/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/scheduling/compositepodgroup/strategy.go */

import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { CompositePodGroup } from '../../../apis/scheduling/v1alpha3/types.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateConditions } from '../../../meta/validation/conditions.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { resetFields, resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['scheduling.k8s.io/v1alpha3'];
const GATED: GatedPaths = { PodGroupPreemptionPolicy: ['spec.preemptionPolicy'] };
const CONDITIONS = FieldPath.of('status', 'conditions');

const load = () => import('../../../apis/scheduling/validation/declared.ts');

export const compositePodGroupStrategy: RESTStrategy<CompositePodGroup> = {
  kind: { group: 'scheduling.k8s.io', kind: 'CompositePodGroup' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields: dropping(GATED),
  prepareForCreate(_context, object) {
    object.status = {};
  },
  validate: async (context, group) =>
    (await load()).declaredV1alpha3.validate(context, 'CompositePodGroup', group),
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
  },
  validateUpdate: async (context, group, old) =>
    (await load()).declaredV1alpha3.validate(context, 'CompositePodGroup', group, old),
};

export const compositePodGroupStatusStrategy: RESTStrategy<CompositePodGroup> = {
  ...compositePodGroupStrategy,
  resetFields: resetFields(API_VERSIONS, 'metadata', 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
    resetObjectMetaForStatus(object.metadata, old.metadata);
  },
  validateUpdate: async (context, group, old) => [
    ...validateConditions(group.status.conditions, CONDITIONS),
    ...(await load()).declaredV1alpha3.validate(context, 'CompositePodGroup', group, old),
  ],
};
