/** Remote API servers with too large, endless or malformed responses, and requests that might reach loopback addresses. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { issueCertificate } from '../../../shared/util/issue-certificate.ts';
import { type Attack, type AttackRequest, atOnce, filling, NAMESPACE, pause, until } from '../attack.ts';
import type { Target } from '../target.ts';

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const CORE = `/api/v1/namespaces/${NAMESPACE}`;
const GROUP = 'remote.example';
const ROOT = `/apis/${GROUP}/v1`;
const DOCUMENT = `/openapi/v3/apis/${GROUP}/v1?hash=A`;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json = (response: ServerResponse, text: string) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);

const LIST = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"${GROUP}/v1","resources":[]}`;
const PATHS = `{"paths":{"apis/${GROUP}/v1":{"serverRelativeURL":"${DOCUMENT}"}}}`;

/** Starts a remote API server that behaves except on the given paths. */
async function startRemote(paths: Readonly<Record<string, Answer>>) {
  const { certificate, key } = await issueCertificate({
    name: 'CN=remote',
    usage: 'server',
    hosts: ['127.0.0.1'],
  });
  const server = createSecureServer({ cert: certificate, key }, (request, response) => {
    response.on('error', () => undefined);
    const path = request.url?.split('?')[0] ?? '';
    const answer = paths[path];
    if (answer !== undefined) answer(request, response);
    else if (path === '/openapi/v3') json(response, PATHS);
    else if (path === ROOT || path === `/apis/${GROUP}`) json(response, LIST);
    else json(response, '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const asAdmin = (request: AttackRequest): AttackRequest => ({ sender: 'clusterAdmin', ...request });

/** Runs `act` while an APIService for this local port exists. */
async function withAPIService(target: Target, port: number, act: () => Promise<string>): Promise<string> {
  const service = `{"metadata":{"name":"remote"},"spec":{"type":"ExternalName","externalName":"127.0.0.1"}}`;
  const apiService = `{"metadata":{"name":"v1.${GROUP}"},"spec":{"group":"${GROUP}","version":"v1","groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,"service":{"namespace":"${NAMESPACE}","name":"remote","port":${port}}}}`;
  const answers = [await target.send(asAdmin({ path: `${CORE}/services`, body: service }))];
  answers.push(await target.send(asAdmin({ path: API_SERVICES, body: apiService })));
  await pause(2_000);
  answers.push(await act());
  await target.send(asAdmin({ method: 'DELETE', path: `${API_SERVICES}/v1.${GROUP}` }));
  await target.send(asAdmin({ method: 'DELETE', path: `${CORE}/services/remote` }));
  await until(target, `${API_SERVICES}/v1.${GROUP}`, '404');
  return answers.join(' ');
}

function remote(
  name: string,
  paths: Readonly<Record<string, Answer>>,
  ask: (target: Target) => Promise<string>,
): Attack {
  return {
    name: `remote: ${name}`,
    run: async (target) => {
      const server = await startRemote(paths);
      const answers = await withAPIService(target, server.port, () => ask(target));
      server.close();
      return answers;
    },
  };
}

const AGGREGATED = { accept: 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList' };
const discovery = async (target: Target) => {
  const first = await target.send({ path: '/apis', headers: AGGREGATED });
  return `${first} ${await target.send({ path: '/apis' })}`;
};
const documents = async (target: Target) => {
  const v3 = await target.send({ path: `/openapi/v3/apis/${GROUP}/v1` });
  return `${v3} ${await target.send({ path: '/openapi/v3' })} ${await target.send({ path: '/openapi/v2' })}`;
};
const things =
  (count: number, request: AttackRequest = { path: `${ROOT}/things` }) =>
  (target: Target) =>
    atOnce(count, () => target.send(asAdmin(request)));

/** A response without an end, sent as fast as it is read. */
const endless =
  (start: string, chunk = Buffer.alloc(65_536, ' ')): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(start);
    const write = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  };

const RESOURCE = '{"name":"t#","singularName":"t","namespaced":true,"kind":"T#","verbs":["get"]}';
const resources = (size: number) =>
  `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"${GROUP}/v1","resources":[${filling(size, RESOURCE)}]}`;
const subresources = (size: number) =>
  `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"${GROUP}/v1","resources":[{"name":"t","singularName":"t","namespaced":true,"kind":"T","verbs":["get"]},${filling(size, RESOURCE.replace('t#', 't/s#'))}]}`;
const DEFINITION = '"d#":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer"}}}';
const schemas = (size: number) =>
  `{"openapi":"3.0.0","paths":{},"components":{"schemas":{${filling(size, DEFINITION)}}}}`;
const swagger = (size: number) =>
  `{"swagger":"2.0","info":{"title":"a","version":"1"},"paths":{"${ROOT}/things":{"get":{"responses":{"200":{"description":"a","schema":{"$ref":"#/definitions/d00001"}}}}}},"definitions":{${filling(size, DEFINITION)}}}`;
const brackets = (size: number) => `{"a":${'['.repeat(size / 2)}${']'.repeat(size / 2)}}`;

/** A JSON response generated on request. */
const text =
  (made: () => string): Answer =>
  (_, response) =>
    json(response, made());

const raw =
  (bytes: string | (() => string)): Answer =>
  ({ socket }) => {
    socket.write(typeof bytes === 'string' ? bytes : bytes());
    setTimeout(() => socket.destroy(), 1_000);
  };

const LARGE = 20_000_000;
const TOO_LARGE = 60_000_000;

/** Proxy paths to nodes, pods and services; none may open a connection. */
const LEADING = (port: number): readonly string[] => [
  `${CORE}/services/https:led:${port}/proxy/a`,
  `${CORE}/services/led:${port}/proxy/a`,
  `${CORE}/pods/led:${port}/proxy/a`,
  `${CORE}/pods/https:led:${port}/proxy/`,
  `${CORE}/pods/led/portforward?ports=${port}`,
  `${CORE}/pods/led/exec?command=a&stdin=true&stdout=true`,
  `${CORE}/pods/led/attach?stdout=true`,
  `${CORE}/pods/led/log?follow=true`,
  `/api/v1/nodes/led:${port}/proxy/a`,
  `/api/v1/nodes/https:127.0.0.1:${port}/proxy/a`,
  `/api/v1/nodes/127.0.0.1:${port}/proxy`,
];

/** Throws if any request for `LEADING` opens a connection to a local port. */
async function ledTo(target: Target): Promise<string> {
  let reached = 0;
  const listener = createServer((socket) => {
    reached++;
    socket.on('error', () => undefined).destroy();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const objects: readonly (readonly [string, string])[] = [
    [
      `${CORE}/services`,
      `{"metadata":{"name":"led"},"spec":{"type":"ExternalName","externalName":"127.0.0.1","ports":[{"port":${port}}]}}`,
    ],
    [
      `${CORE}/pods`,
      `{"metadata":{"name":"led"},"spec":{"nodeName":"led","containers":[{"name":"c","image":"i"}]},"status":{"podIP":"127.0.0.1","phase":"Running"}}`,
    ],
    [
      '/api/v1/nodes',
      `{"metadata":{"name":"led"},"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":${port}}}}}`,
    ],
  ];
  for (const [path, body] of objects) await target.send(asAdmin({ path, body }));
  const codes = new Set<string>();
  for (const path of LEADING(port)) {
    for (const method of ['GET', 'POST']) codes.add(await target.send(asAdmin({ path, method })));
  }
  for (const path of [`${CORE}/services/led`, `${CORE}/pods/led?gracePeriodSeconds=0`, '/api/v1/nodes/led'])
    await target.send(asAdmin({ path, method: 'DELETE' }));
  listener.close();
  if (reached > 0) throw new Error(`${reached} connections were led to loopback`);
  return [...codes].sort().join(' ');
}

export function remoteAttacks(): Attack[] {
  return [
    remote('discovery that never ends', { [ROOT]: endless('{"resources":[') }, discovery),
    remote('discovery of thousands of resources', { [ROOT]: text(() => resources(4_000_000)) }, discovery),
    remote('discovery of 20 MB', { [ROOT]: text(() => resources(LARGE)) }, discovery),
    remote(
      'discovery of thousands of subresources',
      { [ROOT]: text(() => subresources(4_000_000)) },
      discovery,
    ),
    remote('discovery of brackets', { [ROOT]: text(() => brackets(TOO_LARGE)) }, discovery),
    remote('discovery of nonsense', { [ROOT]: text(() => '{"resources":{"a":[null]}}') }, discovery),
    remote(
      'discovery of resources that are none',
      { [ROOT]: text(() => '{"resources":[null,1,{"name":5,"verbs":7}]}') },
      discovery,
    ),
    remote(
      'documents of 4 MB',
      {
        '/openapi/v3': text(() => PATHS),
        [`/openapi/v3${ROOT}`]: text(() => schemas(4_000_000)),
        '/openapi/v2': text(() => swagger(4_000_000)),
      },
      documents,
    ),
    remote(
      'documents of 60 MB',
      {
        [`/openapi/v3${ROOT}`]: text(() => schemas(TOO_LARGE)),
        '/openapi/v2': text(() => swagger(TOO_LARGE)),
      },
      documents,
    ),
    remote(
      'documents of brackets',
      {
        [`/openapi/v3${ROOT}`]: text(() => brackets(TOO_LARGE)),
        '/openapi/v2': text(() => brackets(TOO_LARGE)),
      },
      documents,
    ),
    remote(
      'documents that never end',
      { [`/openapi/v3${ROOT}`]: endless('{"a":['), '/openapi/v2': endless('{"a":[') },
      documents,
    ),
    remote('a list of documents of 60 MB', { '/openapi/v3': text(() => schemas(TOO_LARGE)) }, documents),
    remote('30 answers of 20 MB', { [`${ROOT}/things`]: text(() => 'x'.repeat(LARGE)) }, things(30)),
    remote('30 answers that never come', { [`${ROOT}/things`]: () => undefined }, async (target) => {
      const asked = things(30)(target);
      return Promise.race([asked, pause(5_000).then(() => 'waited')]);
    }),
    remote(
      'header fields of megabytes',
      {
        [`${ROOT}/things`]: raw(
          () => `HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(10_000)}\r\n`.repeat(300)}\r\n`,
        ),
      },
      things(10),
    ),
    remote(
      'a status that is none',
      { [`${ROOT}/things`]: raw('HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n') },
      things(3),
    ),
    remote(
      'a status of 99',
      { [`${ROOT}/things`]: raw('HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n') },
      things(3),
    ),
    remote(
      'thousands of early hints',
      {
        [`${ROOT}/things`]: raw(
          () =>
            `${'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n'.repeat(50_000)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
        ),
      },
      things(3),
    ),
    remote(
      'another protocol',
      {
        [`${ROOT}/things`]: raw(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\nConnection: Upgrade\r\n\r\nabc',
        ),
      },
      things(3),
    ),
    remote(
      'half an answer',
      { [`${ROOT}/things`]: raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc') },
      things(10),
    ),
    remote(
      'pieces of one byte',
      {
        [`${ROOT}/things`]: raw(
          () =>
            `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(500_000)}0\r\n\r\n`,
        ),
      },
      things(3),
    ),
    remote('no HTTP', { [`${ROOT}/things`]: raw('nonsense\r\n\r\n') }, things(10)),
    remote('30 bodies of 3 MB that nobody reads', { [`${ROOT}/things`]: () => undefined }, async (target) => {
      const body = 'x'.repeat(3_000_000);
      const asked = things(30, { path: `${ROOT}/things`, method: 'POST', body })(target);
      return Promise.race([asked, pause(5_000).then(() => 'waited')]);
    }),
    {
      name: 'remote: the server is its own remote server',
      run: (target) =>
        withAPIService(target, Number(target.url.port), async () => {
          const answers = [await discovery(target), await documents(target)];
          return [...answers, await things(20)(target)].join(' ');
        }),
    },
    { name: 'remote: nodes, pods and services that lead to this machine', run: ledTo },
  ];
}
