/**
 * The enabled group versions and resources
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/storage/resource_config.go,
 * pkg/server/resourceconfig/helpers.go).
 */

import { quote } from '../runtime/go-format.ts';
import {
  formatGroupVersion,
  type GroupVersion,
  type GroupVersionResource,
  parseGroupVersion,
} from '../runtime/group-version.ts';
import { parseBool } from '../util/parse-bool.ts';
import { isOnByDefault } from './emulated-resources.ts';
import { KUBERNETES_RELEASE } from './kubernetes-release.ts';
import { isPartOf } from './minor.ts';
import { builtinResources, type ResourceTable } from './resource-table.ts';

/** `--runtime-config`: keys as given; '' for a key without a value. */
export type RuntimeConfig = ReadonlyMap<string, string>;

const resourceKey = (gvr: GroupVersionResource): string => `${formatGroupVersion(gvr)}/${gvr.resource}`;

/** Enabled versions, and resources that differ from their version. */
export class ResourceConfig {
  readonly #versions: Map<string, boolean>;
  readonly #resources: Map<string, boolean>;
  readonly #removed: GroupVersionResource[];

  /** Without `template`, nothing is enabled. */
  constructor(template?: ResourceConfig) {
    this.#versions = new Map(template === undefined ? [] : template.#versions);
    this.#resources = new Map(template === undefined ? [] : template.#resources);
    this.#removed = template === undefined ? [] : [...template.#removed];
  }

