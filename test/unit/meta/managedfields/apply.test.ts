import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import { managerOf, summary, without } from './fixtures.ts';

const DEPLOYMENT = { group: 'apps', version: 'v1', kind: 'Deployment' };
const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };

const deployments = managerOf(DEPLOYMENT);
const configMaps = managerOf(CONFIG_MAP);

type Fields = Record<string, unknown>;

const configMap = (data: Fields | undefined, metadata: Fields = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', ...metadata },
    ...(data && { data }),
  }) as KubeObject;
const deployment = (spec: Fields, metadata: Fields = {}) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', ...metadata },
    spec,
  }) as unknown as KubeObject;

const empty = (kind: { group: string; version: string; kind: string }) =>
  ({
    apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
    kind: kind.kind,
    metadata: {},
  }) as KubeObject;

type Step =
  | { apply: KubeObject; by: string; force?: boolean }
  | { update: (object: KubeObject) => void; by: string };

/** Runs steps on an empty object; the first creates it. Objects get a uid, as from storage. */
async function run(manager: typeof configMaps, kind: typeof CONFIG_MAP, steps: Step[]): Promise<KubeObject> {
  let live = empty(kind);
  for (const step of steps) {
    if ('apply' in step) {
      live = await manager.apply(live, structuredClone(step.apply), {
        manager: step.by,
        force: step.force ?? false,
      });
    } else {
      const next = structuredClone(live);
      step.update(next);
      await manager.update(live, next, step.by);
      live = next;
    }
    live.metadata.uid = 'u';
  }
  delete live.metadata.uid;
  return live;
}

const fields = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) });
const dataOf = (object: KubeObject) => (object as unknown as { data?: Fields }).data;

describe('config maps', () => {
  test.each<[string, Step[], Fields | undefined, object]>([
    [
      'a first apply owns its fields',
      [{ by: 'a', apply: configMap({ x: '1' }) }],
      { x: '1' },
      { 'a/Apply': fields('x') },
    ],
    [
      'a repeated apply changes nothing',
      [
        { by: 'a', apply: configMap({ x: '1' }) },
        { by: 'a', apply: configMap({ x: '1' }) },
      ],
      { x: '1' },
      { 'a/Apply': fields('x') },
    ],
    [
      'a field that is no longer applied is removed',
      [
        { by: 'a', apply: configMap({ x: '1', y: '2' }) },
        { by: 'a', apply: configMap({ x: '1' }) },
      ],
      { x: '1' },
      { 'a/Apply': fields('x') },
    ],
    [
      'equal values are owned by both, and stay when one owner gives up',
      [
        { by: 'a', apply: configMap({ x: '1' }) },
        { by: 'b', apply: configMap({ x: '1', y: '2' }) },
        { by: 'a', apply: configMap(undefined) },
      ],
      { x: '1', y: '2' },
      { 'b/Apply': fields('x', 'y') },
    ],
    [
      'force takes ownership of the field',
      [
        { by: 'a', apply: configMap({ x: '1', z: '0' }) },
        { by: 'b', apply: configMap({ x: '2' }), force: true },
      ],
      { x: '2', z: '0' },
      { 'a/Apply': fields('z'), 'b/Apply': fields('x') },
    ],
    [
      "an update owns its changes, and an applier that omits them doesn't remove them",
      [
        { by: 'a', apply: configMap({ x: '1', y: '2' }) },
        {
          by: 'u',
          update: (object) => {
            dataOf(object)!['x'] = '9';
          },
        },
        { by: 'a', apply: configMap({ y: '2' }) },
      ],
      { x: '9', y: '2' },
      { 'a/Apply': fields('y'), 'u/Update': fields('x') },
    ],
    [
      'an update that removes a field removes its ownership',
      [
        { by: 'a', apply: configMap({ x: '1', y: '2' }) },
        {
          by: 'u',
          update: (object) => {
            delete dataOf(object)!['x'];
          },
        },
      ],
      { y: '2' },
      { 'a/Apply': fields('y') },
    ],
    [
      'creation by update is owned, except for the name',
      [{ by: 'u', update: (object) => Object.assign(object, { ...configMap({ x: '1' }) }) }],
      { x: '1' },
      { 'u/Update': { 'f:data': { '.': {}, 'f:x': {} } } },
    ],
    [
      'a field set by an updater is shared after an apply of the same value',
      [
        { by: 'u', update: (object) => Object.assign(object, { ...configMap({ x: '1' }) }) },
        { by: 'a', apply: configMap({ x: '1' }) },
      ],
      { x: '1' },
      { 'a/Apply': fields('x'), 'u/Update': { 'f:data': { '.': {}, 'f:x': {} } } },
    ],
  ])('%s', async (_, steps, data, managers) => {
    const result = await run(configMaps, CONFIG_MAP, steps);
    expect(dataOf(result)).toEqual(data);
    expect(summary(result)).toEqual(managers);
  });
});

