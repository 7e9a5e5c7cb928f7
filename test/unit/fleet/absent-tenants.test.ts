import { expect, test } from 'vitest';
import { AbsentTenants } from '../../../shared/fleet/absent-tenants.ts';
import { placeholderEntry } from '../../../shared/fleet/placeholder-tenant.ts';
import type { TenantEntry, TenantState } from '../../../shared/fleet/tenant-directory.ts';
import { type ApiRequest, headerFields } from '../../../shared/request/api-request.ts';

const PLACEHOLDER = placeholderEntry('fleet');
const entry = (name: string, state: TenantState): TenantEntry => ({
  ...PLACEHOLDER,
  name,
  id: `${name}.1`,
  state,
});

/** Every client that sends `mine` has a credential signed by the tenant. */
function newStrangers(openedIn = 300) {
  const slept: number[] = [];
  const opened: string[] = [];
  const absentTenants = new AbsentTenants({
    runtime: {
      openedIn,
      idleMs: 60_000,
      serve: async ({ name }, { path }) => ({
        status: 401,
        headers: {},
        body: Buffer.from(`${name} ${path}`),
      }),
    },
    placeholder: PLACEHOLDER,
    signatures: ({ id }) => {
      opened.push(id);
      return {
        signedBy: async ({ headers }) => headers.get('authorization')?.[0] === 'Bearer mine',
        close: () => opened.splice(opened.indexOf(id), 1),
      };
    },
    sleep: async (ms) => slept.push(ms),
  });
  const ask = async (name: string, who: string | undefined, of?: TenantEntry, path = '/api') => {
    const request: ApiRequest = {
      ...{ method: 'GET', path, query: new URLSearchParams(), body: new Uint8Array() },
      headers: headerFields(who === undefined ? [] : [['authorization', `Bearer ${who}`]]),
      ...{ signal: new AbortController().signal, canStream: true },
    };
    const { status, body, headers } = await absentTenants.serve(name, of, request);
    const text = Buffer.from(body as Uint8Array).toString();
    return text.startsWith('{')
      ? [status, (JSON.parse(text) as { message: string }).message, headers['retry-after']]
      : [status, text];
  };
  return { absentTenants, slept, opened, ask };
}

const NOT_KNOWN = [401, 'nobody /api'];

test.each<[TenantState, unknown[]]>([
  ['Starting', NOT_KNOWN],
  // client-go does not show the message of a 503 from discovery.
  ['Suspended', [500, 'control plane acme is suspended\n']],
  ['Moving', [503, 'the data of control plane acme is being moved', '1']],
  ['Deleting', NOT_KNOWN],
])(
  'a credential signed by a tenant that is %s reveals its state, any other does not',
  async (state, expected) => {
    const { ask } = newStrangers();
    const acme = entry('acme', state);
    expect([
      await ask('acme', 'mine', acme),
      await ask('acme', 'other', acme),
      await ask('acme', undefined, acme),
      await ask('acme', 'mine'),
      await ask('no-name#', 'mine'),
    ]).toEqual([expected, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN]);
  },
);

test.each<[string, unknown[]]>([
  ['/api', [500, 'control plane acme is suspended\n']],
  ['/apis', [500, 'control plane acme is suspended\n']],
  ['/version', [500, 'control plane acme is suspended\n']],
  ['/openapi/v2', [500, 'control plane acme is suspended\n']],
  ['/openapi/v3', [500, 'control plane acme is suspended\n']],
  ['/openapi/v3/apis/apps/v1', [500, 'control plane acme is suspended\n']],
  ['/api/v1', [503, 'control plane acme is suspended', undefined]],
  ['/apis/apps/v1/deployments', [503, 'control plane acme is suspended', undefined]],
  ['/readyz', [503, 'control plane acme is suspended', undefined]],
])('%s of a suspended tenant', async (path, expected) => {
  const { ask } = newStrangers();
  expect(await ask('acme', 'mine', entry('acme', 'Suspended'), path)).toEqual(expected);
});

test('a missing name takes as long at first as loading a tenant, and then no longer', async () => {
  const { ask, slept } = newStrangers();
  for (const name of ['one', 'one', 'two', 'one', 'no-name#', 'two']) await ask(name, 'x');
  await ask('three', undefined);
  expect(slept).toEqual([300, 300]);
});

test('slow loading of tenants does not delay missing names as much', async () => {
  const { ask, slept } = newStrangers(60_000);
  await ask('one', 'x');
  expect(slept).toEqual([1_000]);
});

test("a suspended tenant's keys are released", async () => {
  const { ask, absentTenants, opened } = newStrangers();
  await ask('acme', 'x', entry('acme', 'Suspended'));
  await ask('acme', 'x', entry('acme', 'Suspended'));
  await ask('other', 'x', entry('other', 'Deleting'));
  expect(opened).toEqual(['acme.1']);
  await absentTenants.close();
  expect(opened).toEqual([]);
});
