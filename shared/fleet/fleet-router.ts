/** From a request's address to its tenant: `NAME.<domain>`, or `/tenants/NAME/...`; the rest is the management plane's. */

import { newNotFound, newServiceUnavailable } from '../meta/status-error.ts';
import type { ApiHandler, ApiRequest } from '../request/api-request.ts';
import { newUnavailable } from '../rest/storage-errors.ts';
import type { ErrorLog } from '../util/logger.ts';
import { CONTROL_PLANES, MANAGEMENT_PLANE, TENANT_NAME } from './control-plane.ts';
import { earlyAnswer } from './early-answer.ts';
import type { TenantDirectory, TenantEntry, TenantState } from './tenant-directory.ts';
import type { LoadedTenant, TenantRuntime } from './tenant-runtime.ts';
import type { TenantTraffic } from './tenant-traffic.ts';

export interface FleetRouterOptions {
  readonly directory: Pick<TenantDirectory, 'find'>;
  readonly runtime: Pick<TenantRuntime<LoadedTenant>, 'serve'>;
  readonly traffic: Pick<TenantTraffic, 'run'>;
  readonly management: ApiHandler;
  /** Below which each tenant has a host name. */
  readonly domain: string | undefined;
  readonly logger: ErrorLog;
}

const PREFIX = '/tenants/';

/**
 * Why a tenant that is there serves nothing, and the seconds after which it may: client-go waits that long, ten
 * times over, so that what time alone does not end says nothing of it.
 */
const CLOSED: Partial<Record<TenantState, readonly [why: string, retryAfterSeconds?: number]>> = {
  Starting: ['is being made', 1],
  Suspended: ['is suspended'],
  Moving: ['is being moved', 5],
  Deleting: ['is being deleted'],
};

interface Address {
  readonly name: string;
  /** What the tenant is asked for. */
  readonly path: string;
}

/**
 * Unknown tenants, and those that serve nothing now, get their Status before anything of theirs is loaded. The
 * address is where the request went, `request.host`, never what a header says.
 */
export function fleetRouter(options: FleetRouterOptions): ApiHandler {
  const { directory, runtime, traffic, management, domain, logger } = options;
  return async (request) => {
    const address = addressOf(request, domain);
    if (address === undefined) {
      try {
        return await management(request);
      } catch (error) {
        logger.error('the management plane could not start', error);
        return earlyAnswer(request, newUnavailable(error, 'the management plane is unavailable', 1));
      }
    }
    const { name, path } = address;
    let entry: TenantEntry | undefined;
    try {
      entry = TENANT_NAME.test(name) ? await directory.find(name) : undefined;
    } catch (error) {
      logger.error(`the directory can't say who is ${name}`, error);
      return earlyAnswer(request, newUnavailable(error, 'the directory of control planes is unavailable', 1));
    }
    if (entry === undefined) return earlyAnswer(request, newNotFound(CONTROL_PLANES, name));
    const closed = CLOSED[entry.state];
    if (closed !== undefined) {
      const error = newServiceUnavailable(`control plane ${name} ${closed[0]}`, closed[1]);
      return earlyAnswer(request, error, name);
    }
    try {
      const asked = { ...request, path };
      return await traffic.run(entry, asked, (mine) => runtime.serve(entry, mine));
    } catch (error) {
      logger.error(`control plane ${name} can't be loaded`, error);
      const told = newUnavailable(error, `control plane ${name} is unavailable`, 1);
      return earlyAnswer(request, told, name);
    }
  };
}

/** Undefined: the management plane's. A tenant's host name has no other tenants below it. */
function addressOf({ host = '', path }: ApiRequest, domain: string | undefined): Address | undefined {
  const hostName = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  if (domain !== undefined && hostName.endsWith(`.${domain}`)) {
    const name = hostName.slice(0, -domain.length - 1);
    // At its own name, as anywhere else, it has tenants below `/tenants/`.
    if (name !== MANAGEMENT_PLANE) return { name, path };
  }
  if (!path.startsWith(PREFIX)) return undefined;
  const end = path.indexOf('/', PREFIX.length);
  if (end < 0) return { name: path.slice(PREFIX.length), path: '/' };
  return { name: path.slice(PREFIX.length, end), path: path.slice(end) };
}
