import type { Job } from '../../../apis/batch/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';

const API_VERSIONS = ['batch/v1'];

export const jobStrategy: RESTStrategy<Job> = {
  kind: { group: 'batch', kind: 'Job' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  defaultGarbageCollectionPolicy: 'orphan',
  resetFields: resetFields(API_VERSIONS, 'status'),
  prepareForCreate(_context, object) {
    object.status = {};
    object.metadata.generation = 1;
  },
  prepareForUpdate(_context, object, old) {
    object.status = old.status;
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
};

export const jobStatusStrategy: RESTStrategy<Job> = {
  ...jobStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, object, old) {
    object.spec = old.spec;
  },
};
