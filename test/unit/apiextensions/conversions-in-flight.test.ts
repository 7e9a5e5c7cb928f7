import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConversionsInFlight } from '../../../shared/apiextensions/conversion/conversions-in-flight.ts';
import { WebhookConverter } from '../../../shared/apiextensions/conversion/webhook-converter.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { WebhookClient } from '../../../shared/rest/webhook-client.ts';
import { HEAP_PER_BYTE } from '../../../shared/util/byte-shares.ts';
import { startWebhookServer, testAuthority, type WebhookServer } from '../../fixtures/webhook-server.ts';

const KB = 1024;
const HELD_PER_BYTE = 2 * HEAP_PER_BYTE;

let webhook: WebhookServer;
beforeAll(async () => {
  webhook = await startWebhookServer(await testAuthority());
});
afterAll(() => webhook.close());

const converterIn = (inFlight: ConversionsInFlight) =>
  new WebhookConverter(
    new WebhookClient(),
    {
      strategy: 'Webhook',
      webhook: {
        clientConfig: { url: `${webhook.url}/convert`, caBundle: webhook.caBundle },
        conversionReviewVersions: ['v1'],
      },
    },
    inFlight,
  );

const thing = (text: string): UnstructuredObject =>
  ({
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'a' },
    spec: { text },
  }) as unknown as UnstructuredObject;

/** The webhook responds with objects of this size. */
function growTo(size: number): void {
  webhook.behave(({ request }) => ({
    result: { status: 'Success' },
    convertedObjects: (request['objects'] as object[]).map((one) => ({
      ...one,
      apiVersion: request['desiredAPIVersion'],
      spec: { text: 'x'.repeat(size) },
    })),
  }));
}

const turn = () => new Promise<void>((done) => setImmediate(done));

test('a control plane converts as much at once as half of the memory holds; others have the rest', async () => {
  const inFlight = new ConversionsInFlight({ maxBytes: 400 * HELD_PER_BYTE });
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((end) => ends.set(name, end));
  };
  const [ada, bob] = [converterIn(inFlight), converterIn(inFlight)];
  const all = [
    ada.reserve(150, work('ada 1')),
    ada.reserve(100, work('ada 2')),
    bob.reserve(200, work('bob')),
  ];
  await turn();
  expect([begun, inFlight.bytes]).toEqual([['ada 1', 'bob'], 350 * HELD_PER_BYTE]);
  ends.get('ada 1')!();
  await turn();
  expect([begun, inFlight.bytes]).toEqual([['ada 1', 'bob', 'ada 2'], 300 * HELD_PER_BYTE]);
  ends.get('bob')!();
  ends.get('ada 2')!();
  await Promise.all(all);
  expect(inFlight.bytes).toBe(0);
});

test.each([
  ['fits', 100 * KB, undefined],
  ['does not fit', 10_000 * KB, { code: 429, reason: 'TooManyRequests', retryAfterSeconds: 1 }],
])('a response larger than the request that %s', async (_, size, refusal) => {
  const inFlight = new ConversionsInFlight({ maxBytes: 1_000 * KB * HEAP_PER_BYTE });
  growTo(size);
  const outcome = await converterIn(inFlight)
    .convert([thing('small')], 'example.com/v2')
    .then(
      ([converted]) => (converted!['spec'] as { text: string }).text.length,
      ({ status }) => ({
        code: status.code,
        reason: status.reason,
        retryAfterSeconds: status.details.retryAfterSeconds,
      }),
    );
  expect(outcome).toEqual(refusal ?? size);
  expect(inFlight.bytes).toBe(0);
});

test('the memory of a conversion without a known size follows from the objects', async () => {
  const inFlight = new ConversionsInFlight({ maxBytes: 10_000 * KB * HELD_PER_BYTE });
  const held: number[] = [];
  webhook.behave(({ request }) => {
    held.push(inFlight.bytes);
    const objects = request['objects'] as object[];
    return {
      result: { status: 'Success' },
      convertedObjects: objects.map((one) => ({ ...one, apiVersion: 'example.com/v2' })),
    };
  });
  const converter = converterIn(inFlight);
  await converter.convert([thing('')], 'example.com/v2');
  await converter.convert([thing('x'.repeat(240_000))], 'example.com/v2');
  const [small, large] = held;
  expect(large! - small!).toBe((240_000 / HEAP_PER_BYTE) * HELD_PER_BYTE);
  expect(inFlight.bytes).toBe(0);
});
