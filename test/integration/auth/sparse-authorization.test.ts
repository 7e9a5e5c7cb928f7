/**
 * The reads of an RBAC decision without anything in memory, and its agreement with a decision based on all bindings.
 */

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AuthorizerAttributes } from '../../../shared/authz/authorizer.ts';
import { rbacListers } from '../../../shared/authz/rbac/listers.ts';
import { RBACAuthorizer } from '../../../shared/authz/rbac/rbac-authorizer.ts';
import { type RBACListers, RBACRuleResolver } from '../../../shared/authz/rbac/rule-resolver.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import type { ResourceLister } from '../../../shared/rest/resource-access.ts';
import { call, type TestRequest } from '../../fixtures/api-server.ts';
import {
  definitionManifest,
  object,
  pathOf,
  GROUP as WIDGETS,
} from '../../fixtures/apiextensions/manifest.ts';
import { type Environment, SparseHost, standingStill } from '../../fixtures/sparse-host.ts';
import { Random } from '../../simulation/random.ts';
import { attributes, user } from '../../unit/authz/fixtures.ts';

const GROUP = 'rbac.authorization.k8s.io';
const resource = (name: string) => ({ group: GROUP, version: 'v1', resource: name });
const CLUSTER_ROLE_BINDINGS = resource('clusterrolebindings');
const ROLE_BINDINGS = resource('rolebindings');
const MANY = 120;
const QUESTIONS = 30;
const ATTEMPTS = 3;
/** Time after a start by which earlier reads are stale. */
const LATER_MS = 1_000;

let host: SparseHost;
let writer: Environment;
beforeAll(async () => {
  host = await SparseHost.open({ authorizationMode: ['RBAC'] });
  writer = await host.environment();
  for (const [name, verbs] of [
    ['reader', ['get', 'list']],
    ['writer', ['update']],
  ] as const) {
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs }];
    await create(resource('clusterroles'), { metadata: { name }, rules } as never);
  }
  await Promise.all(
    ['a', 'b'].map((name) =>
      create({ group: '', version: 'v1', resource: 'namespaces' }, { metadata: { name } } as never),
    ),
  );
});
afterAll(() => host.close());
afterEach(() => {
  vi.useRealTimers();
});

const create = (of: typeof ROLE_BINDINGS, object: KubeObject, namespace?: string) =>
  writer.server.resources.client.create(of, object, namespace === undefined ? {} : { namespace });
const subject = (kind: string, name: string) => ({ apiGroup: GROUP, kind, name });
const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'a' });
const binding = (name: string, subjects: readonly object[], role = 'reader') =>
  ({ metadata: { name }, subjects, roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role } }) as never;

const authorizerBy = (listers: RBACListers) => new RBACAuthorizer(new RBACRuleResolver(listers));
const sparsely = ({ server }: Environment) => authorizerBy(rbacListers(server.resources));
const bySnapshots = <T extends KubeObject>(lister: ResourceLister<T>): ResourceLister<T> => ({
  ...lister,
  sparse: async () => undefined,
});
/** Allows no staleness. */
const current = <T extends KubeObject>(lister: ResourceLister<T>): ResourceLister<T> => ({
  ...lister,
  snapshot: () => lister.snapshot(0),
  get: (namespace, name) => lister.get(namespace, name, 0),
  list: (namespace) => lister.list(namespace, 0),
  sparse: async () => {
    const sparse = await lister.sparse?.();
    return sparse && { ...sparse, held: () => sparse.held(0), having: (terms) => sparse.having(terms, 0) };
  },
});
function currently(
  { server }: Environment,
  by: <T extends KubeObject>(lister: ResourceLister<T>) => ResourceLister<T>,
): RBACAuthorizer {
  const { roles, roleBindings, clusterRoles, clusterRoleBindings } = rbacListers(server.resources);
  return authorizerBy({
    roles: current(by(roles)),
    roleBindings: current(by(roleBindings)),
    clusterRoles: current(by(clusterRoles)),
    clusterRoleBindings: current(by(clusterRoleBindings)),
  });
}

