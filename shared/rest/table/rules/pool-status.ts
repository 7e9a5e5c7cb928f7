/** Cells of requests for the status of resource pools (upstream's printResourcePoolStatusRequest). */

import type { PoolStatus, ResourcePoolStatusRequest } from '../../../apis/resource/v1alpha3/types.ts';
import { age } from '../age.ts';
import { type CellSource, NONE, rule } from '../cell.ts';

const UNKNOWN_COUNT = '-';

interface Outcome {
  readonly text: 'Pending' | 'Complete' | 'Failed';
  readonly at?: string | undefined;
}

/** The first condition that ends the request. */
function outcomeOf({ status }: ResourcePoolStatusRequest): Outcome {
  for (const { type, status: state, lastTransitionTime } of status?.conditions ?? []) {
    if (state !== 'True') continue;
    if (type === 'Complete') return { text: 'Complete', at: lastTransitionTime };
    if (type === 'Failed') return { text: 'Failed' };
  }
  return { text: 'Pending' };
}

function sum(request: ResourcePoolStatusRequest, countOf: (pool: PoolStatus) => number): string {
  if (!request.status || outcomeOf(request).text === 'Failed') return UNKNOWN_COUNT;
  return String((request.status.pools ?? []).reduce((total, pool) => total + countOf(pool), 0));
}

function statusText(request: ResourcePoolStatusRequest): string {
  const { text } = outcomeOf(request);
  const { poolCount = 0, pools } = request.status ?? {};
  const shown = pools?.length ?? 0;
  return text === 'Complete' && poolCount > shown ? `Complete (${shown}/${poolCount} pools)` : text;
}

const count = (countOf: (pool: PoolStatus) => number) =>
  rule<ResourcePoolStatusRequest>((request) => sum(request, countOf));

export const poolStatusRules = {
  'poolStatus.totalDevices': count(({ totalDevices }) => totalDevices ?? 0),
  'poolStatus.availableDevices': count(({ availableDevices }) => availableDevices ?? 0),
  'poolStatus.allocatedDevices': count(({ allocatedDevices }) => allocatedDevices ?? 0),
  'poolStatus.unavailableDevices': count(({ unavailableDevices }) => unavailableDevices ?? 0),
  'poolStatus.errors': count(({ validationError }) => (validationError === undefined ? 0 : 1)),
  'poolStatus.status': rule<ResourcePoolStatusRequest>(statusText),
  'poolStatus.completed': rule<ResourcePoolStatusRequest>((request): CellSource => {
    const { text, at } = outcomeOf(request);
    return text === 'Complete' ? age(at) : NONE;
  }),
};
