/** Large credentials and identities: tokens, certificates, impersonation, access reviews. */

import { connect } from 'node:tls';
import { privateKeyPEM } from '../../fixtures/webhook-server.ts';
import { certificate } from '../../unit/authn/pki.ts';
import { type Attack, type AttackRequest, atOnce, filling, NAMESPACE, repeat, requests } from '../attack.ts';
import type { Target } from '../target.ts';

const MAX = 3_100_000;
const LONG = 110_000;
const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const TOKEN_REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const HEADER = base64url('{"alg":"RS256","kid":"a"}');
/** A JWT with the given claims and an invalid signature. */
const jwt = (claims: string, header = HEADER) =>
  `${header}.${base64url(claims)}.${base64url('x'.repeat(256))}`;

/** As bearer token of the maximum header size, and in a TokenReview of the maximum body size. */
function tokens(name: string, token: (size: number) => string): Attack[] {
  return [
    {
      name: `identity: a token of ${name}, 50 at once`,
      run: (target) =>
        atOnce(50, () =>
          target.send({
            path: '/api/v1/pods',
            sender: 'anonymous',
            headers: { authorization: `Bearer ${token(LONG)}` },
          }),
        ),
    },
    requests(`identity: a review of a token of ${name}`, () => ({
      path: TOKEN_REVIEWS,
      sender: 'clusterAdmin',
      body: `{"spec":{"token":${JSON.stringify(token(MAX))}}}`,
    })),
  ];
}

const review = (
  name: string,
  resource: string,
  spec: () => string,
  sender: AttackRequest['sender'] = 'ordinary',
) =>
  requests(`identity: ${name}`, () => ({
    path: `${AUTHORIZATION}/${resource}`,
    sender,
    body: `{"spec":{${spec()}}}`,
  }));

const impersonated = (name: string, headers: () => Record<string, string>): Attack => ({
  name: `identity: ${name}`,
  run: (target) =>
    atOnce(20, () => target.send({ path: `${CORE}/configmaps`, sender: 'clusterAdmin', headers: headers() })),
});

