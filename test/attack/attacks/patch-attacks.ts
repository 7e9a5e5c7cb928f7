/** Small patches with a large effect, or patches that scan a long list for each of their parts. */

import { type Attack, filling, NAMESPACE, repeat, requests } from '../attack.ts';
import type { Target } from '../target.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const CONFIG_MAP = `${CONFIG_MAPS}/patched`;
const POD = `/api/v1/namespaces/${NAMESPACE}/pods/patched`;
/** Slightly less than the maximum size of a stored object, in bytes. */
const LARGE = 1_400_000;

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

/** Creates an object, patches it, and deletes it together with its finalizers. */
function patched(name: string, path: string, type: string, body: () => string, patch: () => string): Attack {
  return requests(
    `patches: ${name}`,
    () => ({ path: path.slice(0, path.lastIndexOf('/')), body: body() }),
    () => ({ path, method: 'PATCH', type, body: patch() }),
    () => ({ path, method: 'PATCH', type: MERGE_PATCH, body: '{"metadata":{"finalizers":null}}' }),
    () => ({ path, method: 'DELETE' }),
  );
}

/** `members`: JSON after the name, including the end of the metadata. */
const configMap = (members: string) =>
  `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"patched"${members}}`;
const operations = (count: number, text: string) => `[${repeat(count, text, ',')}]`;

function ofConfigMap(name: string, members: () => string, type: string, body: () => string): Attack {
  return patched(name, CONFIG_MAP, type, () => configMap(members()), body);
}

const nested = (depth: number) => `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`;

const FINALIZERS = () => `,"finalizers":[${filling(LARGE / 3, '"k.io/#"')}]}`;
const DATA = () => `},"data":{${filling(LARGE / 2, '"k#":"b"')}}`;
const CONTAINERS = (count: number, more = '') => repeat(count, `{"name":"c#","image":"i"${more}}`, ',');
const aPod = (containers: string) =>
  `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"patched"},"spec":{"containers":[${containers}]}}`;

function ofPod(name: string, type: string, body: () => string): Attack {
  return patched(name, POD, type, () => aPod(CONTAINERS(1_000)), body);
}

/** Applies configurations in sequence, each with its own manager. */
function applied(name: string, managers: number, members: (manager: number) => string): Attack {
  return {
    name: `patches: apply: ${name}`,
    run: async (target: Target) => {
      const answers = new Set<string>();
      for (let i = 0; i < managers; i++) {
        const path = `${CONFIG_MAP}?fieldManager=m${i}&force=true`;
        answers.add(
          await target.send({ path, method: 'PATCH', type: APPLY_PATCH, body: configMap(members(i)) }),
        );
      }
      await target.send({
        path: CONFIG_MAP,
        method: 'PATCH',
        type: MERGE_PATCH,
        body: '{"metadata":{"finalizers":null}}',
      });
      answers.add(await target.send({ path: CONFIG_MAP, method: 'DELETE' }));
      return [...answers].join(' ');
    },
  };
}

