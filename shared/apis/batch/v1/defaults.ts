/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/v1/defaults.go */

import type { Job } from './types.ts';

const MAX_INT32 = 2_147_483_647;
const DEFAULT_BACKOFF_LIMIT = 6;

/** Not for templates of CronJobs, which get these defaults when a Job is created. */
export function setJobDefaults({ metadata, spec }: Job): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? DEFAULT_BACKOFF_LIMIT : MAX_INT32;
  setLabelDefaults({ metadata, spec });
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  spec.manualSelector ??= false;
}

/** A Job without labels gets those of its template, as the same object: see the Job's strategy. */
export function setLabelDefaults({ metadata, spec }: Pick<Job, 'metadata' | 'spec'>): void {
  const { labels } = spec.template.metadata;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
}