/** The decision of a new process, and its reads. */
async function decide(request: AuthorizerAttributes) {
  const environment = await host.environment();
  await environment.cost();
  const { decision } = await standingStill(LATER_MS, () => sparsely(environment).authorize(request));
  const { calls, inSequence, readUnits, writeUnits } = await environment.cost();
  return { decision, calls, inSequence, readUnits, writeUnits };
}

const getPod = (name: string) =>
  attributes(user(name, ['group']), 'get', 'pods', { namespace: 'a', name: 'x' });

test('a user of one ClusterRole is authorized after three sequential reads, regardless of the number of bindings', async () => {
  await create(CLUSTER_ROLE_BINDINGS, binding('ada', [subject('User', 'ada')]));
  await create(ROLE_BINDINGS, binding('bob', [subject('User', 'bob')]), 'a');
  await Promise.all(
    Array.from({ length: MANY }, async (_, n) => {
      await create(
        CLUSTER_ROLE_BINDINGS,
        binding(`many-${n}`, [subject('User', `u${n}`), subject('Group', `g${n % 7}`)]),
      );
      await create(ROLE_BINDINGS, binding(`many-${n}`, [subject('User', `u${n}`)]), 'b');
    }),
  );
  await host.settle();
  const known = { ada: await decide(getPod('ada')), bob: await decide(getPod('bob')) };
  const unknown = await decide(getPod('nobody'));
  await create(CLUSTER_ROLE_BINDINGS, binding('eve', [subject('User', 'eve')]));
  const since = await decide(getPod('eve'));
  expect({ ...known, unknown, since }).toEqual({
    // The index marker and the heads; the buckets of the user and of the group, concurrently with the bindings of the
    // namespace; the binding and its role.
    ada: { decision: 'Allow', calls: 6, inSequence: 3, readUnits: 6, writeUnits: 0 },
    // The namespace has one binding, whose role is read if no other binding applies to the user.
    bob: { decision: 'Allow', calls: 5, inSequence: 3, readUnits: 5, writeUnits: 0 },
    unknown: { decision: 'NoOpinion', calls: 4, inSequence: 2, readUnits: 4, writeUnits: 0 },
    // Later writes are read concurrently with the buckets.
    since: { decision: 'Allow', calls: 7, inSequence: 3, readUnits: 7, writeUnits: 0 },
  });
});

test('a decision a minute later reads only that nothing has changed', async () => {
  await host.settle();
  const environment = await host.environment();
  const authorizer = sparsely(environment);
  const costs: object[] = [];
  let passed = 0;
  for (let minute = 0; minute < 4; minute++) {
    passed += 60_000;
    await environment.cost();
    const { decision } = await standingStill(passed, () => authorizer.authorize(getPod('ada')));
    const { calls, readUnits } = await environment.cost();
    costs.push({ decision, calls, readUnits });
  }
  expect(costs).toEqual([
    { decision: 'Allow', calls: 6, readUnits: 6 },
    { decision: 'Allow', calls: 1, readUnits: 1 },
    { decision: 'Allow', calls: 1, readUnits: 1 },
    { decision: 'Allow', calls: 1, readUnits: 1 },
  ]);
});

/** The first request of a new process, by an anonymous user. */
async function ask(path: string) {
  const environment = await host.environment();
  await environment.cost();
  const { status, text } = await standingStill(LATER_MS, () => call(environment.server, 'GET', path));
  const { inSequence, readUnits } = await environment.cost();
  return { status, text, inSequence, readUnits };
}

