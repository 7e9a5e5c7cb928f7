/** `--enable-admission-plugins` and its like (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/admission.go). */

import type { AdmissionChain, AdmissionDependencies } from './admission.ts';
import { admissionChain } from './chain.ts';
import type { AdmissionConfiguration } from './configuration.ts';
import { DEFAULT_OFF_PLUGINS, RECOMMENDED_PLUGIN_ORDER } from './plugin-order.ts';
import type { AdmissionPlugins } from './plugins.ts';

export interface AdmissionOptions {
  readonly enablePlugins: readonly string[];
  readonly disablePlugins: readonly string[];
  /** `--admission-control`: these and no others; empty: not given. */
  readonly onlyPlugins?: readonly string[];
  /** Names of the host's own plugins, in their order; on unless disabled. */
  readonly hostPlugins?: readonly string[];
  /** On by default; absent: those of the release that is served. */
  readonly defaultPlugins?: ReadonlySet<string> | undefined;
}

/** The host's plugins run after everything that defaults, and before those that clients configure. */
const CLIENT_PLUGINS = RECOMMENDED_PLUGIN_ORDER.indexOf('MutatingAdmissionPolicy');

/** One text per thing wrong; none: the options are good. */
export function validateAdmissionOptions(options: AdmissionOptions, plugins: AdmissionPlugins): string[] {
  const registered = new Set(plugins.registered());
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
export function enabledPluginNames(options: AdmissionOptions): string[] {
  const { enablePlugins, disablePlugins, onlyPlugins = [], hostPlugins = [], defaultPlugins } = options;
  const order = RECOMMENDED_PLUGIN_ORDER.toSpliced(CLIENT_PLUGINS, 0, ...hostPlugins);
  if (onlyPlugins.length > 0) return order.filter((name) => onlyPlugins.includes(name));
  const enabled = new Set(enablePlugins);
  const disabled = new Set(disablePlugins);
  const isDefault = (name: string) =>
    hostPlugins.includes(name) || (defaultPlugins?.has(name) ?? !DEFAULT_OFF_PLUGINS.has(name));
  return order.filter((name) => enabled.has(name) || (isDefault(name) && !disabled.has(name)));
}

/** Makes the chain. Throws what a plugin says of its configuration, named. */
export function newAdmissionChain(
  plugins: AdmissionPlugins,
  options: AdmissionOptions,
  configuration: AdmissionConfiguration,
  dependencies: Omit<AdmissionDependencies, 'configuration'>,
): AdmissionChain {
  const made = enabledPluginNames(options).map((name) => {
    try {
      return plugins.factory(name)({ ...dependencies, configuration: configuration.get(name) });
    } catch (error) {
      throw new Error(`couldn't init admission plugin "${name}": ${(error as Error).message}`, {
        cause: error,
      });
    }
  });
  return admissionChain(made, dependencies.resources, dependencies.metrics);
}
