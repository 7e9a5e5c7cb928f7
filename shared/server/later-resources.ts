/**
 * Resources newer than the emulated minor that flags enable nonetheless: `--emulation-forward-compatible`,
 * `--runtime-config-emulation-forward-compatible`
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/deleted_kinds.go,
 * pkg/server/resourceconfig/helpers.go).
 */

import { KUBERNETES_RELEASE } from '../apis/kubernetes-release.ts';
import { isPartOf } from '../apis/minor.ts';
import { enables, type ResourceConfig } from '../apis/resource-config.ts';
import { type BuiltinGroupVersion, builtinResources, type ResourceTable } from '../apis/resource-table.ts';
import { type GroupVersionResource, parseGroupVersion } from '../runtime/group-version.ts';
import { compareKubeVersions } from '../util/kube-version.ts';
import type { ServerRunOptions } from './options/options.ts';

type GivenFlags = Pick<
  ServerRunOptions,
  'emulationForwardCompatible' | 'runtimeConfig' | 'runtimeConfigEmulationForwardCompatible'
>;

const isAlpha = (version: string): boolean => version.includes('alpha');

/** Returns the minor's `resources` plus the later ones to serve, and enables these in `config`. */
export function withLaterResources(
  given: GivenFlags,
  resources: ResourceTable,
  config: ResourceConfig,
): ResourceTable {
  const { emulationForwardCompatible, runtimeConfig, runtimeConfigEmulationForwardCompatible } = given;
  const all = new Map(resources);
  /** Whether a less stable version of the resource is served. */
  const hasEarlier = ({ group, version, resource }: GroupVersionResource): boolean =>
    [...resources].some(([name, { resources: listed }]) => {
      const gv = parseGroupVersion(name)!;
      return (
        gv.group === group &&
        !isAlpha(gv.version) &&
        compareKubeVersions(version, gv.version) > 0 &&
        Object.hasOwn(listed, resource) &&
        config.resourceEnabled({ ...gv, resource })
      );
    });
  for (const [name, groupVersion] of builtinResources()) {
    const gv = parseGroupVersion(name)!;
    const known = resources.get(name)?.resources ?? {};
    const later = Object.entries(groupVersion.resources).filter(([resource, { lifecycle = {} }]) => {
      if (Object.hasOwn(known, resource) || !isPartOf(lifecycle, KUBERNETES_RELEASE.minor)) return false;
      const gvr = { ...gv, resource };
      const said = enables(runtimeConfig, gvr);
      if (said !== undefined) return said && runtimeConfigEmulationForwardCompatible;
      return emulationForwardCompatible && !isAlpha(gv.version) && hasEarlier(gvr);
    });
    if (later.length === 0) continue;
    const listed: BuiltinGroupVersion['resources'] = { ...known, ...Object.fromEntries(later) };
    all.set(name, { ...groupVersion, resources: listed });
    for (const [resource] of later) config.setResource({ ...gv, resource }, { enabled: true });
  }
  return all;
}
