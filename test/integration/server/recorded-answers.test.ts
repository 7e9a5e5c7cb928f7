/**
 * Answers of a kube-apiserver of the served release, recorded by `npm run differential -- --record FILE`, asked of
 * this server again.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acceptedReason } from '../../differential/accepted.ts';
import { differencesOf } from '../../differential/differences.ts';
import type { Target } from '../../differential/exchange.ts';
import { handlerTarget } from '../../differential/handler-target.ts';
import { renormalise } from '../../differential/normalise.ts';
import { answersOf, type RecordedSession } from '../../differential/run-sessions.ts';
import { startThisServer } from '../../differential/this-server.ts';
import { startWebhookRecorder, type WebhookRecorder } from '../../differential/webhook-recorder.ts';
import type { TestServer } from '../../fixtures/api-server.ts';

const ANSWERS = new URL('../../facts/answers/', import.meta.url);
const sessions = readdirSync(ANSWERS).flatMap((file) =>
  readFileSync(new URL(file, ANSWERS), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedSession),
);

let server: TestServer;
let webhook: WebhookRecorder;
let target: Target;
beforeAll(async () => {
  server = await startThisServer();
  webhook = await startWebhookRecorder();
  target = webhook.beside(handlerTarget(server), 'recorded');
});
afterAll(() => Promise.all([server.close(), webhook.close()]));

test.each(sessions.map((session, index) => [session.name, index, session] as const))(
  '%s',
  async (name, index, { steps }) => {
    const session = { name, steps: steps.map(({ step }) => step) };
    const answers = await answersOf(target, session, `d-recorded-${index}`);
    const wrong = steps.flatMap(({ step, answer }, at) => {
      const differences = answer === undefined ? [] : differencesOf(renormalise(answer), answers[at]!);
      return differences
        .filter(({ cause }) => acceptedReason(cause, step) === undefined)
        .map((difference) => ({ at, asked: `${step.method} ${step.path}`, ...difference }));
    });
    expect(wrong).toEqual([]);
  },
  120_000,
);

test('there are some thousands', () => {
  const answers = sessions.flatMap(({ steps }) => steps.filter(({ answer }) => answer !== undefined));
  expect(answers.length).toBeGreaterThan(1_000);
});
