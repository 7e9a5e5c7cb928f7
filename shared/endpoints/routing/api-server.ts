/** One server of the chain: aggregator, kube-apiserver or apiextensions. */

import type { DiscoverySource } from '../discovery/discovery-source.ts';
import type { RequestHandler } from './handler.ts';

export interface APIServer {
  /** Answers what the server has and hands the rest to its delegate. To be put behind a handler chain. */
  readonly handler: RequestHandler;
  readonly discovery: DiscoverySource;
}
