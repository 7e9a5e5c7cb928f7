import type { ControllerRevision } from '../../../apis/apps/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';

const loadRules = once(() => import('../../../apis/apps/validation/controller-revision.ts'));

export const controllerRevisionStrategy: RESTStrategy<ControllerRevision> = {
  kind: { group: 'apps', kind: 'ControllerRevision' },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  validate: async (_context, revision) => (await loadRules()).validateControllerRevision(revision),
  validateUpdate: async (_context, revision, old) =>
    (await loadRules()).validateControllerRevisionUpdate(revision, old),
};