export function patchAttacks(): Attack[] {
  return [
    ofConfigMap('JSON: 10,000 additions at the head of a list', FINALIZERS, JSON_PATCH, () =>
      operations(10_000, '{"op":"add","path":"/metadata/finalizers/0","value":"x.io/#"}'),
    ),
    ofConfigMap('JSON: 10,000 removals at the head of a list', FINALIZERS, JSON_PATCH, () =>
      operations(10_000, '{"op":"remove","path":"/metadata/finalizers/0"}'),
    ),
    ofConfigMap('JSON: 10,000 moves within a list', FINALIZERS, JSON_PATCH, () =>
      operations(10_000, '{"op":"move","from":"/metadata/finalizers/0","path":"/metadata/finalizers/-"}'),
    ),
    requests(
      'patches: finalizers that hold up a deletion',
      () => ({ path: CONFIG_MAPS, body: configMap(FINALIZERS()) }),
      () => ({ path: CONFIG_MAP, method: 'DELETE' }),
      () => ({ path: CONFIG_MAP, method: 'DELETE' }),
      () => ({
        path: CONFIG_MAP,
        method: 'PATCH',
        type: JSON_PATCH,
        body: '[{"op":"add","path":"/metadata/finalizers/-","value":"n.io/a"}]',
      }),
      () => ({
        path: CONFIG_MAP,
        method: 'PATCH',
        type: MERGE_PATCH,
        body: '{"metadata":{"finalizers":null}}',
      }),
    ),
    ofConfigMap('JSON: 10,000 moves of keys', DATA, JSON_PATCH, () =>
      operations(10_000, '{"op":"move","from":"/data/k#","path":"/data/x#"}'),
    ),
    ofConfigMap('JSON: copies of copies', DATA, JSON_PATCH, () =>
      operations(10_000, '{"op":"copy","from":"/data","path":"/data/x#"}'),
    ),
    ofConfigMap('JSON: copies of nothing much', DATA, JSON_PATCH, () =>
      operations(10_000, '{"op":"copy","from":"/metadata/labels","path":"/data/x#"}'),
    ),
    ofConfigMap('JSON: 10,000 tests of all the data', DATA, JSON_PATCH, () =>
      operations(10_000, '{"op":"test","path":"/data","value":{"a":"#"}}'),
    ),
    ofConfigMap('JSON: nesting by moves', DATA, JSON_PATCH, () =>
      operations(
        3_300,
        '{"op":"add","path":"/x","value":{}},{"op":"move","from":"/data","path":"/x/a"},{"op":"move","from":"/x","path":"/data"}',
      ),
    ),
    ofConfigMap('JSON: paths of many steps', DATA, JSON_PATCH, () =>
      operations(9, `{"op":"add","path":"${'/a'.repeat(160_000)}","value":"#"}`),
    ),
    ofConfigMap(
      'JSON: as many operations as fit',
      DATA,
      JSON_PATCH,
      () => `[${filling(3_000_000, '{"op":"a"}')}]`,
    ),
    ofConfigMap(
      'merge: every key gone',
      DATA,
      MERGE_PATCH,
      () => `{"data":{${filling(LARGE, '"k#":null')}}}`,
    ),
    ofConfigMap(
      'merge: every key changed',
      DATA,
      MERGE_PATCH,
      () => `{"data":{${filling(LARGE / 2, '"k#":"c"')}}}`,
    ),
    ofConfigMap('merge: nesting', DATA, MERGE_PATCH, () => `{"data":${nested(400_000)}}`),
    ofConfigMap('merge: unknown fields', DATA, MERGE_PATCH, () => `{${filling(LARGE, '"k#":0')}}`),
    ofConfigMap(
      'strategic: finalizers',
      FINALIZERS,
      STRATEGIC_PATCH,
      () => `{"metadata":{"finalizers":[${filling(LARGE, '"n.io/#"')}]}}`,
    ),
    ofConfigMap(
      'strategic: finalizers taken away',
      FINALIZERS,
      STRATEGIC_PATCH,
      () => `{"metadata":{"$deleteFromPrimitiveList/finalizers":[${filling(LARGE, '"k.io/#"')}]}}`,
    ),
    ofConfigMap(
      'strategic: finalizers in an order',
      FINALIZERS,
      STRATEGIC_PATCH,
      () => `{"metadata":{"$setElementOrder/finalizers":[${filling(LARGE, '"k.io/#"')}]}}`,
    ),
    ofConfigMap(
      'strategic: keys retained',
      DATA,
      STRATEGIC_PATCH,
      () => `{"data":{"$retainKeys":[${filling(LARGE, '"k#"')}]}}`,
    ),
    {
      ...ofConfigMap(
        'strategic: directives of fields that are not there',
        DATA,
        STRATEGIC_PATCH,
        () => `{"data":{${filling(LARGE, '"$setElementOrder/k#":[]')}}}`,
      ),
      failsUpstream: 'merging an object in json but data type is not struct, instead is: map',
    },
    ofConfigMap('strategic: nesting', DATA, STRATEGIC_PATCH, () => `{"data":${nested(400_000)}}`),
    ofPod(
      'strategic: containers changed',
      STRATEGIC_PATCH,
      () => `{"spec":{"containers":[${CONTAINERS(20_000)}]}}`,
    ),
    ofPod(
      'strategic: one container again and again',
      STRATEGIC_PATCH,
      () => `{"spec":{"containers":[${filling(3_000_000, '{"name":"c1","image":"i#"}')}]}}`,
    ),
    ofPod(
      'strategic: containers deleted',
      STRATEGIC_PATCH,
      () => `{"spec":{"containers":[${filling(3_000_000, '{"name":"c#","$patch":"delete"}')}]}}`,
    ),
    ofPod(
      'strategic: containers in an order',
      STRATEGIC_PATCH,
      () => `{"spec":{"$setElementOrder/containers":[${filling(3_000_000, '{"name":"c#"}')}]}}`,
    ),
    applied('12 managers of 20,000 keys', 12, () => `},"data":{${repeat(20_000, '"k#":"b"', ',')}}`),
    applied('12 managers of other keys each', 12, (i) => `},"data":{${repeat(5_000, `"k#-${i}":"b"`, ',')}}`),
    applied('300 managers of one key', 300, (i) => `},"data":{"k":"${i}"}`),
    applied('finalizers', 4, () => `,"finalizers":[${filling(LARGE / 3, '"k.io/#"')}]}`),
    applied('nesting', 1, () => `},"data":${nested(400_000)}`),
    applied('as many keys as fit', 1, () => `},"data":{${filling(3_000_000, '"k#":""')}}`),
  ];
}
