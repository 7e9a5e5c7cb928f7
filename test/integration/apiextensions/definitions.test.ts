import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusalOf, TestClient } from '../../fixtures/api-client.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import {
  DEFINITIONS,
  type DefinitionManifest,
  definitionManifest,
  GROUP,
  object,
  pathOf,
  schemaOf,
} from '../../fixtures/apiextensions/manifest.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

let server: TestServer;
let other: TestServer;
const client = new TestClient(() => server);
const elsewhere = new TestClient(() => other);
beforeAll(async () => {
  const storageFactory = await newTestStorageFactory();
  server = await startTestServer({}, { storage: storageFactory });
  other = await startTestServer({}, { storage: storageFactory });
});
afterAll(async () => {
  await other.close();
  await server.close();
});

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
interface Stored extends DefinitionManifest {
  metadata: DefinitionManifest['metadata'] & { generation: number; finalizers?: string[] };
  status: { conditions: Condition[]; acceptedNames: Record<string, unknown>; storedVersions: string[] };
}

const create = (...args: Parameters<typeof definitionManifest>) =>
  client.create<Stored>(DEFINITIONS, definitionManifest(...args));
const read = (plural: string) => client.get<Stored>(`${DEFINITIONS}/${plural}.${GROUP}`);
const conditionsOf = ({ object: { status } }: { object: Stored }) =>
  status.conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`);

test('a definition is established when its creation is answered', async () => {
  const created = await create('Prompt', [{}], {
    names: { plural: 'prompts', kind: 'Prompt', shortNames: ['pr'], categories: ['all'] },
  });
  expect(created.status).toBe(201);
  expect(created.object).toMatchObject({
    metadata: { name: `prompts.${GROUP}`, generation: 1 },
    spec: { conversion: { strategy: 'None' }, names: { singular: 'prompt', listKind: 'PromptList' } },
    status: {
      storedVersions: ['v1'],
      acceptedNames: {
        plural: 'prompts',
        singular: 'prompt',
        kind: 'Prompt',
        listKind: 'PromptList',
        shortNames: ['pr'],
        categories: ['all'],
      },
    },
  });
  expect(conditionsOf(created)).toEqual([
    'NamesAccepted True NoConflicts',
    'Established True InitialNamesAccepted',
  ]);
  expect(refusalOf(await client.create(pathOf('Prompt'), object('Prompt', 'a')))).toBe('201');
});

test('another process serves a definition immediately, and its changes within half a second', async () => {
  await create('Spread', [{ schema: schemaOf({ type: 'object', properties: { a: { type: 'string' } } }) }]);
  const path = pathOf('Spread');
  const body = object('Spread', 'x', { spec: { a: '1', b: '2' } });
  expect((await elsewhere.create<{ spec: object }>(path, body)).object.spec).toEqual({ a: '1' });
  const patch = [
    {
      op: 'add',
      path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/b',
      value: { type: 'string' },
    },
  ];
  const patched = await client.patch(`${DEFINITIONS}/spreads.${GROUP}`, patch, 'application/json-patch+json');
  expect(refusalOf(patched)).toBe('200');
  await new Promise((resolve) => setTimeout(resolve, 501));
  const changed = await elsewhere.patch<{ spec: object }>(`${path}/x`, { spec: { b: '2' } });
  expect(changed.object.spec).toEqual({ a: '1', b: '2' });
});

describe('validation', () => {
  test('on creation', async () => {
    const manifest = definitionManifest('Wrong', [{ storage: false }]);
    manifest.metadata.name = 'other';
    const answer = await client.create(DEFINITIONS, manifest);
    expect(refusalOf(answer)).toBe(
      '422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "other" is invalid: [metadata.name: Invalid value: "other": must be spec.names.plural+"."+spec.group, spec.versions: Invalid value: [{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]: must have exactly one version marked as storage version, status.storedVersions: Invalid value: null: must have at least one stored version]',
    );
  });

  test('for names with this prefix', async () => {
    const manifest = definitionManifest('Begun');
    const { name } = manifest.metadata;
    const metadata = { name, generateName: 'g-' };
    expect(refusalOf(await client.create(DEFINITIONS, { ...manifest, metadata }))).toBe(
      `422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "${name}" is invalid: metadata.generateName: Invalid value: "g-": must be spec.names.plural+"."+spec.group`,
    );
  });

  test.each<[string, object]>([
    ['no spec', { spec: undefined }],
    ['no names', { spec: { group: GROUP, scope: 'Namespaced', versions: [] } }],
    ['empty versions', { spec: { group: GROUP, names: {}, versions: [{}] } }],
    ['an empty schema', { spec: { names: { plural: 'a' }, versions: [{ schema: {} }] } }],
    ['null everywhere', { spec: { group: null, names: null, versions: null, conversion: null } }],
  ])("%s is the client's error", async (_, fields) => {
    const manifest = { ...definitionManifest('Nothing'), ...fields };
    expect((await client.create(DEFINITIONS, manifest)).status).toBe(422);
  });

  test('an established definition keeps its names and scope', async () => {
    await create('Fixed');
    const answer = await client.patch(`${DEFINITIONS}/fixeds.${GROUP}`, {
      spec: { scope: 'Cluster', names: { kind: 'Other' } },
    });
    expect(refusalOf(answer)).toBe(
      `422 Invalid: CustomResourceDefinition.apiextensions.k8s.io "fixeds.${GROUP}" is invalid: [spec.scope: Invalid value: "Cluster": field is immutable, spec.names.kind: Invalid value: "Other": field is immutable]`,
    );
  });
});

describe('names', () => {
  test('of another definition are rejected until they are free', async () => {
    await create('First', [{}], { names: { plural: 'firsts', kind: 'First', shortNames: ['fs'] } });
    const second = await create('Second', [{}], {
      names: { plural: 'seconds', kind: 'Second', shortNames: ['fs'], listKind: 'FirstList' },
    });
    expect(second.object.status.conditions).toMatchObject([
      {
        type: 'NamesAccepted',
        status: 'False',
        reason: 'ListKindConflict',
        message: '"FirstList" is already in use',
      },
      { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
    ]);
    expect(await client.get(pathOf('Second'))).toMatchObject({ status: 404, text: '404 page not found\n' });
    await client.delete(`${DEFINITIONS}/firsts.${GROUP}`);
    expect(conditionsOf(await read('seconds'))).toEqual([
      'NamesAccepted True NoConflicts',
      'Established True InitialNamesAccepted',
    ]);
    expect((await client.get(pathOf('Second'))).status).toBe(200);
  });

  test('requested concurrently are granted once', async () => {
    const claims = await Promise.all(
      ['one', 'two', 'three', 'four'].map((plural, index) =>
        (index % 2 === 0 ? client : elsewhere).create<Stored>(
          DEFINITIONS,
          definitionManifest('Claim', [{}], { names: { plural: `${plural}s`, kind: 'Claim' } }),
        ),
      ),
    );
    // The manifest's name is derived from the kind, so only one of these definitions has a valid name.
    expect(claims.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
    const manifests = ['as', 'bs', 'cs', 'ds'].map((plural) => {
      const manifest = definitionManifest('Claim', [{}], { names: { plural, kind: 'Claim' } });
      manifest.metadata.name = `${plural}.${GROUP}`;
      return manifest;
    });
    const answers = await Promise.all(
      manifests.map((manifest, index) =>
        (index % 2 === 0 ? client : elsewhere).create<Stored>(DEFINITIONS, manifest),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const accepted: string[] = [];
    for (const plural of ['as', 'bs', 'cs', 'ds']) {
      const conditions = conditionsOf(await read(plural));
      if (conditions.includes('NamesAccepted True NoConflicts')) accepted.push(plural);
    }
    expect(accepted).toHaveLength(1);
  });
});

describe('deletion', () => {
  test('deletes all instances', async () => {
    await create('Gone');
    for (const name of ['a', 'b']) await client.create(pathOf('Gone'), object('Gone', name));
    const deleted = await client.delete<Stored>(`${DEFINITIONS}/gones.${GROUP}`);
    expect(deleted.object.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect((await read('gones')).status).toBe(404);
    await create('Gone');
    expect((await client.get<{ items: object[] }>(pathOf('Gone'))).object.items).toEqual([]);
  });

  test('waits for instances with finalizers; meanwhile no new ones are admitted', async () => {
    await create('Held');
    const path = pathOf('Held');
    const held = object('Held', 'a');
    await client.create(path, { ...held, metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    await client.delete(`${DEFINITIONS}/helds.${GROUP}`);
    expect(conditionsOf(await read('helds'))).toContain('Terminating True InstanceDeletionInProgress');
    const refused = `403 Forbidden: helds.${GROUP} "b" is forbidden: create not allowed while custom resource definition is terminating`;
    expect(refusalOf(await client.create(path, object('Held', 'b')))).toBe(refused);
    const applied = await client.patch(
      `${path}/b?fieldManager=test`,
      object('Held', 'b'),
      'application/apply-patch+yaml',
    );
    expect(refusalOf(applied)).toBe(refused);
    expect((await client.get(`${path}/a`)).object.metadata).toHaveProperty('deletionTimestamp');
    const resources = await client.get<{ resources: { name: string; verbs: string[] }[] }>(
      `/apis/${GROUP}/v1`,
    );
    expect(resources.object.resources.find(({ name }) => name === 'helds')?.verbs).toEqual([
      'delete',
      'deletecollection',
      'get',
      'list',
      'watch',
    ]);

    await client.patch(`${path}/a`, { metadata: { finalizers: null } });
    await server.reconcile({
      changes: [
        {
          type: 'DELETED',
          resource: { group: GROUP, resource: 'helds' },
          namespace: 'default',
          name: 'a',
          object: () => ({ metadata: {} }),
        },
      ],
      patienceMs: 0,
    });
    expect((await read('helds')).status).toBe(404);
  });

  test('of a definition that was never established', async () => {
    const manifest = definitionManifest('Late', [{}], { names: { plural: 'lates', kind: 'Prompt' } });
    const created = await client.create<Stored>(DEFINITIONS, manifest);
    expect(conditionsOf(created)).toContain('Established False NotAccepted');
    await client.delete(`${DEFINITIONS}/lates.${GROUP}`);
    expect((await read('lates')).status).toBe(404);
  });

  test('of many definitions at once', async () => {
    const group = 'many.example.com';
    for (const kind of ['One', 'Two']) {
      const manifest = definitionManifest(kind, [{}], { group });
      manifest.metadata['labels'] = { many: 'true' };
      await client.create(DEFINITIONS, manifest);
    }
    const collection = `/apis/${group}/v1/namespaces/default/ones`;
    await client.create(collection, { apiVersion: `${group}/v1`, kind: 'One', metadata: { name: 'a' } });
    expect((await client.delete(`${DEFINITIONS}?labelSelector=many`)).status).toBe(200);
    const list = await client.get<{ items: object[] }>(`${DEFINITIONS}?labelSelector=many`);
    expect(list.object.items).toEqual([]);
    await client.create(DEFINITIONS, definitionManifest('One', [{}], { group }));
    expect((await client.get<{ items: object[] }>(collection)).object.items).toEqual([]);
  });

  test('preconditions', async () => {
    await create('Careful');
    const options = (preconditions: object) => ({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions });
    const answer = await client.delete(`${DEFINITIONS}/carefuls.${GROUP}`, options({ uid: 'other' }));
    expect(answer.status).toBe(409);
    const dryRun = await client.delete(`${DEFINITIONS}/carefuls.${GROUP}?dryRun=All`);
    expect(dryRun.status).toBe(200);
    expect((await read('carefuls')).object.metadata).not.toHaveProperty('deletionTimestamp');
  });
});

describe('discovery', () => {
  const group = 'found.example.com';
  const groups = async () =>
    (await client.get<{ groups: { name: string; versions: { version: string }[] }[] }>('/apis')).object
      .groups;

  test('lists a definition as long as it exists', async () => {
    const versions = ['v1alpha1', 'v2', 'v1', 'v1beta1'].map((name) => ({ name, storage: name === 'v1' }));
    const names = { plural: 'founds', kind: 'Found', shortNames: ['fo'], categories: ['all'] };
    const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
    versions[2] = { ...versions[2]!, ...{ subresources: { status: {}, scale } } };
    await create('Found', versions, { group, names });
    expect((await groups()).find(({ name }) => name === group)).toMatchObject({
      versions: [{ version: 'v2' }, { version: 'v1' }, { version: 'v1beta1' }, { version: 'v1alpha1' }],
    });
    expect((await client.get(`/apis/${group}`)).object).toMatchObject({
      kind: 'APIGroup',
      name: group,
      preferredVersion: { groupVersion: `${group}/v2`, version: 'v2' },
    });
    const all = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
    const some = ['get', 'patch', 'update'];
    const list = await client.get<{ resources: object[] }>(`/apis/${group}/v1`);
    expect(list.object).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: `${group}/v1`,
      resources: [
        {
          name: 'founds',
          singularName: 'found',
          namespaced: true,
          kind: 'Found',
          verbs: all,
          shortNames: ['fo'],
          categories: ['all'],
          storageVersionHash: expect.any(String),
        },
        { name: 'founds/status', singularName: '', namespaced: true, kind: 'Found', verbs: some },
        {
          name: 'founds/scale',
          singularName: '',
          namespaced: true,
          group: 'autoscaling',
          version: 'v1',
          kind: 'Scale',
          verbs: some,
        },
      ],
    });
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const aggregated = await call(server, 'GET', '/apis', { headers: { accept } });
    const items = aggregated.json!['items'] as { metadata: { name: string }; versions: object[] }[];
    expect(items.find(({ metadata }) => metadata.name === group)?.versions[1]).toMatchObject({
      version: 'v1',
      resources: [
        {
          resource: 'founds',
          responseKind: { group, version: 'v1', kind: 'Found' },
          scope: 'Namespaced',
          singularResource: 'found',
          subresources: [{ subresource: 'status' }, { subresource: 'scale' }],
        },
      ],
    });
    await client.delete(`${DEFINITIONS}/founds.${group}`);
    expect((await groups()).map(({ name }) => name)).not.toContain(group);
    expect((await client.get(`/apis/${group}`)).status).toBe(404);
    expect((await client.get(`/apis/${group}/v1`)).status).toBe(404);
  });

  test('OpenAPI has the schema of each version', async () => {
    const schema = schemaOf({ type: 'object', description: 'What is told.', properties: {} });
    await create('Told', [{ schema }]);
    const index = await client.get<{ paths: Record<string, object> }>('/openapi/v3');
    expect(index.object.paths).toHaveProperty(`apis/${GROUP}/v1`);
    const document = await client.get<{ components: { schemas: Record<string, { properties: object }> } }>(
      `/openapi/v3/apis/${GROUP}/v1`,
    );
    expect(document.object.components.schemas['com.example.stable.v1.Told']?.properties).toMatchObject({
      spec: { description: 'What is told.' },
    });
  });

  test('custom resources have APIServices while they are served', async () => {
    await create('Served', [{ name: 'v7' }], { group });
    const path = `/apis/apiregistration.k8s.io/v1/apiservices/v7.${group}`;
    const reconcile = () => server.reconcile({ patienceMs: 0 });
    await reconcile();
    expect((await client.get(path)).object).toMatchObject({
      metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
      spec: { group, version: 'v7', groupPriorityMinimum: 1000, versionPriority: 100 },
    });
    await client.delete(`${DEFINITIONS}/serveds.${group}`);
    await reconcile();
    expect((await client.get(path)).status).toBe(404);
  });
});

test('internal clients find custom resources, too', async () => {
  await create('Listed');
  await client.create(pathOf('Listed'), object('Listed', 'a'));
  const lister = server.resources.lister({ group: GROUP, resource: 'listeds' });
  expect(await lister.get('default', 'a', 0)).toMatchObject({ kind: 'Listed', metadata: { name: 'a' } });
  await client.delete(`${DEFINITIONS}/listeds.${GROUP}`);
  await expect(lister.snapshot(0)).rejects.toThrow(`no storage for listeds.${GROUP}`);
});
