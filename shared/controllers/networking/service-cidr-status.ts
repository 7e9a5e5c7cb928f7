import type { ServiceCIDR } from '../../apis/networking/v1/types.ts';
import { isNotFound } from '../../meta/status-error.ts';
import { formatTime } from '../../meta/time.ts';
import type { Condition } from '../../meta/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';

export const SERVICE_CIDRS = { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' };

const READY = 'Ready';

export function readyCondition({ status }: ServiceCIDR): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === READY);
}

/** What a controller says of readiness. */
export type Readiness = Pick<Condition, 'status' | 'message'> & Partial<Pick<Condition, 'reason'>>;

/** Writes the condition as the manager `controller`. What is gone needs none. */
export async function writeReadiness(
  { client }: ResourceAccess,
  name: string,
  readiness: Readiness,
  controller: string,
): Promise<void> {
  const condition = { type: READY, ...readiness, lastTransitionTime: formatTime(Date.now()) };
  const configuration = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { name },
    status: { conditions: [condition] },
  };
  try {
    await client.patch(SERVICE_CIDRS, configuration, {
      name,
      subresource: 'status',
      patchType: 'application/apply-patch+yaml',
      fieldManager: controller,
      force: true,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
