// Generated from types.json by `npm run generate`. Do not edit.

import type { JobSpec } from '../v1/types.ts';
import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { ObjectReference } from '../../core/v1/types.ts';

export interface CronJob {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: CronJobSpec;
  status: CronJobStatus;
}

export interface CronJobList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: CronJob[] | null | undefined;
}

export interface CronJobSpec {
  schedule: string;
  timeZone?: string | undefined;
  startingDeadlineSeconds?: number | undefined;
  concurrencyPolicy?: string | undefined;
  suspend?: boolean | undefined;
  jobTemplate: JobTemplateSpec;
  successfulJobsHistoryLimit?: number | undefined;
  failedJobsHistoryLimit?: number | undefined;
}

export interface CronJobStatus {
  active?: ObjectReference[] | undefined;
  lastScheduleTime?: string | undefined;
  lastSuccessfulTime?: string | undefined;
}

export interface JobTemplate {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  template: JobTemplateSpec;
}

export interface JobTemplateSpec {
  metadata: ObjectMeta;
  spec: JobSpec;
}
