/** One server of the chain: aggregator, kube-apiserver or apiextensions. */

import type { DiscoverySource } from '../discovery/discovery-source.ts';
import type { RequestHandler } from './handler.ts';

export interface APIServer {
  /** Answers requests for this server and delegates the rest. Must be wrapped in a handler chain. */
  readonly handler: RequestHandler;
  readonly discovery: DiscoverySource;
}
