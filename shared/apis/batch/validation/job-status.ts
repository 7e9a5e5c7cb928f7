/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/batch/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { duplicate, type FieldError, invalid, OMITTED, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateNonnegativeField } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Job, UncountedTerminatedPods } from '../v1/types.ts';
import { countIndexes, overlappingIndex } from './indexes.ts';

const STATUS = FieldPath.of('status');
const CONDITIONS = STATUS.child('conditions');
const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;
const TERMINAL = ['Failed', 'Complete', 'FailureTarget'];

/** The parts of a status that rules refer to. */
class JobState {
  readonly job: Job;
  readonly complete: boolean;
  readonly failed: boolean;
  readonly finished: boolean;
  readonly failureTarget: boolean;
  readonly successCriteriaMet: boolean;

  constructor(job: Job) {
    this.job = job;
    this.complete = this.has('Complete');
    this.failed = this.has('Failed');
    this.finished = this.complete || this.failed;
    this.failureTarget = this.has('FailureTarget');
    this.successCriteriaMet = this.has('SuccessCriteriaMet');
  }

  has(type: string, status = 'True'): boolean {
    return (this.job.status.conditions ?? []).some(
      (condition) => condition.type === type && condition.status === status,
    );
  }
}

const condition = (detail: string): FieldError => invalid(CONDITIONS, OMITTED, detail);

/** Most rules only apply to changes, so existing violations may stay. */
export function validateJobStatusUpdate(job: Job, oldJob: Job): FieldError[] {
  const state = new JobState(job);
  const old = new JobState(oldJob);
  return [
    ...COUNTS.flatMap((field) => validateNonnegativeField(job.status[field], STATUS.child(field))),
    ...validateUncounted(job.status.uncountedTerminatedPods),
    ...validateCompletion(state, old),
    ...validateFinished(state, old),
    ...validateIndexes(job, oldJob),
    ...validatePods(state, old),
    ...validateSuccess(state),
    ...validateTransition(state, old),
  ];
}

function validateUncounted(pods: UncountedTerminatedPods | undefined): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((field) =>
    (pods?.[field] ?? []).flatMap((uid, index) => {
      const path = STATUS.child('uncountedTerminatedPods', field).index(index);
      if (uid === '') return [invalid(path, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(path, uid)];
      seen.add(uid);
      return [];
    }),
  );
}

function validateCompletion(state: JobState, old: JobState): FieldError[] {
  const { startTime, completionTime } = state.job.status;
  const errors: FieldError[] = [];
  const path = STATUS.child('completionTime');
  const completeChanged = state.complete !== old.complete;
  const failedChanged = state.failed !== old.failed;
  const startChanged = startTime !== old.job.status.startTime;
  const completionChanged = completionTime !== old.job.status.completionTime;
  if ((completeChanged || failedChanged) && state.complete && state.failed) {
    errors.push(condition('cannot set Complete=True and Failed=true conditions'));
  }
  if (
    (completeChanged || state.failureTarget !== old.failureTarget) &&
    state.complete &&
    state.failureTarget
  ) {
    errors.push(condition('cannot set Complete=True and FailureTarget=true conditions'));
  }
  if (completeChanged || completionChanged) {
    if (completionTime && !state.complete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition';
      errors.push(invalid(path, completionTime, detail));
    }
    if (!completionTime && state.complete) {
      errors.push(required(path, 'completionTime is required for Complete jobs'));
    }
  }
  const isBefore = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if ((startChanged || completionChanged) && isBefore) {
    errors.push(invalid(path, completionTime, 'must be equal to or after `startTime`'));
  }
  const failedIndexesChanged = state.job.status.failedIndexes !== old.job.status.failedIndexes;
  if ((failedChanged || failedIndexesChanged) && state.failed && !state.failureTarget) {
    errors.push(condition('cannot set Failed=True condition without the FailureTarget=true condition'));
  }
  const criteriaChanged = state.successCriteriaMet !== old.successCriteriaMet;
  if ((completeChanged || criteriaChanged) && state.complete && !state.successCriteriaMet) {
    errors.push(
      condition('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
    );
  }
  return errors;
}

function validateFinished(state: JobState, old: JobState): FieldError[] {
  if (!state.finished) return [];
  const { status, spec } = state.job;
  const changed = !old.finished;
  const stored = old.job.status;
  const errors: FieldError[] = [];
  if ((changed || status.active !== stored.active) && (status.active ?? 0) > 0) {
    errors.push(invalid(STATUS.child('active'), status.active, 'active>0 is invalid for finished job'));
  }
  const neverStarted = spec.suspend === true && spec.completions === 0;
  if ((changed || status.startTime !== stored.startTime) && !neverStarted && !status.startTime) {
    errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'));
  }
  const pods = status.uncountedTerminatedPods;
  const podsChanged = !semanticDeepEqual(pods, stored.uncountedTerminatedPods);
  if ((changed || podsChanged) && (pods?.failed?.length || pods?.succeeded?.length)) {
    const shown = { Succeeded: pods.succeeded ?? null, Failed: pods.failed ?? null };
    const path = STATUS.child('uncountedTerminatedPods');
    errors.push(invalid(path, shown, 'must be empty for finished job'));
  }
  return errors;
}

function parseError(field: string, text: string, completions: number): FieldError[] {
  try {
    countIndexes(text, completions);
    return [];
  } catch (error) {
    return [invalid(STATUS.child(field), text, `error parsing ${field}: ${(error as Error).message}`)];
  }
}

function validateIndexes({ spec, status }: Job, { status: old }: Job): FieldError[] {
  const { completions, backoffLimitPerIndex: limit } = spec;
  const { completedIndexes = '', failedIndexes } = status;
  const completedChanged = completedIndexes !== (old.completedIndexes ?? '');
  const failedChanged = failedIndexes !== old.failedIndexes;
  const errors: FieldError[] = [];
  if (completedChanged && completions !== undefined) {
    appendAll(errors, parseError('completedIndexes', completedIndexes, completions));
  }
  if (failedChanged && completions !== undefined && limit !== undefined && failedIndexes !== undefined) {
    appendAll(errors, parseError('failedIndexes', failedIndexes, completions));
  }
  if (completedChanged && completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalid(STATUS.child('completedIndexes'), completedIndexes, detail));
  }
  const path = STATUS.child('failedIndexes');
  if (failedChanged && limit === undefined && failedIndexes !== undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    errors.push(invalid(path, failedIndexes, detail));
  }
  if (!(failedChanged || completedChanged) || completions === undefined || !failedIndexes) return errors;
  const shared = completedIndexes && overlappingIndex(completedIndexes, failedIndexes, completions);
  if (typeof shared === 'number') {
    const detail = `failedIndexes and completedIndexes overlap at index: ${shared}`;
    errors.push(invalid(path, failedIndexes, detail));
  }
  return errors;
}

