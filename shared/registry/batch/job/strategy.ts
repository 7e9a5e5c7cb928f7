import {
  CONTROLLER_UID,
  JOB_NAME,
  LEGACY_CONTROLLER_UID,
  LEGACY_JOB_NAME,
} from '../../../apis/batch/job-labels.ts';
import { setLabelDefaults } from '../../../apis/batch/v1/defaults.ts';
import type { Job } from '../../../apis/batch/v1/types.ts';
import { dropDisabledTemplateFields } from '../../../apis/core/gated-pod-fields.ts';
import { dropGatedPaths, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { once } from '../../../util/once.ts';
import { podNameWarnings } from '../../apps/pod-name-warnings.ts';
import { raiseGeneration, resetFields } from '../../generic/strategy-parts.ts';
import { loadDeclaredRules } from '../declared-rules.ts';
import { jobSpecWarnings } from '../job-spec-warnings.ts';

const loadRules = once(() => import('../../../apis/batch/validation/job.ts'));
const loadJobStatus = once(() => import('../../../apis/batch/validation/job-status.ts'));

const API_VERSIONS = ['batch/v1'];
const SPEC = FieldPath.of('spec');
/** Gated fields of a Job's spec, including those in CronJob templates. */
export const GATED_JOB: GatedPaths = { WorkloadWithJob: ['scheduling'] };
const GATED: GatedPaths = { JobManagedBy: { drops: ['spec.managedBy'], onlyOnCreate: true } };

const PODS_STAY =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/**
 * Jobs select their pods by UID, because names can be reused. Modifies the template's labels in place: by default they
 * are also the Job's own labels, which thus change too, like the map shared upstream.
 */
function generateSelector({ metadata, spec }: Job): void {
  const { name = '', uid = '' } = metadata;
  spec.template.metadata.labels ??= {};
  const { labels } = spec.template.metadata;
  labels[LEGACY_JOB_NAME] ??= name;
  labels[JOB_NAME] ??= name;
  labels[LEGACY_CONTROLLER_UID] ??= uid;
  labels[CONTROLLER_UID] ??= uid;
  spec.selector = {
    ...spec.selector,
    matchLabels: { [CONTROLLER_UID]: uid, ...spec.selector?.matchLabels },
  };
}

export const jobStrategy: RESTStrategy<Job> = {
  kind: { group: 'batch', kind: 'Job' },
  declared: { type: 'Job', load: loadDeclaredRules },
  namespaced: true,
  validateName: nameIsDNSSubdomain,
  // Predates garbage collection; kubectl sets a policy explicitly.
  defaultGarbageCollectionPolicy: 'orphan',
  warningsOnDelete: (_context, { propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined ? [PODS_STAY] : [],
  resetFields: resetFields(API_VERSIONS, 'status'),
  dropDisabledFields(context, job, old) {
    dropGatedPaths(context, GATED, job, old);
    dropGatedPaths(context, GATED_JOB, job.spec, old?.spec);
    dropDisabledTemplateFields(context, job.spec.template, old?.spec.template);
  },
  prepareForCreate(_context, job) {
    if (!job.spec.manualSelector) generateSelector(job);
    job.status = {};
    job.metadata.generation = 1;
  },
  validate: async (context, object) => (await loadRules()).validateJob(context, object),
  warningsOnCreate: async (_context, { metadata, spec }) => [
    ...podNameWarnings(metadata.name),
    ...(await jobSpecWarnings(spec, SPEC)),
  ],
  prepareForUpdate(_context, job, old) {
    job.status = old.status;
    if (!semanticDeepEqual(job.spec, old.spec)) raiseGeneration(job, old);
  },
  validateUpdate: async (context, object, old) => (await loadRules()).validateJobUpdate(context, object, old),
  // Upstream applies defaults again when it decodes the object, after validation.
  canonicalize: setLabelDefaults,
  warningsOnUpdate: (_context, job, old) =>
    job.metadata.generation === old.metadata.generation ? [] : jobSpecWarnings(job.spec, SPEC),
};

export const jobStatusStrategy: RESTStrategy<Job> = {
  ...jobStrategy,
  resetFields: resetFields(API_VERSIONS, 'spec'),
  prepareForUpdate(_context, job, old) {
    job.spec = old.spec;
  },
  validateUpdate: async (_context, job, old) => (await loadJobStatus()).validateJobStatusUpdate(job, old),
  warningsOnUpdate: () => [],
};
