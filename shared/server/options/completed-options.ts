/** Fills in options that derive from others, and validates them. */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { type GoRegexp, loadRegexps } from '../../util/regexp.ts';
import { effectiveVersion, effectiveVersionErrors } from '../emulation/effective-version.ts';
import { type Emulation, loadEmulation } from '../emulation/emulation.ts';
import { defaultOptions, type ServerRunOptions } from './options.ts';

declare const completed: unique symbol;

/** Only `completeOptions` and `loadOptions` make these. */
export type CompletedOptions = ServerRunOptions & {
  readonly [completed]: true;
  /** The emulated release; absent without emulation. */
  readonly emulation?: Emulation | undefined;
  /** The parsed `corsAllowedOrigins`; absent if empty. */
  readonly allowedOrigins?: readonly GoRegexp[];
};

export const DEFAULT_ISSUER = 'https://kubernetes.default.svc';

export function completeOptions(given: Partial<ServerRunOptions> = {}): CompletedOptions {
  const options = { ...defaultOptions(), ...given };
  const serviceAccountIssuer =
    options.serviceAccountIssuer.length > 0 ? options.serviceAccountIssuer : [DEFAULT_ISSUER];
  const noMode = options.authorizationMode.length === 0 && options.authorizationConfig === '';
  return {
    ...options,
    runtimeConfig: completeRuntimeConfig(options.runtimeConfig),
    serviceAccountIssuer,
    apiAudiences: options.apiAudiences.length > 0 ? options.apiAudiences : serviceAccountIssuer,
    authorizationMode: noMode ? ['AlwaysAllow'] : options.authorizationMode,
    serviceAccountKeyFile:
      options.serviceAccountKeyFile.length > 0 || options.serviceAccountSigningKeyFile === ''
        ? options.serviceAccountKeyFile
        : [options.serviceAccountSigningKeyFile],
  } as unknown as CompletedOptions;
}

/** Like `completeOptions`, but also loads the emulated release and compiles regular expressions. */
export async function loadOptions(given: Partial<ServerRunOptions> = {}): Promise<CompletedOptions> {
  const options = await withOrigins(completeOptions(given));
  // Validation reports an unknown release.
  if (effectiveVersionErrors(options).length > 0) return options;
  const { emulation } = effectiveVersion(options);
  if (emulation === KUBERNETES_RELEASE.minor) return options;
  return { ...options, emulation: await loadEmulation(emulation) };
}

async function withOrigins(options: CompletedOptions): Promise<CompletedOptions> {
  if (options.corsAllowedOrigins.length === 0) return options;
  const compile = await loadRegexps();
  return { ...options, allowedOrigins: options.corsAllowedOrigins.map(compile) };
}

/** Maps the old names of the core group to `/v1`. */
function completeRuntimeConfig(config: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const entries = [...config].filter(([key]) => key !== 'api/legacy');
  return new Map(entries.map(([key, value]) => [/^(api\/)?v1(\/|$)/.test(key) ? '/v1' : key, value]));
}
