import { describe, expect, test } from 'vitest';
import type { Secret } from '../../../shared/apis/core/v1/types.ts';
import {
  AudienceAgnosticTokenAuthenticator,
  audiencesAreAcceptable,
} from '../../../shared/authn/audiences.ts';
import { AuthenticatedGroupAdder } from '../../../shared/authn/authenticated-group.ts';
import {
  AuthenticationError,
  type AuthenticatorResponse,
  type TokenAuthenticator,
} from '../../../shared/authn/authenticator.ts';
import { newAuthenticators } from '../../../shared/authn/authenticator-config.ts';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { BearerTokenAuthenticator } from '../../../shared/authn/request/bearer-token-authenticator.ts';
import {
  STANDARD_REQUEST_HEADERS,
  withoutRequestHeaders,
} from '../../../shared/authn/request/request-header-authenticator.ts';
import {
  WebSocketAuthenticator,
  withoutWebSocketTokens,
} from '../../../shared/authn/request/websocket-authenticator.ts';
import { BootstrapTokenAuthenticator } from '../../../shared/authn/token/bootstrap-token-authenticator.ts';
import { CachedTokenAuthenticator } from '../../../shared/authn/token/cached-token-authenticator.ts';
import { TokenFileAuthenticator } from '../../../shared/authn/token/token-file-authenticator.ts';
import { UnionTokenAuthenticator } from '../../../shared/authn/token/union-token-authenticator.ts';
import { headerFields } from '../../../shared/request/api-request.ts';
import { request } from './requests.ts';

const response = (name: string, groups: string[] = [], audiences: string[] = []): AuthenticatorResponse => ({
  user: { name, uid: '', groups, extra: {} },
  audiences,
});
/** Accepts `good`, rejects `bad`. */
const tokens = (name = 'anna'): TokenAuthenticator => ({
  async authenticateToken(token, audiences) {
    if (token === 'bad') throw new AuthenticationError(`bad for ${name}`);
    return token === 'good' ? response(name, [], [...audiences]) : undefined;
  },
});

describe('bearer tokens', () => {
  const authenticator = new BearerTokenAuthenticator(tokens(), ['api']);
  const warning =
    'the provided Authorization header contains extra space before the bearer token, and is ignored';
  const table: [string | undefined, AuthenticatorResponse | undefined, string[]][] = [
    ['Bearer good', response('anna', [], ['api']), []],
    ['bEaReR good', response('anna', [], ['api']), []],
    ['  Bearer good  ', response('anna', [], ['api']), []],
    ['Bearer good more', response('anna', [], ['api']), []],
    [undefined, undefined, []],
    ['', undefined, []],
    ['Bearer', undefined, []],
    ['Bearer ', undefined, []],
    ['Bearer  good', undefined, [warning]],
    ['Basic Z29vZA==', undefined, []],
    ['good', undefined, []],
  ];
  test.each(table)('%j', async (authorization, answer, warned) => {
    const warnings: string[] = [];
    const asked = request(authorization === undefined ? {} : { Authorization: authorization });
    const recorder = { addAuditAnnotation: () => {}, addWarning: (text: string) => warnings.push(text) };
    expect(await authenticator.authenticateRequest(asked, recorder)).toEqual(answer);
    expect(warnings).toEqual(warned);
  });

  test('unknown and invalid ones are errors', async () => {
    const ask = (token: string) =>
      authenticator.authenticateRequest(request({ Authorization: `Bearer ${token}` }));
    await expect(ask('unknown')).rejects.toThrow(new AuthenticationError('invalid bearer token'));
    await expect(ask('bad')).rejects.toThrow(new AuthenticationError('bad for anna'));
  });
});

