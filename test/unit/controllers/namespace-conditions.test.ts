import { expect, test } from 'vitest';
import { type DeletionReport, updatedConditions } from '../../../shared/controllers/namespace/conditions.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const LATER = NOW + 60_000;
const CLEAN: DeletionReport = { errors: [], remaining: new Map(), finalizers: new Map() };

const summary = (report: DeletionReport) =>
  updatedConditions([], report, NOW)!
    .filter(({ status }) => status === 'True')
    .map(({ type, reason, message }) => ({ type, reason, message }));

test.each<[string, DeletionReport, object[]]>([
  ['nothing left', CLEAN, []],
  [
    'content and finalizers left',
    {
      ...CLEAN,
      remaining: new Map([
        ['widgets.example.com', 2],
        ['pods.', 1],
      ]),
      finalizers: new Map([['example.com/keep', 2]]),
    },
    [
      {
        type: 'NamespaceContentRemaining',
        reason: 'SomeResourcesRemain',
        message:
          'Some resources are remaining: pods. has 1 resource instances, widgets.example.com has 2 resource instances',
      },
      {
        type: 'NamespaceFinalizersRemaining',
        reason: 'SomeFinalizersRemain',
        message: 'Some finalizers are remaining: example.com/keep in 2 resource instances',
      },
    ],
  ],
  [
    'failures',
    { ...CLEAN, discoveryError: 'no answer', errors: ['b', 'a'] },
    [
      { type: 'NamespaceDeletionDiscoveryFailure', reason: 'DiscoveryFailed', message: 'no answer' },
      {
        type: 'NamespaceDeletionContentFailure',
        reason: 'ContentDeletionFailed',
        message: 'Failed to delete all resource types, 2 remaining: a, b',
      },
    ],
  ],
])('%s', (_, report, expected) => {
  expect(summary(report)).toEqual(expected);
});

test('current conditions are unchanged; a new message keeps the transition time', () => {
  const first = updatedConditions([], { ...CLEAN, remaining: new Map([['pods.', 2]]) }, NOW)!;
  expect(updatedConditions(first, { ...CLEAN, remaining: new Map([['pods.', 2]]) }, LATER)).toBeUndefined();
  const second = updatedConditions(first, { ...CLEAN, remaining: new Map([['pods.', 1]]) }, LATER)!;
  expect(second.find(({ type }) => type === 'NamespaceContentRemaining')?.lastTransitionTime).toBe(
    '2026-01-02T00:00:00Z',
  );
  const third = updatedConditions(second, CLEAN, LATER)!;
  expect(third.find(({ type }) => type === 'NamespaceContentRemaining')).toEqual({
    type: 'NamespaceContentRemaining',
    status: 'False',
    lastTransitionTime: '2026-01-02T00:01:00Z',
    reason: 'ContentRemoved',
    message: 'All content successfully removed',
  });
});
