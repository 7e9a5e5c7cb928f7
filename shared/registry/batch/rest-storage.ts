import { groupStorage, storedResource } from '../generic/group-storage.ts';
import { cronJobStatusStrategy, cronJobStrategy } from './cronjob/strategy.ts';
import { jobStatusStrategy, jobStrategy } from './job/strategy.ts';

export const batchStorage = groupStorage('batch', {
  cronjobs: storedResource({ version: 'v1', strategy: cronJobStrategy, status: cronJobStatusStrategy }),
  jobs: storedResource({ version: 'v1', strategy: jobStrategy, status: jobStatusStrategy }),
});
