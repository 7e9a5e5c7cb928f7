/** Reports a `ControlPlane`'s readiness: its `Ready` condition, and an Event for each change of that. */

import { isNotFound } from '../meta/status-error.ts';
import type { Condition } from '../meta/v1/types.ts';
import type { LoopbackClient } from '../rest/resource-access.ts';
import { equalJSON } from '../util/json-equal.ts';
import { CONTROL_PLANES, type ControlPlane, type ControlPlaneStatus } from './control-plane.ts';
import type { TenantState } from './tenant-directory.ts';

/** `observedGeneration`: defaults to the object's current generation. */
export type Readiness = Pick<Condition, 'status' | 'reason' | 'message' | 'observedGeneration'>;

const EVENTS = { group: '', version: 'v1', resource: 'events' };
const COMPONENT = 'zeroplane-fleet';
/** Reasons for not being ready that a user has caused deliberately. */
const EXPECTED_REASONS: ReadonlySet<string> = new Set(['Provisioning', 'Suspended', 'Moving', 'Deleting']);

/** Readiness by directory state, where nothing is wrong. */
const STATES: Readonly<Record<TenantState, Readiness>> = {
  Starting: { status: 'False', reason: 'Provisioning', message: '' },
  Active: { status: 'True', reason: 'Available', message: 'requests are served' },
  Moving: { status: 'False', reason: 'Moving', message: 'requests get 503 meanwhile' },
  Suspended: {
    status: 'False',
    reason: 'Suspended',
    message: 'requests get 503 until spec.suspended is false',
  },
  Deleting: { status: 'False', reason: 'Deleting', message: 'the control plane is being deleted' },
};

/** `what`: work in progress, if any. */
export function readinessIn(state: TenantState, what = ''): Readiness {
  const { message, ...more } = STATES[state];
  return { ...more, message: [message, what].filter(Boolean).join('; ') };
}

export function readinessOf({ status }: ControlPlane): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

export function isReady(object: ControlPlane): boolean {
  return readinessOf(object)?.status === 'True';
}

/**
 * Writes the status, and an Event, if they differ from the stored ones. `object`: as it was reconciled; its stored
 * status may have changed since, and it may be gone.
 */
export async function reportReadiness(
  client: Pick<LoopbackClient, 'get' | 'patch' | 'create'>,
  object: ControlPlane,
  ready: Readiness,
  more: Partial<ControlPlaneStatus> = {},
): Promise<void> {
  const { namespace, name = '', generation = 0 } = object.metadata;
  const now = new Date().toISOString().replace(/\.\d+/, '');
  try {
    const latest = await client.get<ControlPlane>(CONTROL_PLANES, { namespace, name });
    if (latest.metadata.uid !== object.metadata.uid) return;
    // Usage is published separately, and may be newer by now.
    const { usage: _, ...former } = latest.status ?? {};
    const before = readinessOf(latest);
    const lastTransitionTime = before?.status === ready.status ? before.lastTransitionTime : now;
    const observedGeneration = ready.observedGeneration ?? generation;
    const condition = { type: 'Ready', ...ready, observedGeneration, lastTransitionTime };
    const others = former.conditions?.filter(({ type }) => type !== 'Ready') ?? [];
    const status = { ...former, ...more, observedGeneration, conditions: [...others, condition] };
    if (equalJSON(status, former)) return;
    await client.patch(CONTROL_PLANES, { status }, { namespace, name, subresource: 'status' });
    // Mere progress gets no Event.
    const isNewFailure = isUnexpected(ready) && before?.message !== ready.message;
    if (before?.reason === ready.reason && !isNewFailure) return;
    await recordEvent(client, object, ready, now);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const isUnexpected = ({ status, reason }: Pick<Readiness, 'status' | 'reason'>): boolean =>
  status !== 'True' && !EXPECTED_REASONS.has(reason);

async function recordEvent(
  client: Pick<LoopbackClient, 'create'>,
  { apiVersion, kind, metadata }: ControlPlane,
  { status, reason, message }: Readiness,
  now: string,
): Promise<void> {
  const { namespace, name, uid } = metadata;
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    // client-go's naming scheme for Events.
    metadata: { namespace, name: `${name}.${(BigInt(Date.now()) * 1_000_000n).toString(16)}` },
    involvedObject: { apiVersion, kind, namespace, name, uid },
    type: isUnexpected({ status, reason }) ? 'Warning' : 'Normal',
    reason,
    message: message.slice(0, 1024),
    source: { component: COMPONENT },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
  // Best effort: the condition has the same information.
  await client.create(EVENTS, event, { namespace }).catch(() => undefined);
}
