/**
 * Responses of a kube-apiserver of the served release, recorded by `npm run differential -- --record FILE`, compared
 * with this server.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flagsOfArguments, parseOptions } from '../../../shared/server/options/parse-options.ts';
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
/** Flags for files recorded from servers with flags. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes-1.37.nodes.jsonl': [
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
  ],
};
const flagsOf = (file: string): readonly string[] => (Object.hasOwn(FLAGS, file) ? FLAGS[file]! : []);
const sessions = readdirSync(ANSWERS).flatMap((file) =>
  readFileSync(new URL(file, ANSWERS), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => ({ file, ...(JSON.parse(line) as RecordedSession) })),
);

const servers = new Map<string, { readonly server: TestServer; readonly target: Target }>();
let webhook: WebhookRecorder;
beforeAll(async () => {
  webhook = await startWebhookRecorder();
  for (const { file } of sessions) {
    const flags = flagsOf(file);
    if (servers.has(flags.join())) continue;
    const server = await startThisServer(parseOptions(flagsOfArguments(flags)));
    servers.set(flags.join(), { server, target: webhook.beside(handlerTarget(server), 'recorded') });
  }
});
afterAll(() => Promise.all([...[...servers.values()].map(({ server }) => server.close()), webhook.close()]));

test.each(sessions.map((session, index) => [session.name, index, session] as const))(
  '%s',
  async (name, index, { file, steps }) => {
    const { target } = servers.get(flagsOf(file).join())!;
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

test('there are several thousand', () => {
  const answers = sessions.flatMap(({ steps }) => steps.filter(({ answer }) => answer !== undefined));
  expect(answers.length).toBeGreaterThan(1_000);
});
