import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { writeOpenAPIDescriptions } from '../../../../infra/build/openapi-descriptions.ts';
import type { LocalOpenAPIPart, OpenAPIPart } from '../../../../shared/endpoints/openapi/openapi-model.ts';
import { OpenAPIService } from '../../../../shared/endpoints/openapi/openapi-service.ts';
import { OpenAPITexts } from '../../../../shared/endpoints/openapi/openapi-texts.ts';
import { newScheme } from '../../../../shared/server/builtin-scheme.ts';

const texts = new OpenAPITexts(newScheme());
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

interface CountedPart extends LocalOpenAPIPart {
  models: number;
}

function part(path: string, state: string): CountedPart {
  const counted: CountedPart = {
    path,
    models: 0,
    state: () => state,
    model: async () => {
      counted.models++;
      return { paths: new Map() };
    },
  };
  return counted;
}

test('the list of documents creates no document', async () => {
  const parts = [part('apis/b/v1', '1'), part('apis/a/v1', '1')];
  const { root, byPath } = await new OpenAPIService({ parts: () => parts }, texts).documents();
  const url = (path: string) => ({ serverRelativeURL: `/openapi/v3/${path}?hash=${byPath.get(path)!.hash}` });
  expect(JSON.stringify(decode(await root.bytes('json')))).toBe(
    JSON.stringify({ paths: { 'apis/a/v1': url('apis/a/v1'), 'apis/b/v1': url('apis/b/v1') } }),
  );
  expect(parts.map(({ models }) => models)).toEqual([0, 0]);
});

test('a document is created once, in any format', async () => {
  const only = part('apis/a/v1', '1');
  const parts = [only];
  const service = new OpenAPIService({ parts: () => parts }, texts);
  for (let i = 0; i < 2; i++) {
    const { byPath, whole } = await service.documents();
    await Promise.all([byPath.get('apis/a/v1')!.bytes('json'), byPath.get('apis/a/v1')!.bytes('protobuf')]);
    await whole.bytes('json');
  }
  expect(only.models).toBe(1);
});

test('a document that exceeds memory is rejected during its construction, and succeeds later', async () => {
  const parts = Array.from({ length: 40 }, (_, n) => part(`apis/a${n}/v1`, '1'));
  const { whole } = await new OpenAPIService({ parts: () => parts }, texts).documents();
  let asked = 0;
  const claim = () => {
    if (++asked === 3) throw new Error('no room');
  };
  await expect(whole.compressed('json', claim)).rejects.toThrow('no room');
  // Later parts weren't read.
  expect(parts.filter(({ models }) => models > 0).length).toBeLessThan(parts.length);
  await whole.compressed('json', claim);
  expect(parts.map(({ models }) => models)).toEqual(parts.map(() => 1));
});

test("a changed part changes only its own hash and the whole document's", async () => {
  let parts = [part('apis/a/v1', '1'), part('apis/b/v1', '1')];
  const service = new OpenAPIService({ parts: () => parts }, texts);
  const hashes = async () => {
    const { byPath, root, whole } = await service.documents();
    return {
      a: byPath.get('apis/a/v1')!.hash,
      b: byPath.get('apis/b/v1')!.hash,
      root: root.hash,
      whole: whole.hash,
    };
  };
  const before = await hashes();
  parts = [parts[0]!, part('apis/b/v1', '2')];
  const after = await hashes();
  expect(after.a).toBe(before.a);
  for (const name of ['b', 'root', 'whole'] as const) expect(after[name]).not.toBe(before[name]);
  // The same API has the same hashes on any server.
  parts = [part('apis/a/v1', '1'), part('apis/b/v1', '1')];
  expect(await hashes()).toEqual(before);
});

