import { expect, test } from 'vitest';
import type { PodGroup, Workload } from '../../../../shared/apis/scheduling/v1alpha2/types.ts';
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

const manifest = (kind: string, spec: object) => ({
  apiVersion: 'scheduling.k8s.io/v1alpha2',
  kind,
  spec,
});
const podGroup = (spec: object) => manifest('PodGroup', { schedulingPolicy: { basic: {} }, ...spec });
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[object, string[]]>([
  [{}, []],
  [
    {
      podGroupTemplateRef: { workload: { workloadName: 'w.x', podGroupTemplateName: 't' } },
      schedulingPolicy: { gang: { minCount: 2 } },
    },
    [],
  ],
  [
    { podGroupTemplateRef: {}, schedulingPolicy: {} },
    [
      'spec.podGroupTemplateRef: Invalid value: "": must specify one of: `workload`',
      'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
    ],
  ],
  [
    {
      podGroupTemplateRef: { workload: { workloadName: '', podGroupTemplateName: 'T' } },
      schedulingPolicy: { basic: {}, gang: { minCount: -1 } },
    },
    [
      'spec.podGroupTemplateRef.workload.workloadName: Required value',
      `spec.podGroupTemplateRef.workload.podGroupTemplateName: Invalid value: "T": ${LABEL}`,
      'spec.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
      'spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
    ],
  ],
  [{ schedulingPolicy: { gang: { minCount: 0 } } }, ['spec.schedulingPolicy.gang.minCount: Required value']],
])('pod group: %j', async (spec, causes) => {
  expect(await createCauses(podGroupStrategy, podGroup(spec))).toEqual(causes);
});

test('a pod group stays, and says nothing that has a feature gate', async () => {
  const from = podGroup({});
  const to = podGroup({
    schedulingPolicy: { gang: { minCount: 1 } },
    podGroupTemplateRef: { workload: { workloadName: 'w', podGroupTemplateName: 't' } },
  });
  expect(await updateCauses(podGroupStrategy, { from, to })).toEqual([
    'spec.podGroupTemplateRef: Invalid value: null: field is immutable',
    'spec.schedulingPolicy: Invalid value: null: field is immutable',
  ]);
  const gated = podGroup({ priority: 1, disruptionMode: 'Pod', resourceClaims: [{ name: '?' }] });
  const { object } = await createOutcome<PodGroup>(podGroupStrategy, gated);
  expect(object.spec).toEqual({ podGroupTemplateRef: null, schedulingPolicy: { basic: {} } });
});

test("a pod group's conditions", async () => {
  const condition = { type: 'Ready', status: 'Yes', reason: '', lastTransitionTime: null, message: '' };
  const from = podGroup({});
  const to = { ...from, status: { conditions: [condition] } };
  expect(await updateCauses(podGroupStatusStrategy, { from, to })).toEqual([
    'status.conditions[0].status: Unsupported value: "Yes": supported values: "False", "True", "Unknown"',
    'status.conditions[0].lastTransitionTime: Required value',
    'status.conditions[0].reason: Required value',
  ]);
  const { object } = await updateOutcome<PodGroup>(podGroupStrategy, { from, to });
  expect(object.status).toEqual({});
});

const workload = (...podGroupTemplates: object[]) => manifest('Workload', { podGroupTemplates });
const template = { name: 't', schedulingPolicy: { basic: {} } };

test.each<[object, string[]]>([
  [workload(template), []],
  [workload(), ['spec.podGroupTemplates: Required value']],
  [
    workload(...Array.from({ length: 9 }, () => template)),
    ['spec.podGroupTemplates: Too many: 9: must have at most 8 items'],
  ],
  [
    workload(template, { ...template, schedulingPolicy: {} }, { ...template, name: 'T' }),
    [
      'spec.podGroupTemplates[1]: Duplicate value: {"name":"t","schedulingPolicy":{},"schedulingConstraints":null}',
      'spec.podGroupTemplates[1].schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
      `spec.podGroupTemplates[2].name: Invalid value: "T": ${LABEL}`,
    ],
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

test('a workload stays', async () => {
  const from = workload(template);
  const to = manifest('Workload', {
    controllerRef: { kind: 'Job', name: 'j' },
    podGroupTemplates: [{ ...template, name: 'u' }],
  });
  expect(await updateCauses(workloadStrategy, { from, to })).toEqual([
    'spec.controllerRef: Invalid value: null: field is immutable',
    'spec.podGroupTemplates: Invalid value: null: field is immutable',
  ]);
  const { object } = await createOutcome<Workload>(workloadStrategy, workload({ ...template, priority: 1 }));
  expect(object.spec.podGroupTemplates).toEqual([{ ...template, schedulingConstraints: null }]);
});
