import { buildGenericConfig, type ServerDependencies } from './generic-config.ts';
import { loadOptions } from './options/completed-options.ts';
import type { ServerRunOptions } from './options/options.ts';
import { createServerChain, type Server } from './server-chain.ts';

/** Creates a server from options. Rejects with an Error that lists all invalid ones. */
export async function createServer(
  options: Partial<ServerRunOptions>,
  dependencies: ServerDependencies,
): Promise<Server> {
  return createServerChain(await buildGenericConfig(await loadOptions(options), dependencies));
}
