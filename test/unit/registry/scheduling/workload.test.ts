/** Expected messages are those of upstream's generated validation of scheduling.k8s.io/v1beta1. */

import { expect, test } from 'vitest';
import type { CompositePodGroup } from '../../../../shared/apis/scheduling/v1alpha3/types.ts';
import type { PodGroup, Workload } from '../../../../shared/apis/scheduling/v1beta1/types.ts';
import {
  compositePodGroupStatusStrategy,
  compositePodGroupStrategy,
} from '../../../../shared/registry/scheduling/compositepodgroup/strategy.ts';
import {
  podGroupStatusStrategy,
  podGroupStrategy,
} from '../../../../shared/registry/scheduling/podgroup/strategy.ts';
import { workloadStrategy } from '../../../../shared/registry/scheduling/workload/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const manifest = (kind: string, spec: object, version = 'v1beta1') => ({
  apiVersion: `scheduling.k8s.io/${version}`,
  kind,
  spec,
});
const podGroup = (spec: object) => manifest('PodGroup', { schedulingPolicy: { basic: {} }, ...spec });
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const ALL = [
  'TopologyAwareWorkloadScheduling',
  'DRAWorkloadResourceClaims',
  'PodGroupPreemptionPolicy',
  'CompositePodGroup',
];

test.each<[object, string[]]>([
  [{}, []],
  [
    {
      workloadRef: { workloadName: 'w.x', templateName: 't' },
      schedulingPolicy: { gang: { minCount: 2 } },
      disruptionMode: { all: {} },
      priority: 1000000000,
    },
    [],
  ],
  [
    {
      workloadRef: { workloadName: '', templateName: 'T' },
      schedulingPolicy: { basic: {}, gang: { minCount: -1 } },
    },
    [
      'spec.workloadRef.workloadName: Required value',
      `spec.workloadRef.templateName: Invalid value: "T": ${LABEL}`,
      'spec.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
      'spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
    ],
  ],
  [
    { schedulingPolicy: {}, disruptionMode: {}, priority: 1000000001 },
    [
      'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
      'spec.disruptionMode: Invalid value: "": must specify one of: `single`, `all`',
      'spec.priority: Invalid value: 1000000001: must be less than or equal to 1000000000',
    ],
  ],
  [{ schedulingPolicy: { gang: { minCount: 0 } } }, ['spec.schedulingPolicy.gang.minCount: Required value']],
])('pod group: %j', async (spec, causes) => {
  expect(await createCauses(podGroupStrategy, podGroup(spec))).toEqual(causes);
});

const claims = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `c${index}`, resourceClaimName: 'r' }));

test.each<[object, string[]]>([
  [{ resourceClaims: claims(5) }, ['spec.resourceClaims: Too many: 5: must have at most 4 items']],
  [
    { resourceClaims: [...claims(1), { name: 'c0' }] },
    [
      'spec.resourceClaims[1]: Duplicate value: {"name":"c0"}',
      'spec.resourceClaims[1]: Invalid value: "": must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
    ],
  ],
  [
    { preemptionPolicy: 'Sometimes' },
    [
      'spec.preemptionPolicy: Unsupported value: "Sometimes": supported values: "Never", "PreemptLowerPriority"',
    ],
  ],
  [
    { parentCompositePodGroupName: 'p' },
    ['spec.workloadRef: Required value: must be set when parentCompositePodGroupName is set'],
  ],
  [
    { schedulingConstraints: { topology: [{ key: 'a' }, { key: 'b' }] } },
    ['spec.schedulingConstraints.topology: Too many: 2: must have at most 1 item'],
  ],
])('pod group with all gates: %j', async (spec, causes) => {
  expect(await createCauses(podGroupStrategy, podGroup(spec), { features: ALL })).toEqual(causes);
});

