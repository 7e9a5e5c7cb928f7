import type { CronJob } from '../v1/types.ts';

/** Time zones and the time of the last success were added later. */
export function cronJobFromInternal(hub: CronJob): CronJob {
  delete hub.spec.timeZone;
  delete hub.status.lastSuccessfulTime;
  return hub;
}
