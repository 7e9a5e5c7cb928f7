import { readLocalFile } from '../util/read-file.ts';
import { completeOptions } from './completed-options.ts';
import { loadConfigFiles } from './config-files.ts';
import { buildGenericConfig, type ServerDependencies } from './generic-config.ts';
import type { ServerRunOptions } from './options.ts';
import { createServerChain, type Server } from './server-chain.ts';

/** From options to a server: what every host calls. Throws an Error naming everything that is wrong with them. */
export async function createServer(
  options: Partial<ServerRunOptions>,
  dependencies: ServerDependencies,
): Promise<Server> {
  const completed = completeOptions(options);
  const files = await loadConfigFiles(completed, dependencies.readFile ?? readLocalFile);
  return createServerChain(buildGenericConfig(completed, { ...dependencies, files }));
}
