import { expect, test } from 'vitest';
import { fleetRouter } from '../../../shared/fleet/fleet-router.ts';
import { placeholderEntry } from '../../../shared/fleet/placeholder-tenant.ts';
import type { TenantEntry, TenantState } from '../../../shared/fleet/tenant-directory.ts';
import { TenantTraffic } from '../../../shared/fleet/tenant-traffic.ts';
import { UsageMeter } from '../../../shared/fleet/tenant-usage.ts';
import { type ApiRequest, type ApiResponse, headerFields } from '../../../shared/request/api-request.ts';

const DOMAIN = 'k8s.example.com';

const entry = (name: string, state: TenantState): TenantEntry => ({
  name,
  state,
  id: `${name}.1`,
  owner: `default/${name}`,
  table: 'fleet',
  arguments: [],
  adminARNs: [],
  endpoint: `https://${name}.${DOMAIN}`,
});
const open: TenantEntry = { ...entry('open', 'Active'), arguments: ['--anonymous-auth=true'] };

const TENANTS = new Map(
  [
    entry('acme', 'Active'),
    entry('new', 'Starting'),
    entry('sleepy', 'Suspended'),
    entry('going', 'Deleting'),
    entry('broken', 'Active'),
    open,
  ].map((one) => [one.name, one]),
);

const credential = headerFields([['authorization', 'Bearer x']]);
const said = (text: string): ApiResponse => ({ status: 200, headers: {}, body: Buffer.from(text) });

/** `asked` receives the names that are looked up. */
function answerOf(request: Partial<ApiRequest>, asked: string[] = []): Promise<ApiResponse> {
  const route = fleetRouter({
    directory: {
      async find(name) {
        asked.push(name);
        if (name === 'unknowable') throw new Error('no table');
        return TENANTS.get(name);
      },
    },
    runtime: {
      async serve({ id }, { path }) {
        if (id === 'broken.1') throw new Error('no keys');
        // As a remote API server might, to run a page.
        return { ...said(`${id} ${path}`), headers: { 'content-security-policy': "default-src 'self'" } };
      },
    },
    traffic: new TenantTraffic({ usage: new UsageMeter() }),
    absentTenants: {
      placeholder: placeholderEntry('fleet'),
      serve: async (name, entry, { path }) => said(`placeholder for ${name} (${entry?.state}) ${path}`),
    },
    management: async ({ path }) => {
      if (path === '/down') throw new Error('no table');
      return said(`management ${path}`);
    },
    domain: DOMAIN,
    logger: { error: () => undefined },
  });
  return route({
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    headers: credential,
    body: new Uint8Array(),
    signal: new AbortController().signal,
    canStream: true,
    ...request,
  });
}

/** The tenant that responds, or a Status. */
async function answerTo(request: Partial<ApiRequest>): Promise<unknown> {
  const asked: string[] = [];
  const { status, headers, body } = await answerOf(request, asked);
  const text = Buffer.from(body as Uint8Array).toString();
  if (status === 200) return text;
  const { message, code, reason } = JSON.parse(text) as { message: string; code: number; reason: string };
  expect([headers['content-type'], code]).toEqual(['application/json', status]);
  return { status, reason, message, after: headers['retry-after'], asked };
}

test.each<[string, Partial<ApiRequest>, string | undefined]>([
  ['a tenant below a path', { path: '/tenants/acme/apis/pages.example.com/v1' }, 'sandbox'],
  ['a name below a path', { path: '/tenants/no/api' }, 'sandbox'],
  ['a tenant that fails to load, below a path', { path: '/tenants/broken/' }, 'sandbox'],
  ['a tenant with its own origin', { host: `acme.${DOMAIN}`, path: '/api' }, "default-src 'self'"],
  ['the management plane', { path: '/ui' }, undefined],
])('browsers run nothing from %s that shares its origin', async (_, request, policy) => {
  expect((await answerOf(request)).headers['content-security-policy']).toBe(policy);
});

const acme = `acme.${DOMAIN}`;
const other = headerFields([
  ['authorization', 'Bearer x'],
  ['host', `other.${DOMAIN}`],
  ['x-forwarded-host', `other.${DOMAIN}`],
  ['forwarded', `host=other.${DOMAIN}`],
]);

