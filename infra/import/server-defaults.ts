/**
 * Defaults of a release's kube-apiserver: enabled admission plugins
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/kubeapiserver/options/plugins.go), and versions
 * (pkg/controlplane/instance.go).
 */

import { closing, withoutComments } from './go-text.ts';
import type { Sources } from './modules.ts';

/** The plugin's name, which a line has only in its comment. */
function pluginOf(line: string): string | undefined {
  return /PluginName,\s*\/\/\s*(\w+)/.exec(line)?.[1];
}

/** Plugins whose comments have a different word than their name. */
const NAMES: Readonly<Record<string, string>> = {
  PodPriority: 'Priority',
  Mutatingadmissionpolicy: 'MutatingAdmissionPolicy',
};

/** Admission plugins that are enabled by default. Throws if a line names no plugin. */
export function importDefaultPlugins(sources: Sources): string[] {
  const text = sources.text('kubernetes', 'pkg/kubeapiserver/options/plugins.go') ?? '';
  const start = text.indexOf('(', text.indexOf('defaultOnPlugins :='));
  const lines = text.slice(start, closing(text, start)).split('\n');
  const plugins = lines
    .filter((line) => line.includes('PluginName'))
    .map((line) => {
      const name = pluginOf(line);
      if (name === undefined) throw new Error(`${sources.release}: no plugin is named in ${line}`);
      return NAMES[name] ?? name;
    });
  if (plugins.length === 0) throw new Error(`${sources.release} has no list of plugins`);
  return plugins.sort();
}

/** Groups by their folder in k8s.io/api, if that differs from their name. */
const DOMAINS: Readonly<Record<string, string>> = {
  admissionregistration: 'admissionregistration.k8s.io',
  authentication: 'authentication.k8s.io',
  authorization: 'authorization.k8s.io',
  certificates: 'certificates.k8s.io',
  coordination: 'coordination.k8s.io',
  discovery: 'discovery.k8s.io',
  events: 'events.k8s.io',
  flowcontrol: 'flowcontrol.apiserver.k8s.io',
  networking: 'networking.k8s.io',
  node: 'node.k8s.io',
  rbac: 'rbac.authorization.k8s.io',
  resource: 'resource.k8s.io',
  scheduling: 'scheduling.k8s.io',
  storage: 'storage.k8s.io',
  storagemigration: 'storagemigration.k8s.io',
  apiserverinternal: 'internal.apiserver.k8s.io',
};

/**
 * Versions (`apps/v1`) and single resources of others (`storage.k8s.io/v1beta1 csinodes`) that are enabled by default.
 */
export function importDefaultVersions(sources: Sources): string[] {
  const path = ['pkg/controlplane/instance.go', 'pkg/master/master.go'];
  const source = path.map((file) => sources.text('kubernetes', file)).find((text) => text !== undefined);
  if (source === undefined) throw new Error(`${sources.release} has no pkg/controlplane/instance.go`);
  const text = withoutComments(source);
  const versions = new Map(
    [...text.matchAll(/(\w+) "k8s\.io\/(?:api|kubernetes\/pkg\/apis)\/(\w+)\/(v\w+)"/g)].map(
      ([, name, folder, version]) => {
        const group = DOMAINS[folder!] ?? folder!;
        return [name!, group === 'core' ? version! : `${group}/${version}`];
      },
    ),
  );
  const named = (list: string): string[] =>
    [...list.matchAll(/(\w+)\.SchemeGroupVersion(?:\.WithResource\("(\w+)"\))?/g)].map(
      ([, name, resource]) => {
        const version = versions.get(name!);
        if (version === undefined) throw new Error(`${sources.release}: what is ${name}?`);
        return resource === undefined ? version : `${version} ${resource}`;
      },
    );
  const lists = [
    'ret.EnableVersions(',
    'ret.EnableResources(',
    '\tgenericStableAPIGroupVersionsEnabledByDefault = ',
    '\tstableAPIGroupVersionsEnabledByDefault = ',
    'legacyBetaEnabledByDefaultResources = ',
  ];
  const found = lists.flatMap((head) => {
    const at = text.indexOf(head);
    if (at < 0) return [];
    const start = head.endsWith('(') ? at + head.length - 1 : text.indexOf('{', at);
    return named(text.slice(start, closing(text, start)));
  });
  return [...new Set(found)].sort();
}
