import type { CSIDriver } from '../../../apis/storage/v1/types.ts';
import { validateCSIDriver, validateCSIDriverUpdate } from '../../../apis/storage/validation/csi-driver.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { raiseGeneration } from '../../generic/strategy-parts.ts';

const GATE = 'VolumeLimitScaling';

/** `preventPodSchedulingIfMissing` has a feature gate: where it is off only a stored value stays. */
export const csiDriverStrategy: RESTStrategy<CSIDriver> = {
  kind: { group: 'storage.k8s.io', kind: 'CSIDriver' },
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  prepareForCreate({ featureEnabled }, driver) {
    if (!featureEnabled(GATE)) delete driver.spec.preventPodSchedulingIfMissing;
  },
  validate: (_context, driver) => validateCSIDriver(driver),
  warningsOnCreate: (_context, driver) => tokenWarnings(driver),
  prepareForUpdate({ featureEnabled }, object, old) {
    if (!featureEnabled(GATE) && old.spec.preventPodSchedulingIfMissing === undefined) {
      delete object.spec.preventPodSchedulingIfMissing;
    }
    if (!semanticDeepEqual(object.spec, old.spec)) raiseGeneration(object, old);
  },
  validateUpdate: (_context, driver, old) => validateCSIDriverUpdate(driver, old),
  warningsOnUpdate: (_context, driver, old) =>
    semanticDeepEqual(driver.spec.tokenRequests, old.spec.tokenRequests) ? [] : tokenWarnings(driver),
};

const IN_SECRETS =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

function tokenWarnings({ spec }: CSIDriver): string[] {
  return spec.tokenRequests?.length && spec.serviceAccountTokenInSecrets === undefined ? [IN_SECRETS] : [];
}
