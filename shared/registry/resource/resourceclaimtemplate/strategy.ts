import { dropping } from '../../../apis/gated-paths.ts';
import type { ResourceClaimTemplate } from '../../../apis/resource/v1/types.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import type { RESTStorageConfig } from '../../generic/rest-storage-provider.ts';
import { validateAdminAccess } from '../admin-access.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { adminAccessPath, GATED_TEMPLATE } from '../resourceclaim/strategy.ts';

const load = () => import('../../../apis/resource/validation/resource-claim.ts');

export const createResourceClaimTemplateStrategy = (
  config: Pick<RESTStorageConfig, 'resources'>,
): RESTStrategy<ResourceClaimTemplate> => ({
  kind: { group: 'resource.k8s.io', kind: 'ResourceClaimTemplate' },
  declared: { type: 'ResourceClaimTemplate', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  dropDisabledFields: dropping(GATED_TEMPLATE),
  async validate(context, template) {
    const path = adminAccessPath(template.spec.spec.devices.requests);
    const errors = await validateAdminAccess(path, template.metadata.namespace ?? '', config);
    const { validateResourceClaimTemplate } = await load();
    return [
      ...errors,
      ...validateResourceClaimTemplate(template, {
        listAttributes: context.featureEnabled('DRAListTypeAttributes'),
      }),
    ];
  },
  validateUpdate: async ({ featureEnabled }, template, old) =>
    (await load()).validateResourceClaimTemplateUpdate(template, old, {
      listAttributes: featureEnabled('DRAListTypeAttributes'),
    }),
});
