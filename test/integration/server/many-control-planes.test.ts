/** Fifty control planes in one process, each with its own options, fully isolated from each other. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseOptions } from '../../../shared/server/options/parse-options.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';

const COUNT = 50;
const PLANES = Array.from({ length: COUNT }, (_, index) => index);
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** The files named by a control plane's flags; the paths are the same for all. */
const filesOf = (index: number) => (path: string) => {
  if (path === '/tokens.csv') return `secret-${index},user-${index},${index},group-${index}\n`;
  if (path === '/policy.jsonl') {
    return JSON.stringify({
      apiVersion: 'abac.authorization.kubernetes.io/v1beta1',
      kind: 'Policy',
      spec: { user: `user-${index}`, apiGroup: '*', resource: '*', namespace: '*', nonResourcePath: '*' },
    });
  }
  throw new Error(`no file ${path}`);
};

const hasLimits = (index: number) => index % 2 === 0;
const hasBatch = (index: number) => index % 3 !== 0;
const appliesOnServer = (index: number) => index % 5 !== 0;

const flagsOf = (index: number): [string, string][] => [
  ['authorization-mode', 'ABAC'],
  ['authorization-policy-file', '/policy.jsonl'],
  ['token-auth-file', '/tokens.csv'],
  ['service-account-issuer', `https://issuer-${index}.example`],
  ['service-cluster-ip-range', `10.${index}.0.0/16`],
  ['advertise-address', `192.0.2.${index}`],
  [hasLimits(index) ? 'enable-admission-plugins' : 'disable-admission-plugins', 'LimitRanger'],
  ['runtime-config', `batch/v1=${hasBatch(index)}`],
];

/** Runs `work` for each item, several concurrently, so that different control planes overlap. */
async function severalAtOnce<T>(items: readonly number[], work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const left = [...items.entries()];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, index] = next;
      results[at] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}

let planes: readonly TestServer[] = [];
beforeAll(async () => {
  planes = await severalAtOnce(PLANES, (index) =>
    startTestServer(
      {
        ...parseOptions(flagsOf(index)),
        enableServerSideApply: appliesOnServer(index),
        maxRequestBodyBytes: 10_000 + index,
      },
      { readFile: filesOf(index), authenticator: undefined },
    ),
  );
}, 600_000);
afterAll(async () => {
  await Promise.all(planes.map((plane) => plane.close()));
});

const as = (index: number) => ({ authorization: `Bearer secret-${index}` });

/** Facts about a control plane, as its own user sees them. */
async function facts(index: number) {
  const plane = planes[index]!;
  const headers = as(index);
  const [kubernetes, ranges, groups, objects] = await Promise.all([
    call(plane, 'GET', '/api/v1/namespaces/default/services/kubernetes', { headers }),
    call(plane, 'GET', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes', { headers }),
    call(plane, 'GET', '/apis/batch/v1', { headers }),
    call(plane, 'GET', CONFIG_MAPS, { headers }),
  ]);
  return {
    clusterIP: (kubernetes.json?.['spec'] as { clusterIP?: string } | undefined)?.clusterIP,
    ranges: (ranges.json?.['spec'] as { cidrs?: string[] } | undefined)?.cidrs,
    batch: groups.status,
    objects: (objects.json?.['items'] as { data: unknown }[] | undefined)?.map(({ data }) => data),
  };
}

test('each has its own options, users and objects, in any order of requests', async () => {
  // The same name everywhere, written concurrently.
  const created = await severalAtOnce(PLANES, (index) =>
    call(planes[index]!, 'POST', CONFIG_MAPS, {
      headers: as(index),
      body: { metadata: { name: 'mine' }, data: { owner: String(index) } },
    }),
  );
  expect(created.map(({ status }) => status)).toEqual(PLANES.map(() => 201));
  const order = [...PLANES].sort((a, b) => ((a * 37) % COUNT) - ((b * 37) % COUNT));
  const said = await severalAtOnce([...order, ...PLANES], async (index) => ({
    index,
    ...(await facts(index)),
  }));
  expect(said).toEqual(
    [...order, ...PLANES].map((index) => ({
      index,
      clusterIP: `10.${index}.0.1`,
      ranges: [`10.${index}.0.0/16`],
      batch: hasBatch(index) ? 200 : 404,
      objects: [{ owner: String(index) }],
    })),
  );
}, 300_000);

test('each knows its own users only', async () => {
  const answers = await Promise.all(
    PLANES.map((index) => call(planes[index]!, 'GET', CONFIG_MAPS, { headers: as((index + 1) % COUNT) })),
  );
  expect(answers.map(({ status }) => status)).toEqual(PLANES.map(() => 401));
}, 300_000);

test('limits, plugins and features are those of the addressed control plane', async () => {
  const probe = async (index: number) => {
    const plane = planes[index]!;
    const headers = as(index);
    const limit = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'least' } };
    const spec = { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '5Gi' } }] };
    await call(plane, 'POST', '/api/v1/namespaces/default/limitranges', {
      headers,
      body: { ...limit, spec },
    });
    const claim = await call(plane, 'POST', '/api/v1/namespaces/default/persistentvolumeclaims', {
      headers,
      body: {
        metadata: { name: 'small' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    });
    const largest = ' '.repeat(10_000 + index - 2);
    const [fits, exceeds] = await Promise.all(
      ['{}', '{} '].map((text) =>
        call(plane, 'POST', CONFIG_MAPS, {
          headers: { ...headers, 'content-type': 'application/json' },
          body: `${largest}${text}`,
        }),
      ),
    );
    const applied = await call(plane, 'PATCH', `${CONFIG_MAPS}/applied?fieldManager=test`, {
      headers: { ...headers, 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' } }),
    });
    return [claim.status, fits?.status, exceeds?.status, applied.status];
  };
  expect(await severalAtOnce(PLANES, probe)).toEqual(
    PLANES.map((index) => [hasLimits(index) ? 403 : 201, 422, 413, appliesOnServer(index) ? 201 : 415]),
  );
}, 300_000);