test('a first GET takes three sequential calls, a first LIST four, and a denied one discloses nothing', async () => {
  // Prefetched data does not become stale, however slow this machine is.
  vi.useFakeTimers({ toFake: ['performance'] });
  const secret = { metadata: { name: 'asked' }, stringData: { password: 'hidden' } } as never;
  await create({ group: '', version: 'v1', resource: 'secrets' }, secret, 'a');
  const list = '/api/v1/namespaces/a/secrets';
  const [asked, missing] = [`${list}/asked`, `${list}/other`];
  const [there, absent] = [await ask(asked), await ask(missing)];
  expect(there).toEqual({ ...absent, text: absent.text.replaceAll('other', 'asked') });
  expect([there.status, there.text]).toEqual([403, expect.not.stringContaining('hidden')]);

  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }];
  await create(resource('clusterroles'), { metadata: { name: 'secrets' }, rules } as never);
  await create(CLUSTER_ROLE_BINDINGS, binding('secrets', [subject('User', 'system:anonymous')], 'secrets'));
  await host.settle();
  const { text: _, ...first } = await ask(asked);
  expect(first).toEqual({ status: 200, inSequence: 3, readUnits: 7 });
  expect((await ask(missing)).status).toBe(404);
  // The head concurrently with the authorization, then the log and the objects.
  const { text: __, ...listed } = await ask(list);
  expect(listed).toEqual({ status: 200, inSequence: 4, readUnits: 9 });
});

test('a first GET or LIST of a custom resource takes four sequential calls', async () => {
  // Prefetched data does not become stale, however slow this machine is.
  vi.useFakeTimers({ toFake: ['performance'] });
  await create(
    { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' },
    definitionManifest('Widget') as never,
  );
  await host.settle();
  await create(
    { group: WIDGETS, version: 'v1', resource: 'widgets' },
    object('Widget', 'asked') as never,
    'a',
  );
  const rules = [{ apiGroups: [WIDGETS], resources: ['widgets'], verbs: ['get', 'list'] }];
  await create(resource('clusterroles'), { metadata: { name: 'widgets' }, rules } as never);
  await create(CLUSTER_ROLE_BINDINGS, binding('widgets', [subject('User', 'system:anonymous')], 'widgets'));
  await host.settle();
  const list = pathOf('Widget', 'v1', 'a');
  const costs = [];
  for (const path of [`${list}/asked`, list, `${list}/missing`]) {
    const { status, inSequence } = await ask(path);
    costs.push({ status, inSequence });
  }
  expect(costs).toEqual([
    // Concurrently with the decision: the definition, and whether another server serves the group.
    { status: 200, inSequence: 4 },
    { status: 200, inSequence: 4 },
    { status: 404, inSequence: 4 },
  ]);
});

test('a first write takes three calls before its own two, and a later one a single call', async () => {
  // Prefetched data does not become stale, however slow this machine is.
  vi.useFakeTimers({ toFake: ['performance'] });
  const rules = [{ apiGroups: ['', 'apps', WIDGETS], resources: ['*'], verbs: ['*'] }];
  await create(resource('clusterroles'), { metadata: { name: 'everything' }, rules } as never);
  await create(
    CLUSTER_ROLE_BINDINGS,
    binding('everything', [subject('User', 'system:anonymous')], 'everything'),
  );
  await host.settle();
  const maps = '/api/v1/namespaces/a/configmaps';
  const map = (name: string, more: object = {}) => ({
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more },
  });
  const labels = { metadata: { labels: { a: 'b' } } };
  const patch = { headers: { 'content-type': 'application/merge-patch+json' }, body: labels };
  const widgets = pathOf('Widget', 'v1', 'a');
  type Send = readonly [method: string, path: string, request: TestRequest];
  const writes: readonly ((name: string) => Send)[] = [
    (name) => ['POST', maps, map(name)],
    (name) => ['PUT', `${maps}/${name}`, map(name, { data: { a: 'b' } })],
    (name) => ['PATCH', `${maps}/${name}`, patch],
    (name) => ['DELETE', `${maps}/${name}`, {}],
    (name) => ['POST', widgets, { body: object('Widget', name) }],
    (name) => ['PATCH', `${widgets}/${name}`, patch],
  ];
  const costs: unknown[] = [];
  for (const write of writes) {
    const attempts: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [method, path, request] = write(`written-${attempt}`);
      const environment = await host.environment();
      await environment.cost();
      const { status } = await call(environment.server, method, path, request);
      expect(status, `${method} ${path}`).toBe(method === 'POST' ? 201 : 200);
      attempts.push((await environment.cost()).inSequence);
    }
    const [method, path] = write('');
    // Calls delayed by chance may appear sequential.
    costs.push([method, path, Math.min(...attempts)]);
  }
  const environment = await host.environment();
  await call(environment.server, 'POST', maps, map('first'));
  await environment.cost();
  vi.useRealTimers();
  let passed = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + passed);
  const units: object[] = [];
  for (const name of ['second', 'third', 'fourth']) {
    passed += 60_000;
    const { status } = await standingStill(passed, () => call(environment.server, 'POST', maps, map(name)));
    expect(status).toBe(201);
    const { inSequence, readUnits, writeUnits } = await environment.cost();
    costs.push(['POST after a minute', maps, inSequence]);
    units.push({ readUnits, writeUnits });
  }
  clock.mockRestore();
  // A single read verifies that bindings, roles, the namespace, and seven resources that configure admission are
  // unchanged.
  expect(units).toEqual([
    { readUnits: 1, writeUnits: 5 },
    { readUnits: 1, writeUnits: 5 },
    { readUnits: 1, writeUnits: 5 },
  ]);
  expect(costs).toEqual([
    ['POST', maps, 5],
    ['PUT', `${maps}/`, 5],
    ['PATCH', `${maps}/`, 5],
    ['DELETE', `${maps}/`, 5],
    ['POST', widgets, 5],
    // The definition determines how its objects are stored.
    ['PATCH', `${widgets}/`, 6],
    ['POST after a minute', maps, 3],
    ['POST after a minute', maps, 3],
    ['POST after a minute', maps, 3],
  ]);
});

