/**
 * Initial roles and bindings of a cluster, from the data of upstream's own tests
 * (https://github.com/kubernetes/kubernetes/tree/master/plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata), with
 * the gates that the code beside it checks.
 */

import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { PolicyRule, Subject } from '../../shared/apis/rbac/v1/types.ts';
import type { BootstrapEntry, BootstrapTable } from '../../shared/authz/rbac/bootstrap/policy.ts';
import { gatedRoles } from './bootstrap-gates.ts';
import type { FeatureGateTable } from './feature-gates.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

const FOLDER = 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy';
/** Files with constants that the code refers to, by module. */
const CONSTANTS = [
  ['api', 'certificates/v1beta1/types.go'],
  ['kubernetes', 'pkg/controlplane/controller/legacytokentracking/controller.go'],
] as const;
const RBAC = 'rbac.authorization.k8s.io';
const CONTROLLER = 'system:controller:';

interface UpstreamObject {
  readonly metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  readonly rules?: PolicyRule[] | null;
  readonly [key: string]: unknown;
}

function given(sources: Sources, path: string): string {
  const text = sources.text('kubernetes', `${FOLDER}/${path}`);
  if (text === undefined) throw new Error(`${sources.release} has no ${FOLDER}/${path}`);
  return text;
}

/** An object without the parts that all of them have. */
function entryOf({ metadata, rules, apiVersion: _v, kind: _k, ...rest }: UpstreamObject): BootstrapEntry {
  const { 'kubernetes.io/bootstrapping': _, ...labels } = metadata.labels ?? {};
  return {
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...rest,
    ...(rules && { rules }),
  };
}

const byName = (a: BootstrapEntry, b: BootstrapEntry): number => (a.name < b.name ? -1 : 1);
const roleOf = ({ roleRef }: BootstrapEntry): string => roleRef?.name ?? '';

/**
 * Subjects of a role without a binding in the data: a controller as in upstream's `addControllerRole`, or groups of
 * `NewClusterBinding`.
 */
function subjectsOf(name: string, code: string): Subject[] | undefined {
  if (name.startsWith(CONTROLLER)) {
    return [{ kind: 'ServiceAccount', name: name.slice(CONTROLLER.length), namespace: 'kube-system' }];
  }
  const [, groups] = new RegExp(`NewClusterBinding\\("${name}"\\)\\.Groups\\(([^)]*)\\)`).exec(code) ?? [];
  if (groups !== 'serviceaccount.AllServiceAccountsGroup') return undefined;
  return [{ apiGroup: RBAC, kind: 'Group', name: 'system:serviceaccounts' }];
}

/**
 * The table of a release. Gates from the code are used if they reproduce upstream's data at the default gates;
 * otherwise the data is used without gates, which is reported.
 */