/** Sends a request over TLS with a self-signed client certificate. */
async function withCertificate({ url }: Target, name: string, version?: 'TLSv1.2'): Promise<string> {
  const { pem, key } = await newCertificate(name);
  const { hostname: host, port } = url;
  return new Promise((answered) => {
    const socket = connect({
      host,
      port: Number(port),
      rejectUnauthorized: false,
      cert: pem,
      key,
      ...(version && { maxVersion: version }),
    });
    socket.setTimeout(20_000, () => socket.destroy(new Error('silence')));
    socket.write(`GET ${CORE}/configmaps HTTP/1.1\r\nHost: a\r\n\r\n`);
    socket.once('data', (chunk: Buffer) => {
      answered(/^HTTP\/1.1 (\d+)/.exec(chunk.toString())?.[1] ?? 'other');
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => answered(error.code ?? error.message));
    socket.once('close', () => answered('closed'));
  });
}

let made = new Map<string, Promise<{ pem: string; key: string }>>();
function newCertificate(name: string): Promise<{ pem: string; key: string }> {
  const known =
    made.get(name) ??
    certificate({ name }).then(async (issued) => ({ pem: issued.pem, key: await privateKeyPEM(issued) }));
  made = made.set(name, known);
  return known;
}

const inOrganizations = (count: number) => `CN=a, ${repeat(count, 'O=g#', ', ')}`;

export function identityAttacks(): Attack[] {
  return [
    ...tokens('many claims', (size) => jwt(`{${filling(size * 0.7, '"k#":"v"')}}`)),
    ...tokens('brackets', (size) => jwt('['.repeat(size * 0.7))),
    ...tokens('many audiences', (size) => jwt(`{"iss":"a","aud":[${filling(size * 0.7, '"a#"')}]}`)),
    ...tokens('a long header', (size) =>
      jwt('{}', base64url(`{"alg":"RS256",${filling(size * 0.7, '"k#":"v"')}}`)),
    ),
    ...tokens('an issuer that is long', (size) => jwt(`{"iss":"https://${'a'.repeat(size * 0.7)}"}`)),
    ...tokens('dots', (size) => '.'.repeat(size)),
    ...tokens('letters', (size) => 'a'.repeat(size)),
    {
      name: 'identity: tokens of the right issuer, wrongly signed, 300 at once',
      run: (target) => {
        const [header, claims] = target.tokens.admin.split('.');
        return atOnce(300, (i) =>
          target.send({
            path: `${CORE}/configmaps`,
            sender: 'anonymous',
            headers: { authorization: `Bearer ${header}.${claims}.${base64url(`${i}`.padEnd(256, 'x'))}` },
          }),
        );
      },
    },
    {
      name: 'identity: 2,000 tokens that nobody has seen',
      run: (target) =>
        atOnce(50, async (i) => {
          for (let j = 0; j < 40; j++) {
            await target.send({
              path: '/version',
              sender: 'anonymous',
              headers: { authorization: `Bearer t-${i}-${j}` },
            });
          }
          return 'asked';
        }),
    },
    {
      name: 'identity: 100 tokens of service accounts asked for at once',
      run: (target) =>
        atOnce(100, () =>
          target.send({
            path: `${CORE}/serviceaccounts/ordinary/token`,
            body: '{"spec":{"audiences":["a"]}}',
          }),
        ),
    },
    requests('identity: a token for thousands of audiences', () => ({
      path: `${CORE}/serviceaccounts/ordinary/token`,
      body: `{"spec":{"audiences":[${repeat(90_000, '"a#"', ',')}]}}`,
    })),
    impersonated('thousands of groups', () => ({
      'impersonate-user': 'a',
      'impersonate-group': 'g'.repeat(LONG),
    })),
    impersonated('a thousand extra fields', () => ({
      'impersonate-user': 'a',
      ...Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`impersonate-extra-k${i}`, `v${i}`])),
    })),
    impersonated('extra fields of escapes', () => ({
      'impersonate-user': 'a',
      ...Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`impersonate-extra-${'%41'.repeat(500)}${i}`, 'v']),
      ),
    })),
    impersonated('a service account that is long', () => ({
      'impersonate-user': `system:serviceaccount:${'a:'.repeat(LONG / 2)}`,
    })),
    review(
      'a review of a user in 90,000 groups',
      'subjectaccessreviews',
      () =>
        `"user":"a","groups":[${repeat(90_000, '"g#"', ',')}],"resourceAttributes":{"verb":"get","resource":"pods"}`,
      'clusterAdmin',
    ),
    review(
      'a review of a user of 90,000 extra fields',
      'subjectaccessreviews',
      () =>
        `"user":"a","extra":{${repeat(45_000, '"k#":["v"]', ',')}},"resourceAttributes":{"verb":"get","resource":"pods"}`,
      'clusterAdmin',
    ),
    review(
      'a review of a resource of 3 MB',
      'selfsubjectaccessreviews',
      () => `"resourceAttributes":{"verb":"get","resource":"${'a/'.repeat(MAX / 2)}"}`,
    ),
    review(
      'a review of a path of 3 MB',
      'selfsubjectaccessreviews',
      () => `"nonResourceAttributes":{"verb":"get","path":"${'/a'.repeat(MAX / 2)}"}`,
    ),
    review(
      'a review of a selector of thousands of requirements',
      'selfsubjectaccessreviews',
      () =>
        `"resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"requirements":[${repeat(24_000, '{"key":"k#","operator":"In","values":["v"]}', ',')}]}}`,
    ),
    review(
      'a review of a selector of thousands of fields',
      'selfsubjectaccessreviews',
      () =>
        `"resourceAttributes":{"verb":"list","resource":"pods","fieldSelector":{"requirements":[${repeat(24_000, '{"key":"k#","operator":"In","values":["v"]}', ',')}]}}`,
    ),
    review(
      'a review of a raw selector of 3 MB',
      'selfsubjectaccessreviews',
      () =>
        `"resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"rawSelector":"${filling(MAX - 1000, 'k#')}"}}`,
    ),
    review(
      'a review of a raw selector of parentheses',
      'selfsubjectaccessreviews',
      () =>
        `"resourceAttributes":{"verb":"list","resource":"pods","labelSelector":{"rawSelector":"${'a in ('.repeat(MAX / 7)}"}}`,
    ),
    review(
      'rules of a namespace of 3 MB',
      'selfsubjectrulesreviews',
      () => `"namespace":"${'a'.repeat(MAX)}"`,
    ),
    {
      name: 'identity: 300 reviews of rules at once',
      run: (target) =>
        atOnce(300, () =>
          target.send({
            path: `${AUTHORIZATION}/selfsubjectrulesreviews`,
            body: `{"spec":{"namespace":"${NAMESPACE}"}}`,
          }),
        ),
    },
    {
      name: 'identity: certificates of 1,500 organizations, 20 at once',
      run: (target) => atOnce(20, () => withCertificate(target, inOrganizations(1_500))),
    },
    {
      name: 'identity: a certificate of a name of 80 KB',
      run: (target) => withCertificate(target, `CN=${'a'.repeat(80_000)}`, 'TLSv1.2'),
    },
    {
      name: 'identity: 200 handshakes with a certificate that nobody trusts',
      run: (target) => atOnce(200, () => withCertificate(target, 'CN=kubernetes-admin, O=system:masters')),
    },
  ];
}
