/** Expected messages are those of upstream's validation of lifecycle.k8s.io/v1alpha1, handwritten and generated. */

import { expect, test } from 'vitest';
import type { EvictionStatus, TargetResponder } from '../../../../shared/apis/lifecycle/v1alpha1/types.ts';
import { validateEvictionStatus } from '../../../../shared/apis/lifecycle/validation/eviction-status.ts';
import { sortResponders } from '../../../../shared/apis/lifecycle/validation/sort-responders.ts';
import { formatFieldError } from '../../../../shared/meta/field-error.ts';
import {
  evictionStatusStrategy,
  evictionStrategy,
} from '../../../../shared/registry/lifecycle/eviction/strategy.ts';
import { evictionRequestStrategy } from '../../../../shared/registry/lifecycle/evictionrequest/strategy.ts';
import { createCauses, updateCauses, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const UID = '00000000-0000-4000-8000-000000000001';
const manifest = (kind: string, spec: object) => ({ apiVersion: 'lifecycle.k8s.io/v1alpha1', kind, spec });
const request = (spec: object) =>
  manifest('EvictionRequest', {
    requester: 'example.com/a',
    intent: 'Eviction',
    target: { pod: { name: 'p', uid: UID } },
    ...spec,
  });

const PREFIX = [
  `spec.requester: Invalid value: "K8s.io./a": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
];

test.each<[object, string[]]>([
  [{}, []],
  [
    { target: {}, requester: 'a', intent: 'Maybe' },
    [
      'spec.target: Invalid value: "": must specify one of: `pod`',
      'spec.requester: Invalid value: "a": must include a prefix (e.g. \'example.com/key\')',
      'spec.intent: Unsupported value: "Maybe": supported values: "Eviction", "Withdrawn"',
    ],
  ],
  [
    { target: { pod: { name: '', uid: 'U' } }, requester: '', intent: '' },
    [
      'spec.target.pod.name: Required value',
      'spec.target.pod.uid: Invalid value: "U": must be a lowercase UUID in 8-4-4-4-12 format',
      'spec.requester: Required value',
      'spec.intent: Required value',
    ],
  ],
  ...['k8s.io/a', 'dev.kubernetes.io/a', 'K8s.io./a'].map((requester): [object, string[]] => [
    { requester },
    [
      `spec.requester: Invalid value: "${requester}": domain names *.k8s.io, *.kubernetes.io are reserved`,
      ...(requester === 'K8s.io./a' ? PREFIX : []),
    ],
  ]),
])('a request: %j', async (spec, causes) => {
  expect(await createCauses(evictionRequestStrategy, request(spec))).toEqual(causes);
});

test.each<[object, string[]]>([
  [{ generateName: 'Any Thing!', name: 'a' }, []],
  [
    { name: 'a'.repeat(254) },
    [`metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 bytes`],
  ],
])('the name of a request: %j', async (metadata, causes) => {
  expect(await createCauses(evictionRequestStrategy, { ...request({}), metadata })).toEqual(causes);
});

test('requestor and target are immutable; the request may change', async () => {
  const from = request({});
  const other = request({ requester: 'example.com/b', target: { pod: { name: 'q', uid: UID } } });
  expect(await updateCauses(evictionRequestStrategy, { from, to: other })).toEqual([
    'spec.target: Invalid value: null: field is immutable',
    'spec.requester: Invalid value: null: field is immutable',
  ]);
  const { causes, object } = await updateOutcome(evictionRequestStrategy, {
    from,
    to: request({ intent: 'Withdrawn' }),
  });
  expect([causes, object.metadata.generation]).toEqual([[], 2]);
});

test('an eviction and its status', async () => {
  const eviction = manifest('Eviction', { target: { pod: { name: 'p', uid: UID } } });
  expect(await createCauses(evictionStrategy, eviction)).toEqual([]);
  const status = (observedGeneration: number) => ({ ...eviction, status: { observedGeneration } });
  const update = { from: status(3), to: status(2) };
  expect(await updateCauses(evictionStatusStrategy, update)).toEqual([
    'status.observedGeneration: Invalid value: 2: may not be decreased from 3',
  ]);
  expect(await updateCauses(evictionStatusStrategy, { from: status(3), to: eviction })).toEqual([
    'status.observedGeneration: Invalid value: null: field cannot be cleared once set',
  ]);
});

const responder = (name: string, priority?: number): TargetResponder => ({
  name,
  state: 'Inactive',
  ...(priority !== undefined && { priority }),
});

test('responders are ordered by priority, then by domain from the top level', () => {
  const names = ['b.a.com/x', 'a.com/y', 'a.com/x', 'z.b.com/x', 'low.org/x', 'none.org/x'];
  const list = [5, 4, 3, 2, 1, 0].map((at) => responder(names[at]!, { 4: 1, 5: undefined }[at] ?? 7));
  const unset = list.map((one) => (one.name === 'none.org/x' ? responder(one.name) : one));
  expect(sortResponders(unset).map(({ name }) => name)).toEqual([
    'a.com/x',
    'a.com/y',
    'b.a.com/x',
    'z.b.com/x',
    'low.org/x',
    'none.org/x',
  ]);
});

const NOW = Date.parse('2030-01-01T00:00:00Z');
const time = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString().replace('.000Z', 'Z');
type States = Readonly<Record<string, string>>;
/** Targets with their states, and statuses with the fields in `said`. */
const status = (states: States, said: Readonly<Record<string, object>> = {}): EvictionStatus => ({
  targetResponders: Object.entries(states).map(([name, state], index) => ({
    name: `example.com/${name}`,
    state,
    priority: 3000 - index,
  })),
  responders: Object.keys(states).map((name) => ({ name: `example.com/${name}`, ...said[name] })),
});
const condition = (type: string) => ({
  type,
  status: 'True' as const,
  reason: 'Done',
  message: '',
  lastTransitionTime: time(0),
});
const STARTED = { startTime: time(-60) };
const DONE = { ...STARTED, completionTime: time(0) };
const T = 'status.targetResponders';
const R = 'status.responders';

test.each<[string, EvictionStatus, EvictionStatus, string[]]>([
  ['the first one starts', {}, status({ a: 'Active', b: 'Inactive' }, { a: { startTime: time(0) } }), []],
  [
    'none starts',
    {},
    status({ a: 'Inactive' }),
    [
      `${T}[0].state: Invalid value: "Inactive": must be one of: Active, because this responder is next in line`,
    ],
  ],
  [
    'one completes, the next starts',
    status({ a: 'Active', b: 'Inactive' }, { a: DONE }),
    status({ a: 'Completed', b: 'Active' }, { a: DONE, b: { startTime: time(0) } }),
    [],
  ],
  [
    'an active one is interrupted',
    status({ a: 'Active', b: 'Inactive' }, { a: STARTED }),
    status({ a: 'Interrupted', b: 'Active' }, { a: STARTED, b: { startTime: time(0) } }),
    [
      `${T}[0].state: Forbidden: must stay Active because the responder is in progress and it should report status.responders.heartbeatTime or status.responders.completionTime`,
    ],
  ],
  [
    'one starts out of turn',
    status({ a: 'Active', b: 'Inactive' }, { a: STARTED }),
    status({ a: 'Active', b: 'Active' }, { a: STARTED, b: { startTime: time(0) } }),
    [
      `${T}[1].state: Invalid value: "Active": must be one of: Inactive, because the previously active has not finished processing`,
    ],
  ],
  [
    'one is removed',
    status({ a: 'Active', b: 'Inactive' }, { a: STARTED }),
    status({ a: 'Active' }, { a: STARTED }),
    [
      `${T}: Invalid value: [{"name":"example.com/a","state":"Active","priority":3000}]: must preserve the same length and the same keys`,
    ],
  ],
  [
    'impossible times',
    status({ a: 'Active' }, { a: STARTED }),
    status(
      { a: 'Active' },
      {
        a: {
          ...STARTED,
          heartbeatTime: time(-90),
          expectedCompletionTime: time(-40),
          completionTime: time(600),
        },
      },
    ),
    [
      `${R}[0].heartbeatTime: Invalid value: "${time(-90)}": must occur after status.responders[0].startTime`,
      `${R}[0].expectedCompletionTime: Invalid value: "${time(-40)}": cannot be set to the past time`,
      `${R}[0].completionTime: Invalid value: "${time(600)}": must be set to the present time`,
    ],
  ],
  [
    'a removed final condition',
    { ...status({ a: 'Completed' }, { a: DONE }), conditions: [condition('Failed')] },
    status({ a: 'Completed' }, { a: DONE }),
    ['status.conditions: Invalid value: null: Failed condition status cannot be reverted'],
  ],
])('%s', (_what, old, now, errors) => {
  expect(validateEvictionStatus(now, old, NOW).map(formatFieldError)).toEqual(errors);
});

test('responders are printed in their internal form', async () => {
  const from = {
    ...manifest('Eviction', { target: { pod: { name: 'p', uid: UID } } }),
    metadata: { name: UID },
  };
  const targetResponders = [{ name: 'example.com/a', state: 'Active', priority: 3000 }];
  const causes = async (told: object) =>
    (
      await updateCauses(evictionStatusStrategy, {
        from,
        to: { ...from, status: { targetResponders, ...told } },
      })
    ).filter(
      (cause) =>
        cause.includes('Invalid value: [') || cause.includes('Invalid value: {') || cause.includes('null'),
    );
  const target =
    'status.targetResponders[0]: Invalid value: {"Name":"example.com/a","Priority":3000,"State":"Active"}: "example.com/a" has to be tracked in status.responders first';
  expect(await causes({})).toEqual([
    target,
    'status.responders: Invalid value: null: must be the same length as status.targetResponders and contain the same keys',
  ]);
  expect(await causes({ responders: [{ name: 'example.com/b' }] })).toEqual([
    target,
    'status.responders: Invalid value: [{"Name":"example.com/b","StartTime":null,"HeartbeatTime":null,"ExpectedCompletionTime":null,"CompletionTime":null,"Message":null}]: must contain the same keys as status.targetResponders',
  ]);
});