export function importBootstrapPolicy(
  sources: Sources,
  gates: FeatureGateTable,
  report: Report,
): BootstrapTable {
  const read = (file: string) =>
    (parse(given(sources, `testdata/${file}.yaml`)) as { items: UpstreamObject[] }).items.map(entryOf);
  const isOn = (gate: string) => gates[gate]?.enabled === true;
  const fixed = (gate: string) => gates[gate]?.locked === true && isOn(gate);
  const free = <T extends { gates?: readonly string[] }>({ gates: needed = [], ...rest }: T): T => {
    const left = needed.filter((gate) => !fixed(gate));
    return (left.length > 0 ? { ...rest, gates: left } : rest) as T;
  };
  const code = gatedRoles(
    ['controller_policy.go', 'policy.go'].map((file) => given(sources, file)),
    CONSTANTS.map(([module, path]) => sources.text(module, path) ?? ''),
  ).map((role) => free(role.rules === undefined ? role : { ...role, rules: role.rules.map(free) }));

  const merged = (entry: BootstrapEntry): BootstrapEntry => {
    const role = code.find(({ name }) => name === entry.name);
    if (entry.rules === undefined) return entry;
    const rules = (role?.rules ?? [])
      .filter(({ gates: needed = [] }) => needed.every(isOn))
      .map(({ gates: _, gatedURLs = {}, ...rule }) => ({
        ...rule,
        ...(rule.nonResourceURLs && {
          nonResourceURLs: rule.nonResourceURLs.filter(
            (url) => isOn(gatedURLs[url] ?? '') || !Object.hasOwn(gatedURLs, url),
          ),
        }),
      }));
    if (role !== undefined && isDeepStrictEqual(rules, entry.rules)) {
      return { ...entry, ...(role.gates && { gates: role.gates }), rules: role.rules! };
    }
    report.add('bootstrap policy', `${entry.name}: its gates could not be read`);
    return entry;
  };
  const roles = [...read('cluster-roles'), ...read('controller-roles')];
  const off = code.filter(({ name }) => !roles.some((role) => role.name === name));
  const gatesOf = new Map(code.map(({ name, gates: needed }) => [name, needed]));
  const bindings = [...read('cluster-role-bindings'), ...read('controller-role-bindings')].map(
    (binding): BootstrapEntry => {
      const needed = gatesOf.get(roleOf(binding));
      return needed ? { ...binding, gates: needed } : binding;
    },
  );
  const bound = new Set(bindings.map(roleOf));
  const policy = given(sources, 'policy.go');
  const more = off
    .filter(({ name }) => !bound.has(name))
    .flatMap(({ name, gates: needed }): BootstrapEntry[] => {
      const subjects = subjectsOf(name, policy);
      if (subjects === undefined) report.add('bootstrap policy', `${name}: who is bound to it?`);
      const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name };
      return subjects ? [{ name, gates: needed ?? [], roleRef, subjects }] : [];
    });
  return {
    clusterRoles: [...roles.map(merged), ...off].sort(byName),
    clusterRoleBindings: [...bindings, ...more].sort(byName),
    roles: read('namespace-roles'),
    roleBindings: read('namespace-role-bindings'),
  };
}

const LISTS: Readonly<Record<string, keyof BootstrapTable>> = {
  'cluster-roles': 'clusterRoles',
  'controller-roles': 'clusterRoles',
  'cluster-role-bindings': 'clusterRoleBindings',
  'controller-role-bindings': 'clusterRoleBindings',
  'namespace-roles': 'roles',
  'namespace-role-bindings': 'roleBindings',
};

/** Initial objects of a release's clusters at the default gates, by list and place: `clusterRoles /admin`. */
export function bootstrapEntries(sources: Sources): Record<string, BootstrapEntry> {
  return Object.fromEntries(
    Object.entries(LISTS).flatMap(([file, list]) =>
      (parse(given(sources, `testdata/${file}.yaml`)) as { items: UpstreamObject[] }).items
        .map(entryOf)
        .map((entry) => [`${list} ${entry.namespace ?? ''}/${entry.name}`, entry]),
    ),
  );
}

/** The text of `policy.json`: one object per line. */
export function formatBootstrapPolicy(table: BootstrapTable): string {
  const lists = Object.entries(table).map(
    ([name, list]) => `"${name}": [\n${list.map((entry: unknown) => JSON.stringify(entry)).join(',\n')}\n]`,
  );
  return `{\n${lists.join(',\n')}\n}\n`;
}

/** All objects of upstream's test data: at default gates, and cluster roles also with all alphas and betas enabled. */
export function upstreamBootstrapObjects(sources: Sources): Record<'default' | 'allGates', unknown[]> {
  const items = (file: string) =>
    (parse(given(sources, `testdata/${file}.yaml`)) as { items: unknown[] }).items;
  const files = ['controller-roles', 'cluster-role-bindings', 'controller-role-bindings'];
  const namespaced = ['namespace-roles', 'namespace-role-bindings'];
  return {
    default: ['cluster-roles', ...files, ...namespaced].flatMap(items),
    allGates: items('cluster-roles-featuregates'),
  };
}
