import { describe, expect, test } from 'vitest';
import { applyStrategicMergePatch } from '../../../../shared/meta/patch/strategic-merge-patch.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import { definitions, tables } from '../../../fixtures/kind-schemas.ts';

const pod = tables.schema(definitions.get('v1/Pod')!);
const bytes = (patch: unknown): Buffer => Buffer.from(JSON.stringify(patch));

async function apply(current: unknown, patch: unknown): Promise<unknown> {
  try {
    return (await applyStrategicMergePatch(current, bytes(patch), pod, { strict: true })).value;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.status.code} ${error.status.message}`;
  }
}

const containers = (...names: string[]) => ({ spec: { containers: names.map((name) => ({ name })) } });

test.each<[string, unknown, unknown, unknown]>([
  ['nothing', containers('a'), {}, containers('a')],
  ['null', containers('a'), null, containers('a')],
  [
    'a null removes a member',
    { spec: { hostname: 'a', nodeName: 'b' } },
    { spec: { hostname: null } },
    { spec: { nodeName: 'b' } },
  ],
  [
    'nulls in new values are dropped',
    {},
    { spec: { hostname: null, dnsConfig: { searches: null } } },
    { spec: { dnsConfig: {} } },
  ],
  [
    'elements merge by their key',
    {
      spec: {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'y' },
        ],
      },
    },
    { spec: { containers: [{ name: 'b', image: 'z', tty: true }] } },
    {
      spec: {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'b', image: 'z', tty: true },
        ],
      },
    },
  ],
  ['new elements are appended', containers('a', 'b'), containers('c'), containers('c', 'a', 'b')],
  [
    '$patch: delete in a list',
    containers('a', 'b'),
    { spec: { containers: [{ $patch: 'delete', name: 'a' }] } },
    containers('b'),
  ],
  [
    '$patch: replace in a list',
    containers('a', 'b'),
    { spec: { containers: [{ name: 'c' }, { $patch: 'replace' }] } },
    containers('c'),
  ],
  [
    '$patch: replace in a map',
    { spec: { hostname: 'a' } },
    { spec: { $patch: 'replace', nodeName: 'b' } },
    { spec: { nodeName: 'b' } },
  ],
  ['$patch: delete in a map', { spec: { hostname: 'a' } }, { spec: { $patch: 'delete' } }, { spec: {} }],
  [
    '$setElementOrder sorts',
    containers('a', 'b', 'c'),
    { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }, { name: 'a' }] } },
    containers('c', 'b', 'a'),
  ],
  [
    'elements that the order omits keep their place',
    containers('a', 'b', 'c'),
    { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] } },
    containers('b', 'c', 'a'),
  ],
  [
    'an element in place of another',
    containers('c', 'e'),
    {
      spec: {
        '$setElementOrder/containers': [{ name: 'a' }],
        containers: [{ $patch: 'delete', name: 'c' }, { name: 'a' }],
      },
    },
    containers('e', 'a'),
  ],
  [
    '$deleteFromPrimitiveList',
    { metadata: { finalizers: ['a', 'b', 'c'] } },
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['b'] } },
    { metadata: { finalizers: ['a', 'c'] } },
  ],
  [
    'values merge',
    { metadata: { finalizers: ['a', 'b'] } },
    { metadata: { finalizers: ['c', 'b'] } },
    { metadata: { finalizers: ['c', 'a', 'b'] } },
  ],
  [
    '$retainKeys',
    { spec: { volumes: [{ name: 'v', emptyDir: {} }] } },
    { spec: { volumes: [{ $retainKeys: ['name', 'secret'], name: 'v', secret: { secretName: 's' } }] } },
    { spec: { volumes: [{ name: 'v', secret: { secretName: 's' } }] } },
  ],
  [
    'lists without a strategy are replaced',
    { spec: { tolerations: [{ key: 'a' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
    { spec: { tolerations: [{ key: 'b' }] } },
  ],
  ['a list for a map', { spec: { containers: {} } }, containers('a'), containers('a')],
])('%s', async (_, current, patch, expected) => {
  expect(await apply(current, patch)).toEqual(expected);
});

describe('errors', () => {
  test.each<[unknown, unknown, string]>([
    [{}, [], '400 json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [{}, 'x', '400 json: cannot unmarshal string into Go value of type map[string]interface {}'],
    [
      containers('a'),
      { spec: { containers: [{ image: 'x' }] } },
      '500 map: map[image:x] does not contain declared merge key: name',
    ],
    [
      containers('a'),
      { spec: { containers: [{ $patch: 'delete' }] } },
      '500 map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      containers('a'),
      { spec: { containers: [{ $patch: 'x', name: 'a' }] } },
      '500 unknown patch type: x in map: map[$patch:x name:a]',
    ],
    [
      containers('a'),
      { spec: { containers: [{ $patch: 'merge', name: 'a' }] } },
      '500 merging lists cannot yet be specified in the patch',
    ],
    [
      containers('a'),
      { spec: { containers: ['a'] } },
      '500 list element types are not identical: [[map[name:a]] [a]]',
    ],
    [
      containers('a'),
      { spec: { containers: [[]] } },
      '500 list element types are not identical: [[map[name:a]] [[]]]',
    ],
    [
      { spec: { containers: [] } },
      { spec: { containers: [[]] } },
      '422 the server rejected our request due to an error in our request',
    ],
    [containers('a'), { spec: { $patch: 5 } }, '500 unknown patch type: %!s(int64=5) in map: map[$patch:5]'],
    [
      { spec: { foo: {} } },
      { spec: { foo: {} } },
      '500 unable to find api field in struct PodSpec for the json field "foo"',
    ],
    [{ spec: {} }, { spec: { $retainKeys: ['a'], hostname: 'x' } }, '400 invalid patch format of retainKeys'],
    [{ spec: {} }, { spec: { $retainKeys: 'a' } }, '400 invalid patch format of retainKeys'],
    [
      { metadata: {} },
      { metadata: { $deleteFromPrimitiveList: [] } },
      '400 invalid patch format of primitive list',
    ],
    [
      containers('a'),
      { spec: { '$setElementOrder/containers': 5 } },
      '500 expected a []interface {}, but received a int64',
    ],
    [
      containers('a'),
      { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'c' }] } },
      "500 The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
  ])('%j patched with %j', async (current, patch, expected) => {
    expect(await apply(current, patch)).toBe(expected);
  });

  test('bytes that are not JSON', async () => {
    await expect(applyStrategicMergePatch({}, Buffer.from('{'), pod)).rejects.toThrow('invalid JSON patch');
  });
});

test('keys that name prototypes are data', async () => {
  const patch = Buffer.from('{"metadata":{"labels":{"__proto__":"x","constructor":null}}}');
  const current = { metadata: { labels: { constructor: 'a' } } };
  const { value } = await applyStrategicMergePatch(current, patch, pod);
  expect(JSON.stringify(value)).toBe('{"metadata":{"labels":{"__proto__":"x"}}}');
});

test('strict: duplicate fields', async () => {
  const patch = Buffer.from('{"spec":{"hostname":"a","hostname":"b"}}');
  expect(await applyStrategicMergePatch({}, patch, pod, { strict: true })).toEqual({
    value: { spec: { hostname: 'b' } },
    strictErrors: ['duplicate field "spec.hostname"'],
  });
});
