import type { CronJob } from '../../../apis/batch/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { dropGatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { podNameWarnings } from '../../apps/pod-name-warnings.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { GATED_JOB } from '../job/strategy.ts';
import { jobSpecWarnings } from '../job-spec-warnings.ts';

const loadRules = once(() => import('../../../apis/batch/validation/cron-job.ts'));

const API_VERSIONS = ['batch/v1', 'batch/v1beta1'];
const JOB_SPEC = FieldPath.of('spec', 'jobTemplate', 'spec');
const NO_ZONE =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

export const cronJobStrategy: RESTStrategy<CronJob> = {
  kind: { group: 'batch', kind: 'CronJob' },
  declared: { type: 'CronJob', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  defaultGarbageCollectionPolicy: ({ requestInfo }) =>
    requestInfo.apiVersion === 'v1beta1' ? 'orphan' : 'background',
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields(context, cronJob, old) {
    const { spec } = cronJob.spec.jobTemplate;
    const before = old?.spec.jobTemplate.spec;
    dropGatedPaths(context, GATED_JOB, spec, before);
    dropDisabledTemplateFields(context, spec.template, before?.template);
  },
  prepareForCreate(_context, cronJob) {
    cronJob.status = {};
    cronJob.metadata.generation = 1;
  },
  validate: async (context, object) => (await loadRules()).validateCronJob(context, object),
  warningsOnCreate: async (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...(await jobSpecWarnings(spec.jobTemplate.spec, JOB_SPEC)),
  ],
  prepareForUpdate(_context, cronJob, old) {
    cronJob.status = old.status;
    if (!semanticDeepEqual(cronJob.spec, old.spec)) raiseGeneration(cronJob, old);
  },
  validateUpdate: async (context, object, old) =>
    (await loadRules()).validateCronJobUpdate(context, object, old),
  async warningsOnUpdate(_context, { metadata, spec }, old) {
    const changed = metadata.generation !== old.metadata.generation;
    const warnings = changed ? await jobSpecWarnings(spec.jobTemplate.spec, JOB_SPEC) : [];
    return spec.schedule.includes('TZ') ? [...warnings, NO_ZONE] : warnings;
  },
};

export const cronJobStatusStrategy: RESTStrategy<CronJob> = {
  ...cronJobStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, cronJob, old) {
    cronJob.spec = old.spec;
  },
  validateUpdate: () => [],
  warningsOnUpdate: () => [],
};