test.each<[string, Partial<ApiRequest>, string]>([
  ['a host name', { host: acme, path: '/api' }, 'acme.1 /api'],
  ['a host name with a port', { host: `${acme}:6443`, path: '/api' }, 'acme.1 /api'],
  ['a host name in another case, at its root', { host: 'ACME.K8s.Example.com.', path: '/' }, 'acme.1 /'],
  ['a host name that contradicts headers', { host: acme, headers: other, path: '/' }, 'acme.1 /'],
  ['another tenant below a host name', { host: acme, path: '/tenants/b/api' }, 'acme.1 /tenants/b/api'],
  ['a path', { path: '/tenants/acme/api/v1' }, 'acme.1 /api/v1'],
  ['a path with only the tenant', { path: '/tenants/acme' }, 'acme.1 /'],
  ['a path with two tenants', { path: '/tenants/acme/tenants/b' }, 'acme.1 /tenants/b'],
  ['a path with dot segments', { path: '/tenants/acme/../b/api' }, 'acme.1 /../b/api'],
  [
    "a path by a host that isn't a name",
    { host: '127.0.0.1:6443', path: '/tenants/acme/api' },
    'acme.1 /api',
  ],
  ['the domain itself', { host: DOMAIN, path: '/api' }, 'management /api'],
  ['a name with the domain as suffix', { host: `acmek8s.example.com`, path: '/api' }, 'management /api'],
  ['only headers', { headers: other, path: '/api' }, 'management /api'],
  ['no tenant', { path: '/tenants' }, 'management /tenants'],
])('%s', async (_, request, expected) => {
  expect(await answerTo(request)).toBe(expected);
});

const closed = (message: string, name: string, after?: string) => ({
  status: 503,
  reason: 'ServiceUnavailable',
  message,
  after,
  asked: [name],
});

const bare = { headers: headerFields([]) };
test.each<[string, Partial<ApiRequest>, string]>([
  ['an unknown name', { path: '/tenants/no/api' }, 'placeholder for no (undefined) /api'],
  ['an unknown host name', { host: `no.${DOMAIN}`, path: '/api' }, 'placeholder for no (undefined) /api'],
  ['an invalid name', { path: '/tenants/a%23/api' }, 'placeholder for a%23 (undefined) /api'],
  ['an id', { path: '/tenants/acme.1/api' }, 'placeholder for acme.1 (undefined) /api'],
  ['an empty name', { path: '/tenants//api' }, 'placeholder for  (undefined) /api'],
  ['another case', { path: '/tenants/Acme/api' }, 'placeholder for Acme (undefined) /api'],
  ['a path traversal', { path: '/tenants/../api' }, 'placeholder for .. (undefined) /api'],
  ["a host name below a tenant's", { host: `b.${acme}` }, 'placeholder for b.acme (undefined) /'],
  ['a starting tenant', { path: '/tenants/new/api' }, 'placeholder for new (Starting) /api'],
  ['a suspended tenant', { path: '/tenants/sleepy/api' }, 'placeholder for sleepy (Suspended) /api'],
  ['a tenant being deleted', { path: '/tenants/going/' }, 'placeholder for going (Deleting) /'],
  ['no credentials', { path: '/tenants/acme/api', ...bare }, 'placeholder for acme (Active) /api'],
  ['no credentials, with anonymous access', { path: '/tenants/open/api', ...bare }, 'open.1 /api'],
])('%s is answered by the placeholder tenant', async (_, request, expected) => {
  expect(await answerTo(request)).toBe(expected);
});

test.each<[string, Partial<ApiRequest>, unknown]>([
  [
    'a tenant that fails to load',
    { path: '/tenants/broken/' },
    closed('control plane broken is unavailable', 'broken', '1'),
  ],
  [
    'a management plane that fails',
    { path: '/down' },
    { ...closed('the management plane is unavailable', '', '1'), asked: [] },
  ],
  [
    'a directory that fails',
    { path: '/tenants/unknowable/' },
    closed('the directory of control planes is unavailable', 'unknowable', '1'),
  ],
])('%s gets a Status', async (_, request, expected) => {
  expect(await answerTo(request)).toEqual(expected);
});
