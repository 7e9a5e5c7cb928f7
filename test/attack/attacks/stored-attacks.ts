/** Many large stored objects, and requests after which the server itself reads all of them. */

import { type Attack, atOnce, NAMESPACE, pause, repeat } from '../attack.ts';
import type { Target } from '../target.ts';

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const QUOTAS = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;
/** Number of objects, of 1.3 MB each. */
const COUNT = 24;
const keys = repeat(50_000, '"k#":"b"', ',');

/** Creates the objects, one after the other; `metadata`: JSON of more members, beginning with a comma. */
async function fill(target: Target, metadata = ''): Promise<string> {
  const codes = new Set<string>();
  for (let i = 0; i < COUNT; i++) {
    const body = `{"metadata":{"name":"large-${i}"${metadata}},"data":{${keys}}}`;
    codes.add(await target.send({ path: CONFIG_MAPS, body }));
  }
  return [...codes].join(' ');
}

async function isGone(target: Target, path: string): Promise<string> {
  for (let i = 0; i < 200; i++) {
    if ((await target.send({ path })) === '404') return 'gone';
    await pause(200);
  }
  return 'still there';
}

/** Fills the namespace, acts, and empties it. */
function withLarge(name: string, act: (target: Target) => Promise<string>): Attack {
  return {
    name: `stored: ${name}`,
    run: async (target) => {
      const answers = [await fill(target), await act(target)];
      answers.push(await target.send({ method: 'DELETE', path: CONFIG_MAPS }));
      return answers.join(' ');
    },
  };
}

export function storedAttacks(): Attack[] {
  return [
    withLarge('a quota that counts large objects', async (target) => {
      const body = '{"metadata":{"name":"large"},"spec":{"hard":{"configmaps":"100","secrets":"10"}}}';
      const made = await target.send({ path: QUOTAS, sender: 'clusterAdmin', body });
      await pause(2_000);
      const more = await target.send({ path: CONFIG_MAPS, body: '{"metadata":{"name":"one-more"}}' });
      await target.send({ method: 'DELETE', path: `${QUOTAS}/large`, sender: 'clusterAdmin' });
      return `${made} ${more}`;
    }),
    withLarge('20 deletions of all large objects at once, for show', (target) =>
      atOnce(20, () => target.send({ method: 'DELETE', path: `${CONFIG_MAPS}?dryRun=All` })),
    ),
    withLarge('20 lists of large objects by label at once', (target) =>
      atOnce(20, () => target.send({ path: `${CONFIG_MAPS}?labelSelector=a` })),
    ),
    withLarge('20 watches by label of all that was written', (target) =>
      atOnce(20, () =>
        target.send({ path: `${CONFIG_MAPS}?watch=1&labelSelector=a&resourceVersion=1&timeoutSeconds=2` }),
      ),
    ),
    {
      name: 'stored: large objects whose owner is deleted',
      run: async (target) => {
        const owner = `${CONFIG_MAPS}/owner`;
        const made = await target.send({ path: CONFIG_MAPS, body: '{"metadata":{"name":"owner"}}' });
        const { metadata } = (await target.read({ path: owner })) as { metadata?: { uid?: string } };
        const reference = `{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"${metadata?.uid}"}`;
        const filled = await fill(target, `,"ownerReferences":[${reference}]`);
        const deleted = await target.send({ method: 'DELETE', path: owner });
        const end = await isGone(target, `${CONFIG_MAPS}/large-${COUNT - 1}`);
        return `${made} ${filled} ${deleted} ${end}`;
      },
    },
    {
      name: 'stored: a namespace of large objects that is deleted',
      run: async (target) => {
        const namespace = '/api/v1/namespaces/large';
        const create = (path: string, body: string) => target.send({ path, sender: 'clusterAdmin', body });
        const made = await create('/api/v1/namespaces', '{"metadata":{"name":"large"}}');
        const codes = new Set<string>();
        for (let i = 0; i < COUNT; i++) {
          const body = `{"metadata":{"name":"large-${i}"},"data":{${keys}}}`;
          codes.add(await create(`${namespace}/configmaps`, body));
        }
        const deleted = await target.send({ method: 'DELETE', path: namespace, sender: 'clusterAdmin' });
        for (let i = 0; i < 200; i++) {
          if ((await target.send({ path: namespace, sender: 'clusterAdmin' })) === '404') break;
          await pause(200);
        }
        return `${made} ${[...codes].join(' ')} ${deleted}`;
      },
    },
  ];
}
