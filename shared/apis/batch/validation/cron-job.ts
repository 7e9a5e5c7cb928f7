/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go */

import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { shownSelector } from '../../apps/validation/selector.ts';
import type { Gates } from '../../core/validation/pod-gates.ts';
import { podTemplateValidationOptions } from '../../core/validation/pod-validation-options.ts';
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../v1/types.ts';
import { cronScheduleError } from './cron-schedule.ts';
import { validateJobSpec } from './job-spec.ts';
import { validateTimeZone } from './time-zone.ts';

const SPEC = FieldPath.of('spec');
/** The length of a label minus the suffix that the controller adds for each Job. */
const MAX_NAME_LENGTH = 52;
const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'];

export function validateCronJob(gates: Gates, cronJob: CronJob): FieldError[] {
  const errors = validateSpec(gates, cronJob.spec, undefined);
  const { name = '' } = cronJob.metadata;
  if (byteLength(name) <= MAX_NAME_LENGTH) return errors;
  const detail = `must be no more than ${MAX_NAME_LENGTH} characters`;
  return [...errors, invalid(FieldPath.of('metadata', 'name'), name, detail)];
}

export const validateCronJobUpdate = (gates: Gates, cronJob: CronJob, old: CronJob): FieldError[] =>
  validateSpec(gates, cronJob.spec, old.spec);

function validateSpec(gates: Gates, spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const { timeZone, concurrencyPolicy = '' } = spec;
  const errors = [
    ...validateSchedule(spec, old),
    ...validateNonnegativeField(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds')),
  ];
  if (old === undefined || old.timeZone !== timeZone) {
    appendAll(errors, validateTimeZone(timeZone, SPEC.child('timeZone')));
  }
  const concurrency = SPEC.child('concurrencyPolicy');
  if (concurrencyPolicy === '') errors.push(required(concurrency, ''));
  else if (!CONCURRENCY_POLICIES.includes(concurrencyPolicy)) {
    errors.push(notSupported(concurrency, concurrencyPolicy, CONCURRENCY_POLICIES));
  }
  return errors.concat(
    validateJobTemplate(gates, spec.jobTemplate, old?.jobTemplate),
    validateNonnegativeField(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit')),
    validateNonnegativeField(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit')),
  );
}

function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const path = SPEC.child('schedule');
  if (schedule === '') return [required(path, '')];
  const errors: FieldError[] = [];
  const bad = (detail: string): void => void errors.push(invalid(path, schedule, detail));
  const why = cronScheduleError(schedule);
  if (why !== undefined) bad(why);
  if (!schedule.includes('TZ')) return errors;
  if (!old?.schedule.includes('TZ')) bad('cannot use TZ or CRON_TZ in schedule, use timeZone field instead');
  else if (timeZone !== undefined) bad('cannot use both timeZone field and TZ or CRON_TZ in schedule');
  return errors;
}

function validateJobTemplate(
  gates: Gates,
  { spec }: JobTemplateSpec,
  old: JobTemplateSpec | undefined,
): FieldError[] {
  const path = SPEC.child('jobTemplate', 'spec');
  const errors = validateJobSpec(spec, path, podTemplateValidationOptions(gates, old?.spec.template));
  if (spec.selector) {
    errors.push(
      invalid(path.child('selector'), shownSelector(spec.selector), '`selector` will be auto-generated'),
    );
  }
  if (spec.manualSelector) errors.push(notSupported(path.child('manualSelector'), true, ['nil', 'false']));
  return errors;
}
