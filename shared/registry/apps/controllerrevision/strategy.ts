import type { ControllerRevision } from '../../../apis/apps/v1/types.ts';
import {
  validateControllerRevision,
  validateControllerRevisionUpdate,
} from '../../../apis/apps/validation/controller-revision.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';

export const controllerRevisionStrategy: RESTStrategy<ControllerRevision> = {
  kind: { group: 'apps', kind: 'ControllerRevision' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  validate: (_context, revision) => validateControllerRevision(revision),
  validateUpdate: (_context, revision, old) => validateControllerRevisionUpdate(revision, old),
};
