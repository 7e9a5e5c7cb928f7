/** `--enable-admission-plugins` and its like (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/admission.go). */

import type { AdmissionChain, AdmissionDependencies, AdmissionPluginFactory } from './admission.ts';
import { ADMISSION_PLUGINS, type InstalledPlugin } from './admission-plugins.ts';
import { admissionChain } from './chain.ts';
import type { AdmissionConfiguration } from './configuration.ts';

export interface AdmissionOptions {
  readonly enablePlugins: readonly string[];
  readonly disablePlugins: readonly string[];
  /** `--admission-control`: these and no others; empty: not given. */
  readonly onlyPlugins?: readonly string[];
  /** The host's own plugins, in their order; on unless disabled. */
  readonly hostPlugins?: HostAdmissionPlugins;
  /** On by default; absent: those of the release that is served. */
  readonly defaultPlugins?: ReadonlySet<string> | undefined;
}

/** By name. */
export type HostAdmissionPlugins = Readonly<Record<string, AdmissionPluginFactory>>;

/** The host's run after everything that sets defaults, and before what clients configure. */
function allPlugins({ hostPlugins = {} }: AdmissionOptions): readonly InstalledPlugin[] {
  const host = Object.entries(hostPlugins).map(([name, factory]) => ({ name, factory }));
  const clients = ADMISSION_PLUGINS.findIndex(({ stage }) => stage === 'clients');
  return ADMISSION_PLUGINS.toSpliced(clients, 0, ...host);
}

/** One text per thing wrong; none: the options are good. Throws for a host's plugin with the name of another. */
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

/** In the order they run. Enabling wins over being off by default. */
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

/** Makes the chain. Rejects with what a plugin says of its configuration, named. */
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
  return admissionChain(await Promise.all(making), dependencies.resources, dependencies.metrics);
}