test('sparse decisions equal those with all bindings in memory, while bindings change', async () => {
  const random = new Random(1);
  const names = ['ann', 'ben', 'cy'];
  const someSubject = () =>
    random.pick([
      subject('User', random.pick(names)),
      subject('Group', random.pick(names)),
      account(random.pick(names)),
    ]);
  const { client } = writer.server.resources;
  const write = async () => {
    const name = `some-${random.below(6)}`;
    const namespace = random.pick([undefined, 'a']);
    const of = namespace === undefined ? CLUSTER_ROLE_BINDINGS : ROLE_BINDINGS;
    const place = { name, namespace };
    await client.delete(of, place).catch(() => {});
    if (random.chance(0.3)) return;
    const role = random.pick(['reader', 'writer', 'missing']);
    const made = await create(of, binding(name, [someSubject(), someSubject()], role), namespace);
    if (random.chance(0.3)) await client.update(of, { ...made, subjects: [someSubject()] } as never, place);
  };
  const index = async () =>
    await (await writer.server.resources.lister(CLUSTER_ROLE_BINDINGS).sparse?.())?.index();
  // They have more and more in memory.
  const environments = [await host.environment(), await host.environment()];
  const differing: object[] = [];
  for (let n = 0; n < QUESTIONS; n++) {
    await write();
    if (random.chance(0.3)) await index();
    const environment = random.pick(environments);
    const who = random.pick([
      user(random.pick(names), [random.pick(names)]),
      user(`system:serviceaccount:a:${random.pick(names)}`, []),
    ]);
    const request = attributes(who, random.pick(['get', 'update', 'delete']), 'pods', {
      namespace: random.pick(['a', '']),
    });
    const sparse = currently(environment, (lister) => lister);
    const full = currently(environment, bySnapshots);
    // Among several grants, the sparse resolver may report a different one.
    const answer = async (of: RBACAuthorizer) => {
      const { decision, reason } = await of.authorize(request);
      return {
        decision,
        reason: decision === 'Allow' ? '' : reason,
        rules: await of.rulesFor(who, request.namespace),
      };
    };
    const answers = [await answer(sparse), await answer(full)];
    if (JSON.stringify(answers[0]) !== JSON.stringify(answers[1]))
      differing.push({ n, who, request, answers });
  }
  expect(differing).toEqual([]);
});
