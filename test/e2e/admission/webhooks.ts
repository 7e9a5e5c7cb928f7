/** The responses of the webhooks in the sessions. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour } from '../../fixtures/webhook-server.ts';

const patch = (operations: unknown) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

const ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  denied: { allowed: false, status: { message: 'not on a Friday' } },
  teapot: { allowed: false, status: { code: 418, reason: 'Teapot', message: 'short and stout' } },
  warned: { allowed: true, warnings: ['this will be refused some day'] },
  labelled: patch([{ op: 'add', path: '/metadata/labels', value: { by: 'webhook' } }]),
  mangled: patch([{ op: 'remove', path: '/metadata/nothing' }]),
};

/** Depends on the name of the object. */
export const answerByName: Behaviour = async ({ request }, response) => {
  const name = String(request['name']);
  if (name === 'broken') {
    response.statusCode = 500;
    response.end('out of order');
    return undefined;
  }
  if (name === 'slow') await sleep(3000);
  return ANSWERS[name] ?? { allowed: true };
};

/** Rejects images called `bad`. */
export const answerImages: Behaviour = (review, response) => {
  const { apiVersion, kind, spec } = review as unknown as Record<string, unknown> & {
    spec: { containers: { image: string }[] };
  };
  const bad = spec.containers.some(({ image }) => image === 'bad');
  const status = bad ? { allowed: false, reason: 'it is bad' } : { allowed: true };
  response.end(JSON.stringify({ apiVersion, kind, status }));
  return undefined;
};
