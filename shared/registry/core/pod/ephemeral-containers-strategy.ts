import type { Pod } from '../../../apis/core/v1/types.ts';
import { podValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { podStrategy, updatePodGeneration } from './strategy.ts';

const loadRules = once(() => import('../../../apis/core/validation/pod-subresources.ts'));

/** `pods/ephemeralcontainers` only updates ephemeral containers. */
export const podEphemeralContainersStrategy: RESTStrategy<Pod> = {
  ...podStrategy,
  prepareForUpdate(_context, object, old) {
    const { ephemeralContainers } = object.spec;
    object.spec = { ...old.spec, ephemeralContainers };
    object.status = old.status;
    resetObjectMetaForStatus(object.metadata, old.metadata);
    updatePodGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePodEphemeralContainersUpdate(object, old, podValidationOptions(context, old)),
};
