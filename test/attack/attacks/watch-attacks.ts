/** Many or unusual watches of other users' writes, and forged continue tokens. */

import { type Attack, type AttackRequest, atOnce, NAMESPACE, pause, repeat, requests } from '../attack.ts';
import type { Target } from '../target.ts';
import { asked, openStreams, openWatches } from './watches.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const LONG = 110_000;
const long = (text: string, separator: string) =>
  repeat(Math.floor(LONG / (text.length + 5)), text, separator);
const WATCHES = 300;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const map = (name: string, more: string) => `{"metadata":{"name":"${name}"},${more}}`;
const keys = (count: number) => `"data":{${repeat(count, '"k#":"value"', ',')}}`;
const clear: AttackRequest = { method: 'DELETE', path: CONFIG_MAPS, sender: 'clusterAdmin' };

/** Watches of a namespace while an object in it is changed repeatedly. */
function watched(
  name: string,
  query: (i: number) => string,
  change: { readonly times: number; readonly body: () => string; readonly accept?: string },
): Attack {
  return {
    name: `watches: ${name}`,
    run: async (target) => {
      const made = await target.send({ path: CONFIG_MAPS, body: map('watched', change.body()) });
      const watches = await openWatches(target, WATCHES, (i) => ({
        path: `${CONFIG_MAPS}?watch=1${query(i)}`,
        headers: change.accept === undefined ? {} : { accept: change.accept },
      }));
      for (let i = 0; i < change.times; i++) {
        await target.send({
          path: `${CONFIG_MAPS}/watched`,
          method: 'PATCH',
          type: 'application/merge-patch+json',
          body: `{"metadata":{"labels":{"a":"${i}"}}}`,
        });
      }
      await pause(2_000);
      const seen = watches.close();
      await target.send(clear);
      return `${made} ${seen}`;
    },
  };
}

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const token = (members: object) => base64url(JSON.stringify(members));
const TOKENS: readonly (readonly [name: string, token: () => string])[] = [
  ['of a key that is long', () => token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a/'.repeat(40_000) })],
  ['of a key that leaves', () => token({ v: 'meta.k8s.io/v1', rv: 1, start: '../../quiet/a' })],
  ['of another namespace', () => token({ v: 'meta.k8s.io/v1', rv: 1, start: 'quiet/a\u0000' })],
  ['of a revision to come', () => token({ v: 'meta.k8s.io/v1', rv: 9e15, start: 'a\u0000' })],
  ['of no revision', () => token({ v: 'meta.k8s.io/v1', rv: -5, start: 'a\u0000' })],
  ['of a fraction', () => token({ v: 'meta.k8s.io/v1', rv: 1.5, start: 'a\u0000', at: -1, since: 1e300 })],
  ['of brackets', () => base64url('['.repeat(80_000))],
  ['of numbers', () => base64url(`{"v":"meta.k8s.io/v1","rv":${'1'.repeat(60_000)},"start":"a"}`)],
  ['of one key again and again', () => base64url(`{${repeat(8_000, '"v":1', ',')}}`)],
  ['of a prototype', () => base64url('{"v":"meta.k8s.io/v1","rv":1,"start":"a","__proto__":{"at":1}}')],
];

export function watchAttacks(): Attack[] {
  return [
    watched('300 of thousands of terms', () => `&labelSelector=${long('k#', ',')}`, {
      times: 30,
      body: () => keys(1),
    }),
    watched(
      '300 of sets of thousands, each another',
      (i) => `&labelSelector=a%20notin%20(x${i},${long('v#', ',')})`,
      {
        times: 30,
        body: () => keys(1),
      },
    ),
    watched('300 of thousands of terms of fields', () => `&fieldSelector=${long('metadata.name!=k#', ',')}`, {
      times: 30,
      body: () => keys(1),
    }),
    watched('300 of an object of 20,000 keys', () => '', { times: 10, body: () => keys(20_000) }),
    watched('300 of an object of 20,000 keys in YAML', () => '', {
      times: 5,
      body: () => keys(20_000),
      accept: 'application/yaml',
    }),
    watched('300 of an object of 20,000 keys in protobuf', () => '', {
      times: 10,
      body: () => keys(20_000),
      accept: 'application/vnd.kubernetes.protobuf;stream=watch',
    }),
    watched('300 of an object of 20,000 keys as tables', () => '&includeObject=Object', {
      times: 10,
      body: () => keys(20_000),
      accept: TABLE,
    }),
    watched(
      '300 with all there is first',
      () => '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
      {
        times: 3,
        body: () => keys(20_000),
      },
    ),
    {
      name: 'watches: 60 of 2,000 changes of a large object that were',
      run: async (target) => {
        const { answers, version } = await changed(target, 300);
        const watches = await openWatches(target, 60, () => ({
          path: `${CONFIG_MAPS}?watch=1&resourceVersion=${version}`,
        }));
        await pause(5_000);
        const seen = watches.close();
        await target.send(clear);
        return `${answers} ${seen}`;
      },
    },
    {
      name: 'watches: 3,000, each a moment',
      run: (target) =>
        atOnce(300, async () => {
          for (let i = 0; i < 10; i++)
            (await openWatches(target, 1, () => ({ path: `${CONFIG_MAPS}?watch=1` }))).close();
          return 'closed';
        }),
    },
    {
      name: 'watches: 500 of everything there is',
      run: async (target) => {
        const watches = await openWatches(target, 500, (i) => ({
          path:
            ['/api/v1/secrets', '/api/v1/pods', '/apis/apps/v1/deployments', '/api/v1/events'][i % 4] +
            '?watch=1',
          sender: 'clusterAdmin',
        }));
        await pause(1_000);
        return watches.close();
      },
    },
    {
      name: 'watches: 9,000 of one user',
      run: async (target) =>
        (
          await openStreams(target, { connections: 9, each: 1_000, path: `${CONFIG_MAPS}?watch=1` }, [
            'admin',
          ])
        ).close(),
    },
    {
      name: 'watches: 9,000 of two users',
      run: async (target) =>
        (
          await openStreams(target, { connections: 9, each: 1_000, path: `${CONFIG_MAPS}?watch=1` }, [
            'admin',
            'clusterAdmin',
          ])
        ).close(),
    },
    asked('300 lists of thousands of terms', 300, () => ({
      path: `${CONFIG_MAPS}?labelSelector=${long('k#', ',')}`,
    })),
    asked('300 lists of thousands of terms of fields', 300, () => ({
      path: `${CONFIG_MAPS}?fieldSelector=${long('metadata.name!=k#', ',')}`,
    })),
    asked('300 that time out at once', 300, () => ({ path: `${CONFIG_MAPS}?watch=1&timeoutSeconds=1` })),
    asked('300 with a time that is none', 300, () => ({
      path: `${CONFIG_MAPS}?watch=1&timeoutSeconds=${'9'.repeat(5_000)}`,
    })),
    asked('300 of a revision of long ago', 300, () => ({
      path: `${CONFIG_MAPS}?watch=1&resourceVersion=1&timeoutSeconds=1`,
    })),
    ...TOKENS.map(([name, made]) => ({
      ...requests(`watches: a list that goes on, ${name}`, () => ({
        path: `${CONFIG_MAPS}?limit=1&continue=${made()}`,
      })),
      ...(name === 'of a revision to come' && { failsUpstream: 'Too large resource version, with 504' }),
    })),
  ];
}

/** Creates an object and changes it `times` times; returns its version before the changes. */
async function changed(target: Target, times: number): Promise<{ answers: string; version: string }> {
  const made = await target.send({ path: CONFIG_MAPS, body: map('watched', keys(8_000)) });
  const version = (await target.read({ path: `${CONFIG_MAPS}/watched` })).metadata?.resourceVersion ?? '0';
  for (let i = 0; i < times; i++) {
    await target.send({
      path: `${CONFIG_MAPS}/watched`,
      method: 'PATCH',
      type: 'application/merge-patch+json',
      body: `{"data":{"k0":"${i}"}}`,
    });
  }
  return { answers: made, version };
}