  /** Enables or disables a version, and resets its resources. */
  setVersion(gv: GroupVersion, enabled: boolean): void {
    const key = formatGroupVersion(gv);
    this.#versions.set(key, enabled);
    for (const resource of [...this.#resources.keys()]) {
      if (resource.slice(0, resource.lastIndexOf('/')) === key) this.#resources.delete(resource);
    }
  }

  /** Leaves removed resources off, which patterns of versions do not bring back. */
  setMatchingVersions(matches: (gv: GroupVersion) => boolean, enabled: boolean): void {
    for (const gv of this.versions()) if (matches(gv)) this.setVersion(gv, enabled);
    if (!enabled) return;
    for (const removed of this.#removed) {
      if (matches(removed)) this.setResource(removed, { enabled: false });
    }
  }

  /** Resources that the served release has removed. */
  addRemoved(resources: readonly GroupVersionResource[]): void {
    for (const resource of resources) this.#removed.push(resource);
  }

  setResource(gvr: GroupVersionResource, { enabled }: { readonly enabled: boolean }): void {
    this.#resources.set(resourceKey(gvr), enabled);
  }

  /** All versions that can be served. */
  versions(): readonly GroupVersion[] {
    return [...this.#versions.keys()].map((key) => parseGroupVersion(key)!);
  }

  resourceEnabled(gvr: GroupVersionResource): boolean {
    return this.#resources.get(resourceKey(gvr)) ?? this.#versions.get(formatGroupVersion(gvr)) ?? false;
  }

  anyResourceForGroupEnabled(group: string): boolean {
    const inGroup = (key: string): boolean => parseGroupVersion(key)?.group === group;
    return (
      [...this.#versions].some(([key, enabled]) => enabled && inGroup(key)) ||
      [...this.#resources].some(([key, enabled]) => enabled && inGroup(key.slice(0, key.lastIndexOf('/'))))
    );
  }
}

/** Made once: a process may create many control planes. */
let defaults: ResourceConfig | undefined;

/** The defaults of the served release; betas of 1.20 that have been removed since are off. */
export function defaultResourceConfig(): ResourceConfig {
  defaults ??= newDefaults();
  return new ResourceConfig(defaults);
}

function newDefaults(): ResourceConfig {
  const config = new ResourceConfig();
  for (const [apiVersion, groupVersion] of builtinResources()) {
    const gv = parseGroupVersion(apiVersion)!;
    config.setVersion(gv, groupVersion.default);
    const removed = Object.entries(groupVersion.resources).filter(
      ([, { lifecycle = {} }]) => !isPartOf(lifecycle, KUBERNETES_RELEASE.minor),
    );
    config.addRemoved(removed.map(([resource]) => ({ ...gv, resource })));
  }
  return config;
}

/** Turns on every version by its name, removed ones included. */
export const everyVersion = (): RuntimeConfig =>
  new Map(
    [...builtinResources()].flatMap(([version]) => (version === 'v1' ? [] : [[version, 'true'] as const])),
  );

/** The defaults of an earlier release with the resources in `table`; betas are enabled individually. */
export function emulatedResourceConfig(table: ResourceTable): ResourceConfig {
  const config = new ResourceConfig();
  for (const [apiVersion, groupVersion] of table) {
    const gv = parseGroupVersion(apiVersion)!;
    config.setVersion(gv, groupVersion.stage === 'GA');
    if (groupVersion.stage !== 'beta') continue;
    for (const [resource, entry] of Object.entries(groupVersion.resources)) {
      if (isOnByDefault(groupVersion, entry)) config.setResource({ ...gv, resource }, { enabled: true });
    }
  }
  return config;
}

/** In the order in which they apply; individual versions and resources apply after all of them. */
const MATCHERS: ReadonlyMap<string, RegExp> = new Map([
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
]);

/** Provides the known groups and versions: the scheme. */
export interface GroupVersionRegistry {
  groups(): readonly string[];
  versions(group: string): readonly string[];
}

interface Specifier {
  readonly key: string;
  readonly gv: GroupVersion;
  readonly resource: string | undefined;
}

function parseSpecifier(key: string): Specifier | undefined {
  const [group, version, resource, ...rest] = key.split('/');
  if (version === undefined || rest.length > 0) return undefined;
  return { key, gv: { group: group!, version }, resource };
}

/** All errors in the flag, before it is applied. */
export function validateRuntimeConfig(config: RuntimeConfig, registry: GroupVersionRegistry): string[] {
  if (config.size === 1 && config.get('api/all') === 'false') {
    return ['invalid runtime-config with only api/all=false'];
  }
  const unknown = new Set<string>();
  for (const key of config.keys()) {
    if (MATCHERS.has(key)) continue;
    const specifier = parseSpecifier(key);
    if (specifier === undefined) return [`runtime-config invalid key ${key}`];
    if (!registry.groups().includes(specifier.gv.group)) unknown.add(formatGroupVersion(specifier.gv));
  }
  return unknown.size === 0 ? [] : [`unknown api groups ${[...unknown].sort().join(',')}`];
}

function parseBoolean(key: string, text: string): boolean {
  const value = text === '' ? true : parseBool(text);
  if (value !== undefined) return value;
  const why = `strconv.ParseBool: parsing ${quote(text)}: invalid syntax`;
  throw new Error(`invalid value of ${key}: ${text}, err: ${why}`);
}

/** The flag's setting for a resource by its own name or its version's, not by a pattern; undefined if there is none. */
export function enables(config: RuntimeConfig, gvr: GroupVersionResource): boolean | undefined {
  const version = formatGroupVersion(gvr);
  const key = [`${version}/${gvr.resource}`, version].find((name) => config.has(name));
  return key === undefined ? undefined : parseBoolean(key, config.get(key)!);
}

/** Applies the flag to `config`, from the most general key to the most specific. Throws Error with upstream's text. */
export function applyRuntimeConfig(
  config: ResourceConfig,
  overrides: RuntimeConfig,
  registry: GroupVersionRegistry,
): void {
  for (const [key, pattern] of MATCHERS) {
    const value = overrides.get(key);
    if (value === undefined) continue;
    if (value !== 'true' && value !== 'false') throw new Error(`invalid value ${key}=${value}`);
    config.setMatchingVersions((gv) => pattern.test(gv.version), value === 'true');
  }
  const specifiers = [...overrides.keys()]
    .filter((key) => !MATCHERS.has(key))
    .map(parseSpecifier)
    .filter((specifier) => specifier !== undefined)
    .filter(({ gv }) => registry.groups().includes(gv.group));
  for (const { key, gv, resource } of specifiers) {
    if (!registry.versions(gv.group).includes(gv.version)) {
      throw new Error(`group version ${formatGroupVersion(gv)} that has not been registered`);
    }
    if (resource !== undefined && resource !== resource.toLowerCase()) {
      throw new Error(
        `invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${quote(resource)}`,
      );
    }
    const enabled = parseBoolean(key, overrides.get(key)!);
    if (resource === undefined) config.setVersion(gv, enabled);
  }
  for (const { key, gv, resource } of specifiers) {
    if (resource === undefined) continue;
    config.setResource({ ...gv, resource }, { enabled: parseBoolean(key, overrides.get(key)!) });
  }
}
