import { keepPodLevelResources, preparePodLevelResources } from '../../../apis/core/pod-level-defaults.ts';
import type { Container, Pod } from '../../../apis/core/v1/types.ts';
import type { Gates } from '../../../apis/core/validation/pod-gates.ts';
import { podValidationOptions } from '../../../apis/core/validation/pod-validation-options.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { resetObjectMetaForStatus } from '../../generic/strategy-parts.ts';
import { podStrategy, updatePodGeneration } from './strategy.ts';

const loadRules = once(() => import('../../../apis/core/validation/pod-subresources.ts'));

type Containers = readonly Container[] | null | undefined;

/** Leaves added, removed, renamed or moved containers for validation to reject. */
function resizedContainers(containers: readonly Container[], old: Containers): Container[] {
  if (containers.some(({ name }, index) => name !== old?.[index]?.name)) return [...containers];
  return containers.map(({ resources, resizePolicy }, index) => ({
    ...old![index]!,
    resources,
    resizePolicy,
  }));
}

const hasSameCount = (containers: Containers, old: Containers): boolean =>
  (containers?.length ?? 0) === (old?.length ?? 0);

function dropNonResizeUpdates({ featureEnabled }: Gates, pod: Pod, old: Pod): void {
  const { containers, initContainers, resources, volumes } = pod.spec;
  if (!hasSameCount(containers, old.spec.containers)) return;
  if (!hasSameCount(initContainers, old.spec.initContainers)) return;
  pod.spec = {
    ...old.spec,
    ...(featureEnabled('InPlacePodLevelResourcesVerticalScaling') && { resources }),
    ...(containers && { containers: resizedContainers(containers, old.spec.containers) }),
    ...(initContainers && { initContainers: resizedContainers(initContainers, old.spec.initContainers) }),
    ...(featureEnabled('InPlacePodVerticalScalingMemoryBackedVolumes') && { volumes }),
  };
  pod.status = old.status;
  resetObjectMetaForStatus(pod.metadata, old.metadata);
}

/** `pods/resize` only updates resources of containers and of the pod. */
export const podResizeStrategy: RESTStrategy<Pod> = {
  ...podStrategy,
  prepareForUpdate(context, object, old) {
    dropNonResizeUpdates(context, object, old);
    keepPodLevelResources(context, object, old);
    preparePodLevelResources(context, object);
    updatePodGeneration(object, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validatePodResize(object, old, podValidationOptions(context, old)),
};