test('a pod group is immutable, and has no fields of disabled gates', async () => {
  const from = podGroup({});
  const to = podGroup({
    schedulingPolicy: { gang: { minCount: 1 } },
    workloadRef: { workloadName: 'w', templateName: 't' },
    disruptionMode: { all: {} },
  });
  expect(await updateCauses(podGroupStrategy, { from, to })).toEqual([
    'spec.workloadRef: Invalid value: null: field is immutable',
    'spec.schedulingPolicy.basic: Invalid value: null: field is immutable',
    'spec.schedulingPolicy.gang: Invalid value: null: field cannot be set once created',
    'spec.disruptionMode: Invalid value: null: field is immutable',
  ]);
  const gated = podGroup({
    schedulingConstraints: { topology: [] },
    resourceClaims: [{ name: '?' }],
    preemptionPolicy: 'Never',
    parentCompositePodGroupName: 'p',
  });
  const { object } = await createOutcome<PodGroup>(podGroupStrategy, gated);
  expect(object.spec).toEqual({ disruptionMode: { single: {} }, schedulingPolicy: { basic: {} } });
});

test("a pod group's status", async () => {
  const condition = { type: 'Ready', status: 'Yes', reason: '', lastTransitionTime: null, message: '' };
  const from = podGroup({});
  const to = { ...from, status: { conditions: [condition] } };
  expect(await updateCauses(podGroupStatusStrategy, { from, to })).toEqual([
    'status.conditions[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[0].lastTransitionTime: Required value',
    'status.conditions[0].reason: Required value',
  ]);
  const claimed = podGroup({ resourceClaims: claims(1) });
  const told = { ...claimed, status: { resourceClaimStatuses: [{ name: 'c1' }] } };
  expect(await updateCauses(podGroupStatusStrategy, { from: claimed, to: told }, { features: ALL })).toEqual([
    'status.resourceClaimStatuses[0].name: Invalid value: "c1": must match the name of an entry in `spec.resourceClaims`',
  ]);
  const { object } = await updateOutcome<PodGroup>(podGroupStrategy, { from, to });
  expect(object.status).toEqual({});
});

const workload = (...podGroupTemplates: object[]) => manifest('Workload', { podGroupTemplates });
const template = { name: 't', schedulingPolicy: { basic: {} } };

test.each<[object, string[]]>([
  [workload(template), []],
  [
    workload(),
    ['spec: Invalid value: "": must specify one of: `podGroupTemplates`, `compositePodGroupTemplates`'],
  ],
  [
    workload(...Array.from({ length: 9 }, () => template)),
    ['spec.podGroupTemplates: Too many: 9: must have at most 8 items'],
  ],
  [
    workload(template, { ...template, schedulingPolicy: {} }, { ...template, name: 'T' }),
    [
      'spec.podGroupTemplates[1]: Duplicate value: {"name":"t","schedulingPolicy":{}}',
      'spec.podGroupTemplates[1].schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
      `spec.podGroupTemplates[2].name: Invalid value: "T": ${LABEL}`,
    ],
  ],
  [
    workload(template, { ...template, name: 'u', priority: 1 }),
    ['spec: Invalid value: null: detected multiple priority configurations'],
  ],
  [
    manifest('Workload', {
      controllerRef: { apiGroup: '', kind: '', name: 'a/b' },
      podGroupTemplates: [template],
    }),
    [
      'spec.controllerRef.kind: Required value',
      'spec.controllerRef.name: Invalid value: "a/b": may not contain \'/\'',
    ],
  ],
])('workload %#', async (object, causes) => {
  expect(await createCauses(workloadStrategy, object as ReturnType<typeof workload>)).toEqual(causes);
});

const composite = (name: string, more: object) => ({ name, schedulingPolicy: { basic: {} }, ...more });
const nested = (depth: number): object =>
  composite(
    `c${depth}`,
    depth === 1 ? { podGroupTemplates: [template] } : { compositePodGroupTemplates: [nested(depth - 1)] },
  );