describe('tokens in WebSocket protocols', () => {
  const authenticator = new WebSocketAuthenticator(tokens(), ['api']);
  const encoded = (text: string) =>
    `base64url.bearer.authorization.k8s.io.${Buffer.from(text).toString('base64url')}`;
  const socket = { Upgrade: 'WebSocket', Connection: 'keep-alive, Upgrade' };
  const ask = (headers: Record<string, string | string[]>) =>
    authenticator.authenticateRequest(request(headers));

  test('beside another protocol', async () => {
    const asked = { ...socket, 'Sec-WebSocket-Protocol': [encoded('good'), 'v5.channel.k8s.io'] };
    expect(await ask(asked)).toEqual(response('anna', [], ['api']));
  });

  test.each([
    ['not a WebSocket', { 'Sec-WebSocket-Protocol': `${encoded('good')}, x` }],
    ['no token', { ...socket, 'Sec-WebSocket-Protocol': 'x' }],
    ['an empty token', { ...socket, 'Sec-WebSocket-Protocol': `${encoded('')}, x` }],
  ])('%s', async (_name, headers) => {
    expect(await ask(headers)).toBeUndefined();
  });

  test.each([
    [encoded('good'), 'missing additional subprotocol'],
    [`${encoded('good')}, ${encoded('good')}, x`, 'multiple base64.bearer.authorization tokens specified'],
    ['base64url.bearer.authorization.k8s.io.a+b, x', 'invalid base64.bearer.authorization token encoding'],
    ['base64url.bearer.authorization.k8s.io._w, x', 'invalid base64.bearer.authorization token'],
    [`${encoded('unknown')}, x`, 'invalid bearer token'],
  ])('%s', async (protocols, message) => {
    await expect(ask({ ...socket, 'Sec-WebSocket-Protocol': protocols })).rejects.toThrow(message);
  });

  test.each([
    [[`${encoded('good')}, v5.channel.k8s.io,v4.channel.k8s.io`], ['v5.channel.k8s.io,v4.channel.k8s.io']],
    [['x', encoded('good')], ['x']],
    [['x, y'], ['x, y']],
  ])("later stages don't see them: %j", (lines, kept) => {
    const { headers } = request({ ...socket, 'Sec-WebSocket-Protocol': lines });
    expect(withoutWebSocketTokens(headers).get('sec-websocket-protocol')).toEqual(kept);
  });
});

describe('token file', () => {
  const csv = `t1,anna,1,"dev,ops"
t2,"ben ""b""",2

,nobody,3
t1,anna2,4,\r
t3,eve,5`;
  const authenticator = new TokenFileAuthenticator(csv, 'tokens.csv');

  test.each([
    ['t1', { name: 'anna2', uid: '4', groups: [''], extra: {} }],
    ['t2', { name: 'ben "b"', uid: '2', groups: [], extra: {} }],
    ['t3', { name: 'eve', uid: '5', groups: [], extra: {} }],
    ['', undefined],
    ['T1', undefined],
    ['__proto__', undefined],
  ])('%j', async (token, user) => {
    expect((await authenticator.authenticateToken(token))?.user).toEqual(user);
  });

  test.each([
    ['t1,anna', "token file 'f' must have at least 3 columns (token, user name, user uid), found 2"],
    ['t1', "token file 'f' must have at least 3 columns (token, user name, user uid), found 1"],
    ['t1,"anna', 'record on line 1: extraneous or missing " in quoted-field'],
    ['a,b,c\nt1,an"na,1', 'record on line 2: bare " in non-quoted field'],
  ])('%j is rejected', (text, message) => {
    expect(() => new TokenFileAuthenticator(text, 'f')).toThrow(message);
  });
});

