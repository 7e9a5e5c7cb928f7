import { effectiveFlags } from '../../shared/server/options/flags-without-effect.ts';
import type { ServerRunOptions } from '../../shared/server/options/options.ts';
import { flagsOfArguments, parseOptions } from '../../shared/server/options/parse-options.ts';

/** Parses flags of kube-apiserver: `optionsOf(['--authorization-mode=RBAC'])`. Throws Error for invalid flags. */
export function optionsOf(args: readonly string[]): Partial<ServerRunOptions> {
  const { server, errors } = effectiveFlags(flagsOfArguments(args));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return parseOptions(server);
}
