/** A webhook for both servers; the reviews from each become part of its responses. */

import type { ServerResponse } from 'node:http';
import { startWebhookServer, testAuthority } from '../fixtures/webhook-server.ts';
import type { Target } from './exchange.ts';

/** Placeholders in paths and bodies of steps for the webhook's address and authority. */
export const WEBHOOK = 'https://webhook.invalid';
export const AUTHORITY = 'd2ViaG9vaw==';

export interface WebhookRecorder {
  /** Wraps a server, whose calls are identified by `side`. */
  beside(target: Target, side: string): Target;
  close(): Promise<void>;
}

type Answer = Readonly<Record<string, unknown>>;
type Review = { readonly request: Readonly<Record<string, unknown>> };
/** The `response` of a review, or a response written directly. */
type Behaviour = (review: Review, response: ServerResponse) => Answer | undefined;

const patchOf = (...operations: readonly object[]): Answer => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
const byHand =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
    return undefined;
  };
const labelled = (review: Review): boolean => {
  const { metadata } = (review.request['object'] ?? {}) as { metadata?: { labels?: object } };
  return metadata?.labels !== undefined;
};
/** Sets a label, creating the labels if there are none. */
const labels =
  (name: string): Behaviour =>
  (review) =>
    patchOf(
      labelled(review)
        ? { op: 'add', path: `/metadata/labels/${name}`, value: 'set' }
        : { op: 'add', path: '/metadata/labels', value: { [name]: 'set' } },
    );

/** Responses by the last segment of the called path. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  allow: () => ({ allowed: true }),
  deny: () => ({ allowed: false }),
  'deny-message': () => ({ allowed: false, status: { message: 'not today' } }),
  'deny-reason': () => ({ allowed: false, status: { reason: 'Expired', code: 410 } }),
  'deny-code': () => ({ allowed: false, status: { message: 'x', code: 200, status: 'Success' } }),
  'deny-code-low': () => ({
    allowed: false,
    status: { message: 'x', code: 302, metadata: { continue: 'y' } },
  }),
  'deny-code-high': () => ({ allowed: false, status: { message: 'x', code: 599 } }),
  'deny-details': () => ({
    allowed: false,
    status: {
      message: 'm',
      reason: 'Invalid',
      code: 422,
      details: {
        name: 'n',
        kind: 'k',
        retryAfterSeconds: 3,
        causes: [{ field: 'f', message: 'g', reason: 'h' }],
      },
    },
  }),
  'deny-warn': () => ({
    allowed: false,
    warnings: ['told', 'told', 'line\nbreak', '', 'a "quoted" \\ one', 'é', 'x'.repeat(300)],
    auditAnnotations: { key: 'value' },
  }),
  warn: () => ({
    allowed: true,
    warnings: ['told', 'told', 'line\nbreak', '', 'a "quoted" \\ one', 'é', 'x'.repeat(300)],
    auditAnnotations: { key: 'value', 'bad key': 'x' },
  }),
  'warn-much': () => ({
    allowed: true,
    warnings: Array.from({ length: 20 }, (_, at) => `${at} `.repeat(130)),
  }),
  'label-one': labels('one'),
  'label-two': labels('two'),
  'patch-nothing': () => patchOf(),
  'patch-test': () => patchOf({ op: 'test', path: '/kind', value: 'No' }),
  'patch-missing': () => patchOf({ op: 'remove', path: '/metadata/none' }),
  'patch-odd': () => patchOf({ op: 'odd', path: '/x' }),
  'patch-name': () => patchOf({ op: 'replace', path: '/metadata/name', value: 'other' }),
  'patch-kind': () => patchOf({ op: 'replace', path: '/kind', value: 'Secret' }),
  'patch-other-kind': () => patchOf({ op: 'replace', path: '/kind', value: 'ServiceAccount' }),
  'patch-no-kind': () => patchOf({ op: 'remove', path: '/kind' }),
  'patch-other-version': () => patchOf({ op: 'replace', path: '/apiVersion', value: 'v2' }),
  'patch-unknown': () => patchOf({ op: 'add', path: '/bogus', value: 1 }),
  'patch-type': () => patchOf({ op: 'add', path: '/data', value: 'text' }),
  'patch-invalid': () => patchOf({ op: 'add', path: '/data', value: { 'not valid': 'x' } }),
  'patch-no-type': () => ({ ...patchOf(), patchType: undefined }),
  'patch-empty-type': () => ({ ...patchOf(), patchType: '' }),
  'patch-other-type': () => ({ ...patchOf(), patchType: 'MergePatch' }),
  'patch-no-patch': () => ({ allowed: true, patchType: 'JSONPatch' }),
  'patch-not-json': () => ({
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from('{').toString('base64'),
  }),
  'patch-object': () => ({
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from('{}').toString('base64'),
  }),
  'patch-not-base64': () => ({ allowed: true, patchType: 'JSONPatch', patch: '!' }),
  'other-uid': () => ({ uid: 'x', allowed: true }),
  'no-uid': () => ({ uid: undefined, allowed: true }),
  'allowed-text': () => ({ allowed: 'true' }),
  'allowed-none': () => ({}),
  'allowed-null': () => ({ allowed: null, status: null, warnings: null, auditAnnotations: null }),
  'unknown-field': () => ({ allowed: true, bogus: 1 }),
  'no-response': byHand(200, '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'),
  'no-kind': byHand(200, '{"response":{"allowed":true}}'),
  'other-kind': byHand(200, '{"apiVersion":"v1","kind":"Pod","response":{"allowed":true}}'),
  'unknown-kind': byHand(200, '{"apiVersion":"x/v1","kind":"Odd","response":{"allowed":true}}'),
  'other-version': byHand(
    200,
    '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","response":{"allowed":true}}',
  ),
  'not-json': byHand(200, 'no'),
  array: byHand(200, '[]'),
  empty: byHand(200, ''),
  null: byHand(200, 'null'),
  html: byHand(200, '<html>', { 'content-type': 'text/html' }),
  'status-500': byHand(500, 'broken'),
  'status-500-json': byHand(
    500,
    '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"m","code":500}',
  ),
  'status-404': byHand(404, ''),
  'status-302': byHand(302, '', { location: '/elsewhere' }),
  'status-204': byHand(204, ''),
  'status-418': byHand(418, 'teapot', { 'content-type': 'text/plain' }),
  'status-401': byHand(401, 'who'),
  'status-503': byHand(503, 'later', { 'retry-after': '9' }),
};

/** Request headers that are compared. */
const HEADERS = ['accept', 'content-type', 'user-agent', 'accept-encoding', 'kubernetes-audit-id', 'expect'];

