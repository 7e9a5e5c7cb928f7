/** The first server of the chain: discovery of everything, and APIServices. */

import type { APIServer } from '../endpoints/api-server.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { RootDiscovery } from '../endpoints/discovery/root.ts';
import type { RequestHandler } from '../endpoints/handler.ts';
import { PathMux } from '../endpoints/path-mux.ts';
import type { CodecFactory } from '../runtime/serializer/codec-factory.ts';
import { MergedDiscovery } from './merged-discovery.ts';

export interface AggregatorServerConfig {
  readonly codecs: CodecFactory;
  /** What the other servers have. */
  readonly sources: readonly DiscoverySource[];
  /** `host:port`. */
  readonly serverAddress: string;
  readonly delegate: RequestHandler;
}

export function createAggregatorServer(config: AggregatorServerConfig): APIServer {
  const { codecs, sources, serverAddress, delegate } = config;
  const discovery = new MergedDiscovery(sources);
  const root = new RootDiscovery({ codecs, source: discovery, serverAddress });
  const mux = new PathMux();
  for (const path of ['/api', '/api/']) mux.handle(path, root.serveCore);
  for (const path of ['/apis', '/apis/']) mux.handle(path, root.serveGroups);
  return {
    handler: (context) => (mux.find(context.requestInfo.path) ?? delegate)(context),
    discovery,
  };
}
