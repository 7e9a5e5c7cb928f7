/** Faulty webhooks: they hang, stream without end, return unrelated responses, or redirect the server. */

import { type Behaviour, startWebhookServer, testAuthority } from '../../fixtures/webhook-server.ts';
import { type Attack, NAMESPACE } from '../attack.ts';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps?dryRun=All`;
/** Number of concurrent writes that call the webhook. */
const WRITES = 20;
const TIMEOUT_SECONDS = 3;

/** Writes that call a webhook with this behaviour, whose failures are the client's fault. */
function asked(name: string, behaviour: Behaviour): Attack {
  return {
    name: `webhooks: ${name}`,
    run: async (target) => {
      const webhook = await startWebhookServer(await testAuthority());
      webhook.behave(behaviour);
      const configuration = {
        metadata: { name: 'attack' },
        webhooks: [
          {
            name: 'attack.example.com',
            clientConfig: { url: `${webhook.url}/admit`, caBundle: webhook.caBundle },
            rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'] }],
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } },
            sideEffects: 'None',
            timeoutSeconds: TIMEOUT_SECONDS,
            failurePolicy: 'Ignore',
            admissionReviewVersions: ['v1'],
          },
        ],
      };
      const path = `${CONFIGURATIONS}/attack`;
      const made = await target.send({
        path: CONFIGURATIONS,
        sender: 'clusterAdmin',
        body: JSON.stringify(configuration),
      });
      // Wait until the configuration is in effect.
      await new Promise((done) => setTimeout(done, 1_000));
      const write = () => target.send({ path: CONFIG_MAPS, body: '{"metadata":{"generateName":"a-"}}' });
      const answers = await Promise.all(Array.from({ length: WRITES }, write));
      await target.send({ method: 'DELETE', path, sender: 'clusterAdmin' });
      await webhook.close();
      return [made, ...new Set(answers)].join(' ');
    },
  };
}

const patch = (operations: unknown) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const many = (count: number, of: (i: number) => unknown) => Array.from({ length: count }, (_, i) => of(i));

export function webhookAttacks(): Attack[] {
  return [
    asked('no answer', () => new Promise(() => undefined)),
    asked('an answer that never ends', (_, response) => {
      const chunk = Buffer.alloc(64 * 1024, ' ');
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
      return new Promise(() => undefined);
    }),
    asked('an answer by drops', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(drops));
      return new Promise(() => undefined);
    }),
    asked('another address', (_, response) => {
      response.writeHead(307, { location: 'https://127.0.0.1:6443/api/v1/secrets' }).end();
      return undefined;
    }),
    asked('a patch of 10 MB', () =>
      patch([{ op: 'add', path: '/data', value: { a: 'x'.repeat(10_000_000) } }]),
    ),
    asked('a patch of 45 MB', () =>
      patch([{ op: 'add', path: '/data', value: { a: 'x'.repeat(45_000_000) } }]),
    ),
    asked('an answer of megabytes of YAML', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('a: b\n'.repeat(1_000_000));
      return undefined;
    }),
    asked('a patch of 20,000 operations', () =>
      patch([
        { op: 'add', path: '/data', value: {} },
        ...many(20_000, (i) => ({ op: 'add', path: `/data/k${i}`, value: 'x' })),
      ]),
    ),
    asked('20,000 warnings', () => ({ allowed: true, warnings: many(20_000, (i) => `warning ${i}`) })),
  ];
}
