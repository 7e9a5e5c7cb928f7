import { expect, test } from 'vitest';
import { priorityClassStrategy } from '../../../../shared/registry/scheduling/priorityclass/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const priorityClass = (name: string, fields: object) => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  ...fields,
});
const RESERVED =
  "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ";

test.each<[string, object, string[]]>([
  ['high', { value: 1_000_000_000, preemptionPolicy: 'Never', globalDefault: true }, []],
  ['low', { value: -2_000_000_000 }, []],
  ['system-node-critical', { value: 2_000_001_000 }, []],
  [
    'higher',
    { value: 1_000_000_001 },
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  ['system-mine', { value: 1 }, [`${RESERVED}system-mine is not a known system priority class`]],
  [
    'system-node-critical',
    { value: 1 },
    [`${RESERVED}value of system-node-critical PriorityClass must be 2000001000`],
  ],
  [
    'system-cluster-critical',
    { value: 2_000_000_000, globalDefault: true },
    [`${RESERVED}globalDefault of system-cluster-critical PriorityClass must be false`],
  ],
  [
    'x',
    { value: 1, preemptionPolicy: 'Sometimes' },
    ['preemptionPolicy: Unsupported value: "Sometimes": supported values: "PreemptLowerPriority", "Never"'],
  ],
])('%s: %j', async (name, fields, causes) => {
  expect(await createCauses(priorityClassStrategy, priorityClass(name, fields))).toEqual(causes);
});

test('value and preemption policy are immutable', async () => {
  const from = priorityClass('x', { value: 1, description: 'old' });
  const same = priorityClass('x', { value: 1, globalDefault: true });
  expect(await updateCauses(priorityClassStrategy, { from, to: same })).toEqual([]);
  const to = priorityClass('x', { value: 2, preemptionPolicy: 'Never' });
  expect(await updateCauses(priorityClassStrategy, { from, to })).toEqual([
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "Never": field is immutable',
  ]);
});