describe('bootstrap tokens', () => {
  const now = Date.parse('2026-05-01T12:00:00Z');
  const secret = (data: Record<string, string>, more: Partial<Secret> = {}): Secret => {
    const all = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      ...data,
    };
    const encode = ([key, value]: [string, string]) => [key, Buffer.from(value).toString('base64')];
    return {
      metadata: { name: 'bootstrap-token-abcdef' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(Object.entries(all).map(encode)),
      ...more,
    };
  };
  const user = (...groups: string[]) => ({
    name: 'system:bootstrap:abcdef',
    uid: '',
    groups: ['system:bootstrappers', ...groups],
    extra: {},
  });
  const token = 'abcdef.0123456789abcdef';
  const table: [string, string, Secret | undefined, unknown][] = [
    ['good', token, secret({}), user()],
    [
      'with groups',
      token,
      secret({
        'auth-extra-groups': 'system:bootstrappers:x,system:bootstrappers:b,,system:bootstrappers:x',
      }),
      user('system:bootstrappers:b', 'system:bootstrappers:x'),
    ],
    ['not yet expired', token, secret({ expiration: '2026-05-01T14:00:01+02:00' }), user()],
    ['expired', token, secret({ expiration: '2026-05-01T12:00:00Z' }), undefined],
    ['an invalid expiry', token, secret({ expiration: 'tomorrow' }), undefined],
    ['no Secret', token, undefined, undefined],
    ['another secret', 'abcdef.0123456789abcdeg', secret({}), undefined],
    ['an empty secret', token, secret({ 'token-secret': '' }), undefined],
    ['another ID', token, secret({ 'token-id': 'abcdeg' }), undefined],
    [
      'without use for authentication',
      token,
      secret({ 'usage-bootstrap-authentication': 'True' }),
      undefined,
    ],
    ['another type', token, secret({}, { type: 'Opaque' }), undefined],
    [
      'being deleted',
      token,
      secret({}, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      undefined,
    ],
    ['without data', token, secret({}, { data: undefined }), undefined],
    ['an invalid extra group', token, secret({ 'auth-extra-groups': 'system:masters' }), undefined],
    ['too long', `${token}0`, secret({}), undefined],
    ['upper case', 'ABCDEF.0123456789abcdef', secret({}), undefined],
    ['a line break', `${token}\n`, secret({}), undefined],
  ];
  test.each(table)('%s', async (_name, given, found, expected) => {
    const authenticator = new BootstrapTokenAuthenticator(
      async (name) => (name === 'bootstrap-token-abcdef' ? found : undefined),
      () => now,
    );
    expect((await authenticator.authenticateToken(given))?.user).toEqual(expected);
  });
});

describe('union of tokens', () => {
  const failing = tokens('failing');
  const second: TokenAuthenticator = {
    authenticateToken: async (token) => (token === 'bad' ? response('ben') : undefined),
  };

  test('an error counts only if no authenticator accepts the token', async () => {
    expect(await new UnionTokenAuthenticator([failing, second]).authenticateToken('bad', [])).toEqual(
      response('ben'),
    );
    const both = new UnionTokenAuthenticator([failing, tokens('b')]);
    await expect(both.authenticateToken('bad', [])).rejects.toThrow(
      new AuthenticationError(['bad for failing', 'bad for b']),
    );
    expect(await both.authenticateToken('unknown', [])).toBeUndefined();
  });
});

describe('audiences', () => {
  const agnostic = new AudienceAgnosticTokenAuthenticator(['api', 'k8s'], {
    authenticateToken: async (token) => (token === 'good' ? response('anna') : undefined),
  });
  test.each([
    ['no requested audiences', 'good', [], response('anna')],
    ["the API server's audience", 'good', ['x', 'k8s'], response('anna', [], ['k8s'])],
    ['another', 'good', ['x'], undefined],
    ['unknown', 'unknown', ['api'], undefined],
  ])('%s', async (_name, token, audiences, expected) => {
    expect(await agnostic.authenticateToken(token, audiences)).toEqual(expected);
  });

  test.each([
    [['api'], ['api', 'x'], true],
    [['api'], ['x'], false],
    [[], ['x'], true],
    [['api'], [], true],
  ])('%j serves an answer for %j: %s', (api, answered, acceptable) => {
    expect(audiencesAreAcceptable(api, answered)).toBe(acceptable);
  });
});

describe('cache', () => {
  function counting(options: { successTTL: number; failureTTL: number; cacheErrors: boolean }) {
    const asked: string[] = [];
    let now = 0;
    const cache = new CachedTokenAuthenticator(
      {
        async authenticateToken(token, audiences, recorder) {
          asked.push(`${token} ${audiences}`);
          recorder?.addWarning(`warned of ${token}`);
          return tokens().authenticateToken(token, audiences);
        },
      },
      { ...options, now: () => now },
    );
    const ask = (token: string, ...audiences: string[]) =>
      cache.authenticateToken(token, audiences).then((answer) => answer?.user.name, String);
    return {
      ask,
      asked,
      cache,
      pass: (ms: number) => {
        now += ms;
      },
    };
  }

  test('caches successes by token and audiences', async () => {
    const { ask, asked, pass } = counting({ successTTL: 10, failureTTL: 0, cacheErrors: true });
    expect(await ask('good')).toBe('anna');
    pass(9);
    expect(await ask('good')).toBe('anna');
    expect(asked).toEqual(['good ']);
    await ask('good', 'a', 'b');
    await ask('good', 'ab');
    pass(1);
    await ask('good');
    expect(asked).toEqual(['good ', 'good a,b', 'good ab', 'good ']);
  });

  test('caches failures and errors only if configured', async () => {
    const never = counting({ successTTL: 10, failureTTL: 0, cacheErrors: true });
    for (const token of ['unknown', 'unknown', 'bad', 'bad']) await never.ask(token);
    expect(never.asked.length).toBe(4);
    const failures = counting({ successTTL: 0, failureTTL: 10, cacheErrors: false });
    for (const token of ['unknown', 'unknown', 'bad', 'bad', 'good', 'good']) await failures.ask(token);
    expect(failures.asked).toEqual(['unknown ', 'bad ', 'bad ', 'good ', 'good ']);
    const errors = counting({ successTTL: 0, failureTTL: 10, cacheErrors: true });
    expect(await errors.ask('bad')).toBe(await errors.ask('bad'));
    expect(errors.asked).toEqual(['bad ']);
  });

  test('concurrent requests share one answer and its warnings', async () => {
    const { cache, asked } = counting({ successTTL: 10, failureTTL: 0, cacheErrors: true });
    const warnings: string[] = [];
    const recorder = { addAuditAnnotation: () => {}, addWarning: (text: string) => warnings.push(text) };
    await Promise.all([1, 2, 3].map(() => cache.authenticateToken('good', [], recorder)));
    expect(asked).toEqual(['good ']);
    expect(warnings).toEqual(Array(3).fill('warned of good'));
  });
});

test('system:authenticated is added to users in neither group', async () => {
  const groupsOf = async (name: string, ...groups: string[]) =>
    (
      await new AuthenticatedGroupAdder({
        authenticateRequest: async () => response(name, groups),
      }).authenticateRequest(request())
    )?.user.groups;
  expect(await groupsOf('anna', 'dev')).toEqual(['dev', 'system:authenticated']);
  expect(await groupsOf('anna', 'system:authenticated')).toEqual(['system:authenticated']);
  expect(await groupsOf('anna', 'system:unauthenticated')).toEqual(['system:unauthenticated']);
  expect(await groupsOf('system:anonymous')).toEqual([]);
});

test('anonymous is limited to its paths', async () => {
  const some = new AnonymousAuthenticator(['api'], ['/healthz']);
  const anonymous = response('system:anonymous', ['system:unauthenticated'], ['api']);
  expect(await some.authenticateRequest(request({}, { path: '/healthz' }))).toEqual(anonymous);
  for (const path of ['/healthz/', '/%68ealthz', '//healthz', '/api'])
    expect(await some.authenticateRequest(request({}, { path }))).toBeUndefined();
  expect(await new AnonymousAuthenticator([]).authenticateRequest(request())).toEqual({
    ...anonymous,
    audiences: [],
  });
});

test('headers that name a user are removed', () => {
  const headers = headerFields([
    ['X-Remote-User', 'a'],
    ['x-remote-group', 'b'],
    ['X-Remote-UID', 'c'],
    ['X-Remote-Extra-Y', 'd'],
    ['X-Remote', 'e'],
  ]);
  expect([...withoutRequestHeaders(headers, STANDARD_REQUEST_HEADERS)]).toEqual([['x-remote', ['e']]]);
});

describe('newAuthenticators', () => {
  const config = {
    apiAudiences: ['api'],
    tokenSuccessCacheTTL: 10_000,
    tokenFailureCacheTTL: 0,
    tokenFile: { csv: 't1,anna,1,dev', path: 'f' },
  };
  const ask = (headers: Record<string, string>, anonymous?: { paths: string[] }) =>
    newAuthenticators({ ...config, anonymous }).request.authenticateRequest(request(headers));
  const anna = {
    user: { name: 'anna', uid: '1', groups: ['dev', 'system:authenticated'], extra: {} },
    audiences: ['api'],
  };

  test('a good token', async () => {
    expect(await ask({ Authorization: 'Bearer t1' }, { paths: [] })).toEqual(anna);
    expect(await newAuthenticators(config).token?.authenticateToken('t1', ['x'])).toBeUndefined();
  });

  test('a bad token does not become anonymous', async () => {
    await expect(ask({ Authorization: 'Bearer t2' }, { paths: [] })).rejects.toThrow('invalid bearer token');
  });

  test('requests without credentials are anonymous, if enabled', async () => {
    expect((await ask({}, { paths: [] }))?.user.name).toBe('system:anonymous');
    expect((await ask({ Authorization: 'Basic x' }, { paths: [] }))?.user.name).toBe('system:anonymous');
    expect(await ask({})).toBeUndefined();
  });

  test("front proxy headers without the proxy's certificate are ignored", async () => {
    expect(await ask({ 'X-Remote-User': 'root', 'X-Remote-Group': 'system:masters' })).toBeUndefined();
  });
});
