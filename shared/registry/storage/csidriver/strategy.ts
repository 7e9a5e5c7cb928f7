import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import type { CSIDriver } from '../../../apis/storage/v1/types.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

const loadRules = once(() => import('../../../apis/storage/validation/csi-driver.ts'));

const GATED: GatedPaths = {
  CSIServiceAccountTokenSecrets: ['spec.serviceAccountTokenInSecrets'],
  MutableCSINodeAllocatableCount: ['spec.nodeAllocatableUpdatePeriodSeconds'],
  SELinuxMountReadWriteOncePod: ['spec.seLinuxMount'],
  VolumeLimitScaling: ['spec.preventPodSchedulingIfMissing'],
};

export const csiDriverStrategy: RESTStrategy<CSIDriver> = {
  kind: { group: 'storage.k8s.io', kind: 'CSIDriver' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  dropDisabledFields: dropping(GATED),
  validate: async (context, object) => (await loadRules()).validateCSIDriver(context, object),
  warningsOnCreate: tokenWarnings,
  prepareForUpdate(_context, object, old) {
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validateCSIDriverUpdate(context, object, old),
  warningsOnUpdate: (context, driver, old) =>
    semanticDeepEqual(driver.spec.tokenRequests, old.spec.tokenRequests)
      ? []
      : tokenWarnings(context, driver),
};

const IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

function tokenWarnings({ featureEnabled }: RequestContext, { spec }: CSIDriver): string[] {
  if (!featureEnabled('CSIServiceAccountTokenSecrets')) return [];
  return spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined ? [IN_SECRETS] : [];
}
