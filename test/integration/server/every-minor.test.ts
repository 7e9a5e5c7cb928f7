/**
 * The same data under every minor: old clients can write back what they read, and nothing of the newest release is
 * lost.
 */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { KUBERNETES_RELEASE } from '../../../shared/apis/kubernetes-release.ts';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { flagsOfArguments, parseOptions } from '../../../shared/server/options/parse-options.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';
import { allSamples } from '../../fixtures/samples.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const NEWEST = KUBERNETES_RELEASE.minor;

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly namespaced: boolean;
}

let storage: Awaited<ReturnType<typeof newTestStorageFactory>>;
const open = async (minor: string): Promise<ControlPlane> => {
  const flags = [
    `--emulated-version=${minor}`,
    '--runtime-config=api/all=true',
    '--disable-admission-plugins=ServiceAccount',
  ];
  const plane = await createControlPlane({
    storage,
    options: parseOptions(flagsOfArguments([...flags, '--authorization-mode=RBAC,AlwaysAllow'])),
    controllers: [],
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(() => {}),
  });
  await plane.start();
  return plane;
};

async function* storedResources(plane: ControlPlane) {
  const { json: groups } = await call(plane, 'GET', '/apis');
  const versions = (groups as never as { groups: { versions: { groupVersion: string }[] }[] }).groups.flatMap(
    (group) => group.versions.map(({ groupVersion }) => groupVersion),
  );
  for (const version of ['v1', ...versions]) {
    const path = version === 'v1' ? '/api/v1' : `/apis/${version}`;
    const { json } = await call(plane, 'GET', path);
    for (const resource of (json?.['resources'] ?? []) as unknown as Resource[]) {
      if (!resource.name.includes('/') && resource.verbs.includes('list'))
        yield { version, path, ...resource };
    }
  }
}

const where = (path: string, { name, namespaced }: Resource) =>
  `${path}/${namespaced ? 'namespaces/default/' : ''}${name}`;

/** Kinds whose status the server itself writes. */
const RECONCILED = new Set(['APIService', 'CustomResourceDefinition', 'FlowSchema', 'ServiceCIDR']);

/** Loses lending on write, as the release that had this version does. */
const LOSING = 'flowcontrol.apiserver.k8s.io/v1alpha1';

/** autoscaling/v1 moves the CPU metric to the end. */
function sortMetrics(spec: { metrics?: { resource?: { name: string } }[] } | undefined): void {
  const nameOf = (metric: { resource?: { name: string } }) => metric.resource?.name ?? '';
  spec?.metrics?.sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/** The contents of the object without bookkeeping. */
function contentOf({ metadata, apiVersion: _, status, ...content }: KubeObject & { status?: unknown }) {
  if (content.kind === 'HorizontalPodAutoscaler') sortMetrics((content as { spec?: object }).spec);
  return {
    ...content,
    ...(!RECONCILED.has(content.kind!) && { status }),
    metadata: { ...metadata, managedFields: 0, resourceVersion: 0, generation: 0, annotations: 0 },
  };
}

let newest: ControlPlane;
/** Contents by path in the newest API. */
const made = new Map<string, unknown>();

beforeAll(async () => {
  storage = await newTestStorageFactory();
  newest = await open(NEWEST);
  const samples = new Map(allSamples().map((sample) => [`${sample.apiVersion} ${sample.kind}`, sample]));
  for await (const resource of storedResources(newest)) {
    const sample = samples.get(`${resource.version} ${resource.kind}`);
    if (sample === undefined || !resource.verbs.includes('update')) continue;
    const path = where(resource.path, resource);
    const answer = await call(newest, 'POST', path, { body: sample });
    if (![201, 409].includes(answer.status)) throw new Error(`${path}: ${JSON.stringify(answer.json)}`);
    const at = `${path}/${sample.metadata.name}`;
    made.set(at, contentOf((await call(newest, 'GET', at)).json as never));
  }
}, 120_000);
afterAll(async () => {
  await newest.close();
  await storage.close();
});

/** The first and the last minor, and those after which many APIs were removed. */
const MINORS = ['1.20', '1.24', '1.28', '1.31', '1.34', NEWEST];

test.each(MINORS)('%s', async (minor) => {
  const plane = await open(minor);
  const faults: string[] = [];
  let written = 0;
  try {
    for await (const resource of storedResources(plane)) {
      if (!resource.verbs.includes('update') || resource.version === LOSING) continue;
      const path = where(resource.path, resource);
      const name = [...made.keys()]
        .find((at) => at.split('/').at(-2) === resource.name)
        ?.split('/')
        .at(-1);
      if (name === undefined) continue;
      const shown = await call(plane, 'GET', `${path}/${name}`);
      if (shown.status !== 200) {
        // A resource of the same name in another group.
        if (shown.status !== 404) faults.push(`GET ${path}: ${shown.status} ${JSON.stringify(shown.json)}`);
        continue;
      }
      const answer = await call(plane, 'PUT', `${path}/${name}`, { body: shown.json as never });
      if (answer.status !== 200) faults.push(`PUT ${path}: ${JSON.stringify(answer.json)}`);
      written++;
    }
  } finally {
    await plane.close();
  }
  expect(faults).toEqual([]);
  expect(written).toBeGreaterThan(30);
  const now: unknown[] = [];
  for (const at of made.keys()) now.push([at, contentOf((await call(newest, 'GET', at)).json as never)]);
  expect(now).toEqual([...made]);
});