test.each<[string, object[], string[]]>([
  ['with three levels', [nested(3)], []],
  [
    'childless',
    [composite('c', {})],
    [
      'spec.compositePodGroupTemplates[0]: Invalid value: "c": must have at least one child PodGroupTemplate or CompositePodGroupTemplate',
    ],
  ],
  [
    'with duplicate names',
    [
      composite('c', { podGroupTemplates: [template] }),
      composite('d', { podGroupTemplates: [{ ...template, name: 'c' }] }),
    ],
    ['spec.compositePodGroupTemplates[1].podGroupTemplates[0].name: Duplicate value: "c"'],
  ],
  [
    'with several priorities',
    [composite('c', { podGroupTemplates: [{ ...template, priority: 3 }] })],
    [
      'spec: Invalid value: null: all priority and priorityClassName values must be identical, detected multiple values',
    ],
  ],
])('composite templates %s', async (_name, compositePodGroupTemplates, causes) => {
  const object = manifest('Workload', { compositePodGroupTemplates });
  expect(await createCauses(workloadStrategy, object, { features: ALL })).toEqual(causes);
});

test('composite templates of four levels', async () => {
  const object = manifest('Workload', { compositePodGroupTemplates: [nested(4)] });
  const shown = (name: string, groups: string, composites: string): string =>
    `[{"Name":"${name}","SchedulingPolicy":{"Basic":{},"Gang":null},"SchedulingConstraints":null,"DisruptionMode":null,"PriorityClassName":"","Priority":null,"PreemptionPolicy":null,"PodGroupTemplates":${groups},"CompositePodGroupTemplates":${composites}}]`;
  const group =
    '[{"Name":"t","SchedulingPolicy":{"Basic":{},"Gang":null},"SchedulingConstraints":null,"ResourceClaims":null,"DisruptionMode":null,"PriorityClassName":"","Priority":null,"PreemptionPolicy":null}]';
  const value = shown('c3', 'null', shown('c2', 'null', shown('c1', group, 'null')));
  expect(await createCauses(workloadStrategy, object, { features: ALL })).toEqual([
    `spec.compositePodGroupTemplates[0]: Invalid value: ${value}: maximum template hierarchy depth is 4`,
  ]);
});

test("a workload's templates are immutable", async () => {
  const from = workload(template);
  const to = manifest('Workload', {
    controllerRef: { kind: 'Job', name: 'j' },
    podGroupTemplates: [{ ...template, name: 'u' }],
  });
  expect(await updateCauses(workloadStrategy, { from, to })).toEqual([
    'spec.controllerRef: Invalid value: null: field is immutable',
    'spec.podGroupTemplates[0]: Forbidden: item may not be added',
    'spec.podGroupTemplates: Forbidden: item may not be removed',
  ]);
  const more = { ...template, preemptionPolicy: 'Never', schedulingConstraints: { topology: [] } };
  const { object } = await createOutcome<Workload>(workloadStrategy, workload(more));
  expect(object.spec.podGroupTemplates).toEqual([template]);
});

test('a composite pod group', async () => {
  const of = (spec: object) => manifest('CompositePodGroup', spec, 'v1alpha3');
  const spec = { schedulingPolicy: { gang: { minGroupCount: 2 } } };
  const { object, causes } = await createOutcome<CompositePodGroup>(compositePodGroupStrategy, of(spec));
  expect(causes).toEqual(['spec.workloadRef: Required value']);
  expect(object.spec.disruptionMode).toEqual({ single: {} });
  const workloadRef = { workloadName: 'w', templateName: 't' };
  const bad = of({ workloadRef, schedulingPolicy: { gang: { minGroupCount: 0 } }, priorityClassName: 'A' });
  expect(await createCauses(compositePodGroupStrategy, bad)).toEqual([
    'spec.schedulingPolicy.gang.minGroupCount: Required value',
    expect.stringMatching(/^spec\.priorityClassName: Invalid value: "A": a lowercase RFC 1123 subdomain/),
  ]);
  const from = of({ ...spec, workloadRef });
  const status = { conditions: [{ type: 'Ready', status: 'Maybe' }] };
  expect(await updateCauses(compositePodGroupStatusStrategy, { from, to: { ...from, status } })).toEqual([
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    'status.conditions[0].lastTransitionTime: Required value',
    'status.conditions[0].reason: Required value',
  ]);
});
