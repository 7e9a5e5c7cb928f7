import { buildGenericConfig, type ServerDependencies } from './generic-config.ts';
import { loadOptions } from './options/completed-options.ts';
import type { ServerRunOptions } from './options/options.ts';
import { createServerChain, type Server } from './server-chain.ts';

/** From options to a server. Rejects with an Error that names everything that is wrong with them. */
export async function createServer(
  options: Partial<ServerRunOptions>,
  dependencies: ServerDependencies,
): Promise<Server> {
  return createServerChain(await buildGenericConfig(await loadOptions(options), dependencies));
}
