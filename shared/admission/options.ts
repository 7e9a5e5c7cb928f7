/**
 * `--enable-admission-plugins` and related flags
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/admission.go).
 */

import type { AdmissionChain, AdmissionDependencies, AdmissionPluginFactory } from './admission.ts';
import { ADMISSION_PLUGINS, type InstalledPlugin } from './admission-plugins.ts';
import { admissionChain } from './chain.ts';
import type { AdmissionConfiguration } from './configuration.ts';

export interface AdmissionOptions {
  readonly enablePlugins: readonly string[];
  readonly disablePlugins: readonly string[];
  /** `--admission-control`: the only plugins to enable; empty if not set. */
  readonly onlyPlugins?: readonly string[];
  /** The host's own plugins in execution order, enabled unless disabled explicitly. */
  readonly hostPlugins?: HostAdmissionPlugins;
  /** Plugins enabled by default; if absent, those of the served release. */
  readonly defaultPlugins?: ReadonlySet<string> | undefined;
}

/** By name. */
export type HostAdmissionPlugins = Readonly<Record<string, AdmissionPluginFactory>>;

/** Inserts the host's plugins after all defaulting and before plugins configured by clients. */
function allPlugins({ hostPlugins = {} }: AdmissionOptions): readonly InstalledPlugin[] {
  const host = Object.entries(hostPlugins).map(([name, factory]) => ({ name, factory }));
  const clients = ADMISSION_PLUGINS.findIndex(({ stage }) => stage === 'clients');
  return ADMISSION_PLUGINS.toSpliced(clients, 0, ...host);
}

/** Of the plugins that every server has. */
export const pluginNames = (): string[] => ADMISSION_PLUGINS.map(({ name }) => name);

/** One text per error; empty if the options are valid. Throws if a host's plugin has the name of another one. */
export function validateAdmissionOptions(options: AdmissionOptions): string[] {
  const registered = new Set<string>();
  for (const { name } of allPlugins(options)) {
    if (registered.has(name)) throw new Error(`Admission plugin "${name}" was registered twice`);
    registered.add(name);
  }
  const unknown = (flag: string, names: readonly string[]): string[] =>
    names
      .filter((name) => !registered.has(name))
      .map((name) => `${flag} plugin ${JSON.stringify(name)} is unknown`);
  const { onlyPlugins = [] } = options;
  const both = options.enablePlugins.length > 0 || options.disablePlugins.length > 0;
  const disabled = new Set(options.disablePlugins);
  const overlap = [...new Set(options.enablePlugins)].filter((name) => disabled.has(name)).sort();
  return [
    ...(onlyPlugins.length > 0 && both
      ? [
          'admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive',
        ]
      : []),
    ...unknown('admission-control', onlyPlugins),
    ...unknown('enable-admission-plugins', options.enablePlugins),
    ...unknown('disable-admission-plugins', options.disablePlugins),
    ...(overlap.length === 0
      ? []
      : [`[${overlap.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]),
  ];
}

/** The enabled plugins in execution order. Explicit enabling overrides the default. */
export function enabledPlugins(options: AdmissionOptions): readonly InstalledPlugin[] {
  const { enablePlugins, disablePlugins, onlyPlugins = [], hostPlugins = {}, defaultPlugins } = options;
  const plugins = allPlugins(options);
  if (onlyPlugins.length > 0) return plugins.filter(({ name }) => onlyPlugins.includes(name));
  const enabled = new Set(enablePlugins);
  const disabled = new Set(disablePlugins);
  const isDefault = ({ name, isOff }: InstalledPlugin) =>
    Object.hasOwn(hostPlugins, name) || (defaultPlugins?.has(name) ?? !isOff);
  return plugins.filter(
    (plugin) => enabled.has(plugin.name) || (isDefault(plugin) && !disabled.has(plugin.name)),
  );
}

/** Builds the chain. Rejects with the configuration errors of all plugins, a line each, prefixed with their names. */
export async function newAdmissionChain(
  options: AdmissionOptions,
  configuration: AdmissionConfiguration,
  dependencies: Omit<AdmissionDependencies, 'configuration'>,
): Promise<AdmissionChain> {
  const making = enabledPlugins(options).map(async ({ name, factory }) => {
    try {
      return await factory({ ...dependencies, configuration: configuration.get(name) });
    } catch (error) {
      throw new Error(`couldn't init admission plugin "${name}": ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
  const made = await Promise.allSettled(making);
  const errors = made.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  if (errors.length > 1) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  if (errors.length === 1) throw errors[0]!;
  const plugins = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return admissionChain(plugins, dependencies.resources, dependencies.metrics);
}