export async function startWebhookRecorder(): Promise<WebhookRecorder> {
  const authority = await testAuthority();
  const server = await startWebhookServer(authority);
  server.behave((review, response) => {
    // The request of a followed redirect.
    if (review.request === undefined) return byHand(404, 'nobody')(review, response);
    const path = new URL(response.req.url ?? '', server.url).pathname;
    return (BEHAVIOURS[path.split('/').at(-1)!] ?? BEHAVIOURS['allow']!)(review, response);
  });
  return {
    beside: (target, side) => ({
      ...target,
      async ask(step) {
        const there = (text: string) =>
          text.replaceAll(WEBHOOK, `${server.url}/${side}`).replaceAll(AUTHORITY, authority.caBundle);
        const back = (text: string) =>
          text.replaceAll(`${server.url}/${side}`, WEBHOOK).replaceAll(authority.caBundle, AUTHORITY);
        const from = server.calls.length;
        const body =
          typeof step.body === 'string'
            ? there(step.body)
            : step.body === undefined
              ? undefined
              : JSON.parse(there(JSON.stringify(step.body)));
        const reply = await target.ask({ ...step, ...(body !== undefined && { body }) });
        const calls = server.calls.slice(from).filter(({ path }) => path.startsWith(`/${side}/`));
        const asked = calls.map(({ path, headers, review }) => ({
          path: path.slice(side.length + 1),
          headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name]])),
          review: JSON.parse(back(JSON.stringify(review))) as unknown,
        }));
        return {
          ...reply,
          text: back(reply.text),
          warnings: reply.warnings.map(back),
          ...(reply.events && { events: JSON.parse(back(JSON.stringify(reply.events))) as unknown[] }),
          ...(asked.length > 0 && { asked: inOrder(asked) }),
        };
      },
    }),
    close: () => server.close(),
  };
}

/** Sorts calls to validating webhooks, which run concurrently. */
function inOrder<T extends { readonly path: string }>(asked: readonly T[]): T[] {
  const validates = ({ path }: T) => path.startsWith('/validate');
  return [
    ...asked.filter((one) => !validates(one)),
    ...asked.filter(validates).sort((one, other) => (one.path < other.path ? -1 : 1)),
  ];
}