test('an unchanged part is not created again', async () => {
  let parts = [part('apis/a/v1', '1')];
  const first = parts[0]!;
  const service = new OpenAPIService({ parts: () => parts }, texts);
  const before = (await service.documents()).byPath.get('apis/a/v1')!;
  await (await service.documents()).whole.bytes('json');
  parts = [part('apis/a/v1', '1'), part('apis/b/v1', '1')];
  const after = await service.documents();
  await after.whole.bytes('json');
  expect(after.byPath.get('apis/a/v1')).toBe(before);
  expect([first, ...parts].map(({ models }) => models)).toEqual([1, 0, 1]);
});

test("another server's document is fetched once, if available", async () => {
  let answers = 0;
  const remote = {
    path: 'apis/remote/v1',
    state: () => '1',
    document: async () => ({}),
    swagger: async () => (answers++ === 0 ? undefined : { paths: {}, definitions: {}, parameters: {} }),
  };
  let parts: OpenAPIPart[] = [];
  const service = new OpenAPIService({ parts: () => parts }, texts);
  for (let i = 0; i < 4; i++) {
    parts = [remote, part('apis/a/v1', String(i))];
    await (await service.documents()).whole.bytes('json');
  }
  expect(answers).toBe(2);
});

describe('descriptions', () => {
  const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-openapi-'));
  writeOpenAPIDescriptions(folder);
  const described = new OpenAPITexts(newScheme(), pathToFileURL(join(folder, 'openapi-descriptions.json')));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fields: [what: string, definition: string, field: string, text: string][] = [
    [
      'a field that refers to another type',
      'io.k8s.api.apps.v1.DeploymentSpec',
      'strategy',
      'The deployment strategy to use to replace existing pods with new ones.',
    ],
    [
      'paragraphs',
      'io.k8s.api.apps.v1.DeploymentStatus',
      'terminatingReplicas',
      'Total number of terminating pods targeted by this deployment. Terminating pods have a non-null .metadata.deletionTimestamp and have not yet reached the Failed or Succeeded .status.phase.\n\nThis is a beta field and requires enabling DeploymentReplicaSetTerminatingReplicas feature (enabled by default).',
    ],
    [
      'values, each with its description',
      'io.k8s.api.core.v1.Toleration',
      'operator',
      // Upstream's description occurs once; this tests what `kubectl explain` prints below it.
      expect.stringMatching(/\n\nPossible enum values:\n - `"Equal"`\n - `"Exists"`\n - `"Gt"`\n - `"Lt"`$/),
    ],
    [
      "a version that only the client has, with a published version's descriptions",
      'io.k8s.api.resource.v1beta1.ResourceClaim',
      'spec',
      'Spec describes what is being requested and how to configure it. The spec is immutable.',
    ],
    [
      'a retired version',
      'io.k8s.api.networking.v1beta1.IngressSpec',
      'tls',
      expect.stringMatching(/^tls represents the TLS configuration\. /),
    ],
    ['a query parameter', `${META}.CreateOptions`, 'fieldManager', expect.stringMatching(/IsPrint\.$/)],
    [
      'one of patches',
      `${META}.PatchOptions`,
      'fieldManager',
      expect.stringMatching(/StrategicMergePatch\)\.$/),
    ],
    [
      'one with paragraphs',
      `${META}.ListOptions`,
      'resourceVersion',
      expect.stringMatching(/\n\nDefaults to unset$/),
    ],
  ];
  test.each(fields)('%s', async (_what, definition, field, text) => {
    const { definitions } = await described.descriptions();
    expect(definitions[definition]?.fields[field]).toEqual(text);
  });

  test('types; pretty; another build has another hash', async () => {
    const { definitions, parameters } = await described.descriptions();
    expect(definitions['io.k8s.api.apps.v1.Deployment']?.description).toBe(
      'Deployment enables declarative updates for Pods and ReplicaSets.',
    );
    expect(Object.keys(parameters)).toEqual(['pretty']);
    expect(Object.keys(definitions).length).toBeGreaterThan(850);
    expect(await described.hash()).not.toBe(await texts.hash());
  });
});
