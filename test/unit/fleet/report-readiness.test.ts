import { expect, test } from 'vitest';
import type { ControlPlane } from '../../../shared/fleet/control-plane.ts';
import { readinessIn, reportReadiness } from '../../../shared/fleet/report-readiness.ts';
import type { LoopbackClient } from '../../../shared/rest/resource-access.ts';

const LONG_AGO = '2026-01-01T00:00:00Z';
const available = {
  type: 'Ready',
  ...readinessIn('Active'),
  observedGeneration: 1,
  lastTransitionTime: LONG_AGO,
};
const objectWith = (condition: object, uid = 'u') =>
  ({
    metadata: { name: 'acme', namespace: 'default', uid, generation: 1 },
    status: { observedGeneration: 1, conditions: [condition], usage: { requests: 1 } },
  }) as unknown as ControlPlane;

/** The reasons of Events and the conditions written by a report, if this object is stored. */
async function report(stored: ControlPlane) {
  const written: unknown[] = [];
  const client = {
    get: async () => stored,
    patch: async (
      _: unknown,
      { status }: { status: { conditions: readonly { reason: string; lastTransitionTime: string }[] } },
    ) => {
      for (const { reason, lastTransitionTime } of status.conditions) {
        written.push(`${reason} ${lastTransitionTime === LONG_AGO ? 'long ago' : 'now'}`);
      }
      return stored;
    },
    create: async (_: unknown, { reason }: { reason: string }) => written.push(`Event ${reason}`),
  } as unknown as LoopbackClient;
  await reportReadiness(client, objectWith(available), readinessIn('Active'));
  return written;
}

test.each<[string, ControlPlane, readonly string[]]>([
  ['the same', objectWith(available), []],
  [
    'a state reported while the object was reconciled',
    objectWith({ ...available, ...readinessIn('Moving') }),
    ['Available now', 'Event Available'],
  ],
  [
    'a status of an earlier generation',
    objectWith({ ...available, observedGeneration: 0 }),
    ['Available long ago'],
  ],
  ['another object of that name', objectWith({ ...available, ...readinessIn('Moving') }, 'other'), []],
])('a report over %s', async (_, stored, written) => {
  expect(await report(stored)).toEqual(written);
});