const containers = (...list: Fields[]) => ({ template: { spec: { containers: list } } });
const containersOf = (object: KubeObject) =>
  (object as unknown as { spec: { template: { spec: { containers: Fields[] } } } }).spec.template.spec
    .containers;

describe('lists of a deployment', () => {
  test.each<[string, Step[], Fields[]]>([
    [
      'items of two appliers coexist',
      [
        { by: 'a', apply: deployment(containers({ name: 'x', image: 'x:1' })) },
        { by: 'b', apply: deployment(containers({ name: 'y', image: 'y:1' })) },
      ],
      [
        { name: 'x', image: 'x:1' },
        { name: 'y', image: 'y:1' },
      ],
    ],
    [
      'an item is removed when its only applier omits it',
      [
        { by: 'a', apply: deployment(containers({ name: 'x' }, { name: 'y' })) },
        { by: 'a', apply: deployment(containers({ name: 'y' })) },
      ],
      [{ name: 'y' }],
    ],
    [
      'a field of an item is removed, the item stays',
      [
        { by: 'a', apply: deployment(containers({ name: 'x', image: 'x:1', workingDir: '/' })) },
        { by: 'a', apply: deployment(containers({ name: 'x', image: 'x:1' })) },
      ],
      [{ name: 'x', image: 'x:1' }],
    ],
    [
      "an item with another owner's fields stays without its applier's fields",
      [
        { by: 'a', apply: deployment(containers({ name: 'x', image: 'x:1' }, { name: 'y' })) },
        { by: 'b', apply: deployment(containers({ name: 'x', workingDir: '/' })) },
        { by: 'a', apply: deployment(containers({ name: 'y' })) },
      ],
      [{ name: 'x', workingDir: '/' }, { name: 'y' }],
    ],
    [
      'the applied order takes precedence',
      [
        { by: 'a', apply: deployment(containers({ name: 'x' }, { name: 'y' }, { name: 'z' })) },
        { by: 'a', apply: deployment(containers({ name: 'z' }, { name: 'x' }, { name: 'y' })) },
      ],
      [{ name: 'z' }, { name: 'x' }, { name: 'y' }],
    ],
    [
      'atomic lists are replaced as a whole',
      [
        { by: 'a', apply: deployment(containers({ name: 'x', args: ['a', 'b'] })) },
        { by: 'a', apply: deployment(containers({ name: 'x', args: ['c'] })) },
      ],
      [{ name: 'x', args: ['c'] }],
    ],
  ])('%s', async (_, steps, expected) => {
    expect(containersOf(await run(deployments, DEPLOYMENT, steps))).toEqual(expected);
  });
});

