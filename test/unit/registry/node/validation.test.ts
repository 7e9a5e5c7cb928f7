import { expect, test } from 'vitest';
import { runtimeClassStrategy } from '../../../../shared/registry/node/runtimeclass/strategy.ts';
import { createCauses, createOutcome, updateCauses } from '../../../fixtures/strategy-causes.ts';

const runtimeClass = (fields: object, apiVersion = 'node.k8s.io/v1') => ({
  apiVersion,
  kind: 'RuntimeClass',
  ...fields,
});
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

test.each<[object, string[]]>([
  [{ handler: 'gvisor' }, []],
  [
    {
      handler: 'kata',
      overhead: { podFixed: { cpu: '250m', memory: '120Mi' } },
      scheduling: { nodeSelector: { kata: 'yes' }, tolerations: [{ operator: 'Exists' }] },
    },
    [],
  ],
  [{ handler: '' }, ['handler: Required value']],
  [{ handler: 'G_Visor' }, [`handler: Invalid value: "G_Visor": ${LABEL}`]],
  [
    { handler: 'a', overhead: { podFixed: { cpu: '-1' } } },
    ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    {
      handler: 'a',
      scheduling: {
        nodeSelector: { a: '?' },
        tolerations: [
          { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
          { key: 'a', operator: 'Exists', effect: 'NoExecute' },
        ],
      },
    },
    [
      "scheduling.nodeSelector: Invalid value: \"?\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'scheduling.tolerations[1]: Duplicate value: {"Key":"a","Operator":"Exists","Value":"","Effect":"NoExecute","TolerationSeconds":null}',
    ],
  ],
])('%j', async (fields, causes) => {
  expect(await createCauses(runtimeClassStrategy, runtimeClass(fields))).toEqual(causes);
});

test('v1alpha1 has the fields in a spec', async () => {
  const manifest = runtimeClass({ spec: { runtimeHandler: '' } }, 'node.k8s.io/v1alpha1');
  expect(await createCauses(runtimeClassStrategy, manifest)).toEqual(['handler: Required value']);
});

test('the handler is immutable', async () => {
  const update = { from: runtimeClass({ handler: 'a' }), to: runtimeClass({ handler: 'b' }) };
  expect(await updateCauses(runtimeClassStrategy, update)).toEqual([
    'handler: Invalid value: null: field is immutable',
  ]);
});

test('warns of old labels of nodes', async () => {
  const nodeSelector = { 'beta.kubernetes.io/os': 'linux' };
  const manifest = runtimeClass({ handler: 'a', scheduling: { nodeSelector } });
  expect((await createOutcome(runtimeClassStrategy, manifest)).warnings).toEqual([
    'scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead',
  ]);
});
