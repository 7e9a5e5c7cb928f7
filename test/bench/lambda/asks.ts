/** Client operations; each request is sent to a new environment, or to one that has served requests before. */

import { pathOf } from '../../fixtures/apiextensions/manifest.ts';
import { type Contents, KIND } from './contents.ts';

/** A request, and the function that the gateway routes it to. */
export interface Ask {
  readonly program: string;
  readonly method?: string;
  readonly path: string;
  readonly accept?: string;
  readonly body?: object;
}

/** A client operation. */
export interface Doing {
  readonly name: string;
  readonly contents: readonly Contents[];
  /** `once` makes names unique to this run. */
  readonly asks: (once: string) => readonly Ask[];
  /** Milliseconds since the environment served the same operation; absent: the environment is new. */
  readonly afterMs?: number;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const GNOSTIC = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

const holding = (definitions: number, bindings = 10, objects = 0): Contents => ({
  definitions,
  bindings,
  objects,
});
const ALL = [holding(0), holding(0, 1_000), holding(0, 5_000), holding(100), holding(750)];
const BY_DEFINITIONS = ALL.filter(({ bindings }) => bindings === 10);
const CUSTOM = BY_DEFINITIONS.filter(({ definitions }) => definitions > 0);
const MANY_OBJECTS = [holding(0, 10, 10_000)];
const PLAIN = [holding(0)];
const MINUTE_MS = 60_000;

const kubeAPI = (ask: Omit<Ask, 'program'>): Ask => ({ program: 'kube-apiserver', ...ask });
const get = () => [kubeAPI({ path: `${MAPS}/asked` })];
const list = () => [kubeAPI({ path: MAPS })];
const create = (once: string) => [
  kubeAPI({
    method: 'POST',
    path: MAPS,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `made-${once}` } },
  }),
];
const getCustom = () => [{ program: 'apiextensions', path: `${pathOf(KIND)}/asked` }];
const discover = () => [
  { program: 'aggregator', path: '/api', accept: DISCOVERY },
  { program: 'aggregator', path: '/apis', accept: DISCOVERY },
];
const getPods = () => [...discover(), kubeAPI({ path: '/api/v1/namespaces/default/pods', accept: TABLE })];

export const DOINGS: readonly Doing[] = [
  { name: 'GET', contents: ALL, asks: get },
  { name: 'LIST', contents: ALL, asks: list },
  { name: 'create', contents: ALL, asks: create },
  { name: 'GET of a custom resource', contents: CUSTOM, asks: getCustom },
  { name: 'discovery', contents: BY_DEFINITIONS, asks: discover },
  { name: 'kubectl get pods, discovery first', contents: ALL, asks: getPods },
  {
    name: 'OpenAPI v3: what documents there are',
    contents: BY_DEFINITIONS,
    asks: () => [{ program: 'aggregator', path: '/openapi/v3' }],
  },
  {
    name: 'OpenAPI v3 of apps/v1',
    contents: PLAIN,
    asks: () => [{ program: 'aggregator', path: '/openapi/v3/apis/apps/v1' }],
  },
  {
    // With many more definitions the document exceeds the size of a buffered response.
    name: 'OpenAPI v2',
    contents: BY_DEFINITIONS.filter(({ definitions }) => definitions <= 100),
    asks: () => [{ program: 'aggregator', path: '/openapi/v2', accept: GNOSTIC }],
  },
  {
    name: 'LIST of the first 500 of 10,000',
    contents: MANY_OBJECTS,
    asks: () => [kubeAPI({ path: `${MAPS}?limit=500` })],
  },
  { name: 'GET, warm', contents: PLAIN, asks: get, afterMs: 0 },
  { name: 'LIST, warm', contents: PLAIN, asks: list, afterMs: 0 },
  { name: 'create, warm', contents: PLAIN, asks: create, afterMs: 0 },
  { name: 'GET of a custom resource, warm', contents: [holding(100)], asks: getCustom, afterMs: 0 },
  { name: 'GET, a minute later', contents: PLAIN, asks: get, afterMs: MINUTE_MS },
  { name: 'LIST, a minute later', contents: PLAIN, asks: list, afterMs: MINUTE_MS },
  { name: 'create, a minute later', contents: PLAIN, asks: create, afterMs: MINUTE_MS },
];

/** A mix that models a day of users and a controller: the number of requests in a hundred, by row name. */
export const MIX: Readonly<Record<string, number>> = {
  GET: 2,
  LIST: 2,
  create: 1,
  'GET, warm': 25,
  'LIST, warm': 15,
  'create, warm': 5,
  'GET, a minute later': 25,
  'LIST, a minute later': 15,
  'create, a minute later': 10,
};

/** The gateway's event for a request with a bearer token. */
export function eventOf({ method = 'GET', path, accept = 'application/json', body }: Ask, token: string) {
  const [bare = '', query = ''] = path.split('?');
  const parameters = [...new URLSearchParams(query)];
  return {
    httpMethod: method,
    path: bare,
    headers: {
      accept,
      // The default of Go's HTTP client.
      'accept-encoding': 'gzip',
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    queryStringParameters: Object.fromEntries(parameters),
    multiValueQueryStringParameters: Object.fromEntries(parameters.map(([name, value]) => [name, [value]])),
    body: body === undefined ? null : JSON.stringify(body),
    requestContext: { apiId: 'bench', stage: 'v1', domainName: 'bench.example.com' },
  };
}