function validatePods(state: JobState, old: JobState): FieldError[] {
  const { ready, active = 0, terminating } = state.job.status;
  const stored = old.job.status;
  const errors: FieldError[] = [];
  const finishedChanged = state.finished !== old.finished;
  const terminatingChanged = terminating !== stored.terminating;
  if ((finishedChanged || terminatingChanged) && state.finished && (terminating ?? 0) > 0) {
    const detail = 'terminating>0 is invalid for finished job';
    errors.push(invalid(STATUS.child('terminating'), terminating, detail));
  }
  const changed = ready !== stored.ready || active !== (stored.active ?? 0);
  if (changed && ready !== undefined && ready > active) {
    errors.push(invalid(STATUS.child('ready'), ready, 'cannot set more ready pods than active'));
  }
  return errors;
}

function validateSuccess(state: JobState): FieldError[] {
  const errors: FieldError[] = [];
  if (state.successCriteriaMet && state.failed) {
    errors.push(condition('cannot set SuccessCriteriaMet=True and Failed=true conditions'));
  }
  if (state.successCriteriaMet && state.failureTarget) {
    errors.push(condition('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'));
  }
  if (state.job.spec.successPolicy && !state.successCriteriaMet && state.complete) {
    const detail = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    errors.push(condition(detail));
  }
  return errors;
}

function validateTransition(state: JobState, old: JobState): FieldError[] {
  const { status, spec } = state.job;
  const stored = old.job.status;
  const errors = TERMINAL.filter((type) => old.has(type) && !state.has(type)).map((type) =>
    condition(`cannot disable the terminal ${type}=True condition`),
  );
  if ((status.failed ?? 0) < (stored.failed ?? 0)) {
    errors.push(invalid(STATUS.child('failed'), status.failed ?? 0, 'cannot decrease the failed counter'));
  }
  // An elastic indexed job may lose succeeded indexes when it is scaled down.
  const elastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  if (!elastic && (status.succeeded ?? 0) < (stored.succeeded ?? 0)) {
    const detail = 'cannot decrease the succeeded counter';
    errors.push(invalid(STATUS.child('succeeded'), status.succeeded ?? 0, detail));
  }
  if (status.completionTime && stored.completionTime && status.completionTime !== stored.completionTime) {
    errors.push(invalid(STATUS.child('completionTime'), status.completionTime, 'field is immutable'));
  }
  const resuming = old.has('Suspended') && state.has('Suspended', 'False');
  if (stored.startTime && status.startTime !== stored.startTime && !resuming && !spec.suspend) {
    const detail = 'field is immutable for unsuspended job once set';
    errors.push(invalid(STATUS.child('startTime'), status.startTime ?? null, detail));
  }
  if (old.successCriteriaMet && !state.successCriteriaMet) {
    errors.push(condition('cannot disable the SuccessCriteriaMet=True condition'));
  }
  if (old.complete && !old.successCriteriaMet && state.successCriteriaMet) {
    const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    errors.push(condition(detail));
  }
  return errors;
}
