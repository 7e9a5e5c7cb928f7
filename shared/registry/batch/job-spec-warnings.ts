import type { JobSpec } from '../../apis/batch/v1/types.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { once } from '../../util/once.ts';

const loadWarnings = once(() => import('../../apis/core/warnings/pods.ts'));

const MANY_COMPLETIONS = 100_000;
const MUCH_PARALLELISM = 10_000;
const TOO_MUCH =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';

export async function jobSpecWarnings(spec: JobSpec, path: FieldPath): Promise<string[]> {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const large = completions > MANY_COMPLETIONS && parallelism > MUCH_PARALLELISM;
  return [
    ...(completionMode === 'Indexed' && large ? [`${path}: ${TOO_MUCH}`] : []),
    ...(await loadWarnings()).warningsForPodTemplate(spec.template, path.child('template')),
  ];
}
