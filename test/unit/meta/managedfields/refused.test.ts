import { describe, expect, test } from 'vitest';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import { managerOf } from './fixtures.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };

const deployment = (spec: unknown, metadata: unknown = { name: 'd', namespace: 'n' }) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec,
});
const containers = (...items: unknown[]) => deployment({ template: { spec: { containers: items } } });

const NO_KEY = `associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`;

/** Expected messages are those of upstream's field manager for the same configurations. */
async function refusal(kind: typeof DEPLOYMENT, configuration: object): Promise<unknown> {
  const manager = managerOf(kind);
  const live = { apiVersion: '', kind: '', metadata: {} };
  try {
    await manager.apply(live, configuration as never, { manager: 'a', force: false });
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message } = error.status;
    return `${code} ${reason}: ${message}`;
  }
}

describe('objects of the wrong kind', () => {
  test.each<[string, object, string]>([
    ['another kind', { ...deployment({}), kind: 'ReplicaSet' }, 'apps/v1, Kind=ReplicaSet'],
    ['another version', { ...deployment({}), apiVersion: 'apps/v1beta1' }, 'apps/v1beta1, Kind=Deployment'],
    ['no version', { kind: 'Deployment' }, '/, Kind=Deployment'],
    ['an invalid version', { ...deployment({}), apiVersion: 'a/b/c' }, '/, Kind='],
    ["a version that isn't a string", { ...deployment({}), apiVersion: 1 }, '/, Kind=Deployment'],
    ['nothing', {}, '/, Kind='],
  ])('%s', async (_, configuration, kind) => {
    expect(await refusal(DEPLOYMENT, configuration)).toBe(`400 BadRequest: invalid object type: ${kind}`);
  });

  test('managed fields may be null, but not a list', async () => {
    const text = '400 BadRequest: metadata.managedFields must be nil';
    expect(await refusal(DEPLOYMENT, deployment({}, { managedFields: [] }))).toBe(text);
    expect(await refusal(DEPLOYMENT, deployment({}, { managedFields: null }))).toBeUndefined();
  });
});

