import type { ServiceCIDR } from '../../apis/networking/v1/types.ts';
import { formatTime } from '../../meta/time.ts';
import type { Condition } from '../../meta/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { applyStatus } from '../apply-status.ts';

export const SERVICE_CIDRS = { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' };

const READY = 'Ready';

export function readyCondition({ status }: ServiceCIDR): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === READY);
}

/** The Ready condition as set by a controller. */
export type Readiness = Pick<Condition, 'status' | 'message'> & Partial<Pick<Condition, 'reason'>>;

/** Writes the condition as the manager `controller`. Does nothing if the object is gone. */
export async function writeReadiness(
  { client }: ResourceAccess,
  name: string,
  readiness: Readiness,
  controller: string,
): Promise<void> {
  const condition = { type: READY, ...readiness, lastTransitionTime: formatTime(Date.now()) };
  const applied = { kind: 'ServiceCIDR', metadata: { name }, status: { conditions: [condition] } };
  await applyStatus(client, SERVICE_CIDRS, applied, controller);
}
