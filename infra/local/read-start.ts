/** Parses a command line of `zeroplane start`, and reports all its errors. */

import { controllerErrors } from '../../shared/controllers/controller-names.ts';
import { NAME_RULE, TENANT_NAME } from '../../shared/fleet/control-plane.ts';
import { isDNS1123Subdomain } from '../../shared/meta/validation/names.ts';
import { effectiveFlags } from '../../shared/server/options/flags-without-effect.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { type FlagTexts, readArguments, readOptions } from '../../shared/server/options/parse-options.ts';
import { publicAddresses } from '../../shared/util/address-guard.ts';
import { isListenerFlag, type ListenerFlags, readListenerFlags } from './listener-flags.ts';
import type { StartOptions } from './start.ts';

type Rule = (options: StartOptions) => string[];

const RULES: readonly Rule[] = [
  ({ securePort }) =>
    securePort >= 0 && securePort <= 65_535 ? [] : ['invalid --secure-port: must be between 0 and 65535'],
  ({ tenant = [], fleet = false }) =>
    fleet && tenant.length > 0 ? ['--tenant: the tenants of a fleet are ControlPlane objects'] : [],
  ({ tenant = [] }) =>
    [...new Set(tenant)]
      .filter((name) => !TENANT_NAME.test(name))
      .map((name) => `invalid tenant name ${JSON.stringify(name)}: ${NAME_RULE}`),
  ({ domain }) =>
    domain === undefined || isDNS1123Subdomain(domain.toLowerCase()).length === 0
      ? []
      : [`--domain: ${JSON.stringify(domain)} is not a DNS name`],
  ({ allowAddresses = [] }) => allowAddresses.flatMap(rangeErrors),
  ({ controllers }) => controllerErrors(controllers).map((error) => `--controllers: ${error}`),
  ({ fleet = false, domain, allowAddresses }) =>
    [
      ...(domain === undefined ? [] : ['domain']),
      ...(allowAddresses === undefined ? [] : ['allow-addresses']),
    ]
      .filter(() => !fleet)
      .map((flag) => `--${flag} requires --fleet`),
];

function rangeErrors(range: string): string[] {
  try {
    publicAddresses([range]);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

export interface ReadStart {
  readonly serverOptions: Partial<ServerRunOptions>;
  readonly listenerFlags: Partial<ListenerFlags>;
  /** Flags of the server that have an effect. */
  readonly flags: FlagTexts;
  /** Names of flags without effect. */
  readonly ignored: readonly string[];
  /** One line per error; none: the command line is valid. */
  readonly errors: readonly string[];
}

export function readStart(options: StartOptions): ReadStart {
  const given = readArguments(options.serverArguments);
  const { server: flags, ignored, errors: ofIgnored } = effectiveFlags(given.flags);
  const listener = readListenerFlags(flags);
  const server = flags.filter(([name]) => !isListenerFlag(name));
  const { options: serverOptions, errors } = readOptions(server);
  return {
    ...{ serverOptions, listenerFlags: listener.options, flags: server, ignored },
    errors: [
      ...RULES.flatMap((rule) => rule(options)),
      ...given.errors,
      ...ofIgnored,
      ...listener.errors,
      ...errors,
    ],
  };
}