async function failure(action: () => Promise<unknown>): Promise<StatusError['status']> {
  try {
    await action();
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('conflicts', () => {
  const replicas = (count: number) => deployment({ replicas: count });
  test('one field', async () => {
    const live = await run(deployments, DEPLOYMENT, [{ by: 'a', apply: replicas(1) }]);
    live.metadata.uid = 'u';
    expect(await failure(() => deployments.apply(live, replicas(2), { manager: 'b', force: false }))).toEqual(
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'Apply failed with 1 conflict: conflict with "a": .spec.replicas',
        reason: 'Conflict',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "a"', field: '.spec.replicas' }],
        },
        code: 409,
      },
    );
  });

  test('several fields of several managers', async () => {
    const live = await run(deployments, DEPLOYMENT, [
      { by: 'a', apply: deployment({ replicas: 1, ...containers({ name: 'x', image: 'x:1' }) }) },
      {
        by: 'kubectl-edit',
        update: (object) => Object.assign((object as never as { spec: Fields }).spec, { paused: true }),
      },
    ]);
    live.metadata.uid = 'u';
    const configuration = deployment({
      replicas: 2,
      paused: false,
      ...containers({ name: 'x', image: 'x:2' }),
    });
    expect(
      (await failure(() => deployments.apply(live, configuration, { manager: 'b', force: false }))).message,
    ).toBe(
      [
        'Apply failed with 3 conflicts: conflicts with "a":',
        '- .spec.replicas',
        '- .spec.template.spec.containers[name="x"].image',
        'conflicts with "kubectl-edit" using apps/v1:',
        '- .spec.paused',
      ].join('\n'),
    );
  });

  test('kubectl takes over fields of its client-side apply', async () => {
    const first = deployment({ replicas: 1 });
    const annotation = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(first) };
    const live = await run(deployments, DEPLOYMENT, [
      {
        by: 'kubectl-client-side-apply',
        update: (object) => Object.assign(object, deployment({ replicas: 1 }, { annotations: annotation })),
      },
    ]);
    live.metadata.uid = 'u';
    // A last-applied configuration with an unknown field is ignored.
    const unfit = structuredClone(live);
    unfit.metadata.annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ ...first, unknown: 1 }),
    };
    const kubectl = { manager: 'kubectl', force: false };
    expect((await failure(() => deployments.apply(unfit, replicas(3), kubectl))).code).toBe(409);
    const next = await deployments.apply(live, replicas(3), kubectl);
    expect((next as unknown as { spec: Fields }).spec).toEqual({ replicas: 3 });
    expect(
      JSON.parse(next.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']!),
    ).toEqual(replicas(3));
    expect(
      (await failure(() => deployments.apply(live, replicas(3), { manager: 'other', force: false }))).code,
    ).toBe(409);
  });
});

describe('updates', () => {
  test('a status subresource is its own manager, and owns no spec', async () => {
    const status = managerOf(DEPLOYMENT, { subresource: 'status', resetFields: { 'apps/v1': [['spec']] } });
    const live = await run(deployments, DEPLOYMENT, [{ by: 'a', apply: deployment({ replicas: 1 }) }]);
    const next = structuredClone(live) as KubeObject & { status?: unknown; spec: Fields };
    next.status = { replicas: 1 };
    next.spec['replicas'] = 5;
    await status.update(live, next, 'controller');
    expect(summary(next)).toEqual({
      'a/Apply': { 'f:spec': { 'f:replicas': {} } },
      'controller/Update/status': { 'f:status': { '.': {}, 'f:replicas': {} } },
    });
  });

  test('an empty list of managers resets them; unreadable ones are ignored', async () => {
    const live = await run(configMaps, CONFIG_MAP, [{ by: 'a', apply: configMap({ x: '1' }) }]);
    live.metadata.uid = 'u';
    const reset = structuredClone(live);
    reset.metadata.managedFields = [];
    await configMaps.update(live, reset, 'u');
    expect(reset.metadata.managedFields).toBeUndefined();

    const broken = structuredClone(live);
    broken.metadata.managedFields = [{ manager: 'x', operation: 'Bogus' }];
    await configMaps.update(live, broken, 'u');
    expect(summary(broken)).toEqual({ 'a/Apply': fields('x') });
  });

  test('old updaters are merged when there are more than ten', async () => {
    const steps: Step[] = Array.from({ length: 14 }, (_, i) => ({
      by: `u${String(i).padStart(2, '0')}`,
      update: (object) => Object.assign(object, configMap({ ...dataOf(object), [`k${i}`]: '1' })),
    }));
    const managers = summary(await run(configMaps, CONFIG_MAP, steps));
    expect(Object.keys(managers).length).toBe(10);
    expect(managers['ancient-changes/Update']).toEqual({
      'f:data': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {}, 'f:k4': {} },
    });
  });
});

test('server metadata has no manager', async () => {
  const result = await run(configMaps, CONFIG_MAP, [
    { by: 'a', apply: configMap({ x: '1' }, { labels: { l: 'v' } }) },
  ]);
  expect(without(result)).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', labels: { l: 'v' } },
    data: { x: '1' },
  });
  expect(summary(result)).toEqual({
    'a/Apply': { ...fields('x'), 'f:metadata': { 'f:labels': { 'f:l': {} } } },
  });
});