describe('objects that do not match the schema', () => {
  test.each<[string, object, string]>([
    ['an unknown field', deployment({ size: 1 }), '.spec.size: field not declared in schema'],
    [
      'the first unknown field of each map',
      deployment({ template: { a: 1, spec: { b: 1 } }, size: 1 }),
      'errors:\n  .spec.template.a: field not declared in schema\n  .spec.size: field not declared in schema',
    ],
    [
      'a string for a number',
      deployment({ replicas: 'two' }),
      '.spec.replicas: expected numeric (int or float), got string',
    ],
    [
      'a list for a number',
      deployment({ replicas: [] }),
      '.spec.replicas: expected numeric (int or float), got []interface {}',
    ],
    [
      'a number for a string',
      deployment({}, { name: 'd', labels: { l: 1500000 } }),
      '.metadata.labels.l: expected string, got &value.valueUnstructured{Value:1.5e+06}',
    ],
    [
      'a map for a string',
      deployment({}, { name: 'd', labels: { l: { b: [1, null, true], a: 'x"' } } }),
      '.metadata.labels.l: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":"x\\"", "b":[]interface {}{1, interface {}(nil), true}}}',
    ],
    ['a number for a boolean', deployment({ paused: 0.5 }), '.spec.paused: expected boolean, got &{0.5}'],
    [
      'a map for a quantity',
      containers({ name: 'x', resources: { limits: { cpu: {} } } }),
      '.spec.template.spec.containers[name="x"].resources.limits.cpu: expected any scalar, got &{map[]}',
    ],
    ['a list for a map', deployment([{ a: 'x' }, null]), '.spec: expected map, got &{[map[a:x] <nil>]}'],
    [
      'a map for a list',
      deployment({ template: { spec: { containers: { name: 'x' } } } }),
      '.spec.template.spec.containers: expected list, got &{map[name:x]}',
    ],
    [
      'a duplicate item',
      containers({ name: 'x' }, { name: 'x' }),
      '.spec.template.spec.containers: duplicate entries for key [name="x"]',
    ],
    [
      'a duplicate port by the default protocol',
      containers({ name: 'x', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }),
      '.spec.template.spec.containers[name="x"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]',
    ],
    [
      'a null item',
      containers(null),
      '.spec.template.spec.containers: element 0: associative list with keys may not have a null element',
    ],
    [
      "an item that isn't a map",
      containers('x'),
      '.spec.template.spec.containers: element 0: associative list with keys may not have non-map elements',
    ],
    [
      'a duplicate element of a set',
      deployment({}, { finalizers: ['x/a', 'x/a'] }),
      '.metadata.finalizers: duplicate entries for key [="x/a"]',
    ],
    [
      'a null in a set',
      deployment({}, { finalizers: [null] }),
      ".metadata.finalizers: element 0: associative list without keys has an element that's an explicit null",
    ],
    [
      'a map in a set',
      deployment({}, { finalizers: [{}] }),
      ".metadata.finalizers: element 0: associative list without keys has an element that's a map type",
    ],
    [
      'a list in a set',
      deployment({}, { finalizers: [[]] }),
      '.metadata.finalizers: element 0: not supported: associative list with lists as elements',
    ],
    ['invalid metadata', deployment({}, 5), '.metadata: expected map, got &{5}'],
  ])('%s', async (_, configuration, problem) => {
    const { name = '', namespace = '' } = (configuration as { metadata: Record<string, string> }).metadata;
    expect(await refusal(DEPLOYMENT, configuration)).toBe(
      `500 undefined: failed to create typed patch object (${namespace}/${name}; apps/v1, Kind=Deployment): ${problem}`,
    );
  });

  test('an item without its key, where none has a default', async () => {
    const kind = { group: '', version: 'v1', kind: 'ServiceAccount' };
    expect(
      await refusal(kind, { apiVersion: 'v1', kind: 'ServiceAccount', secrets: [{ fieldPath: 'x' }] }),
    ).toBe(
      `500 undefined: failed to create typed patch object (/; /v1, Kind=ServiceAccount): .secrets: element 0: ${NO_KEY}`,
    );
  });
});

test('errors of the live object are distinguished from those of the configuration', async () => {
  const kind = { group: '', version: 'v1', kind: 'ServiceAccount' };
  const manager = managerOf(kind);
  const configuration = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 's' } };
  const live = await manager.apply({ apiVersion: '', kind: '', metadata: {} }, configuration, {
    manager: 'a',
    force: false,
  });
  const broken = { ...live, secrets: [{ fieldPath: 'x' }] };
  const more = { ...configuration, secrets: [{ name: 'y' }], metadata: { name: 's', labels: { l: '1' } } };
  await expect(manager.apply(broken, more, { manager: 'a', force: false })).rejects.toThrow(
    `failed to create manager for existing fields: failed to convert new object (/s; /v1, Kind=ServiceAccount) to smd typed: .secrets: element 0: ${NO_KEY}`,
  );
});

test('a field may be granular where its type is atomic', async () => {
  const manager = managerOf({ group: '', version: 'v1', kind: 'PersistentVolume' });
  const volume = (spec: object) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: 'v' },
    spec,
  });
  const first = await manager.apply(
    { apiVersion: '', kind: '', metadata: {} },
    volume({ claimRef: { name: 'c' } }) as never,
    { manager: 'a', force: false },
  );
  first.metadata.uid = 'u';
  const both = await manager.apply(first, volume({ claimRef: { namespace: 'n' } }) as never, {
    manager: 'b',
    force: false,
  });
  expect((both as unknown as { spec: unknown }).spec).toEqual({ claimRef: { name: 'c', namespace: 'n' } });
});
