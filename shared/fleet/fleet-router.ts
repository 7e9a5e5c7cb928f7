/**
 * Maps a request's address to its tenant: `NAME.<domain>`, or `/tenants/NAME/...`. Everything else goes to the
 * management plane.
 */

import {
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  changedRequest,
} from '../request/api-request.ts';
import { newUnavailable } from '../rest/storage-errors.ts';
import type { ErrorLog } from '../util/logger.ts';
import type { AbsentTenants } from './absent-tenants.ts';
import { MANAGEMENT_PLANE, TENANT_NAME } from './control-plane.ts';
import { earlyAnswer } from './early-answer.ts';
import { hasCredential, mayAllowAnonymous } from './placeholder-tenant.ts';
import type { TenantDirectory, TenantEntry } from './tenant-directory.ts';
import type { LoadedTenant, TenantRuntime } from './tenant-runtime.ts';
import type { TenantTraffic } from './tenant-traffic.ts';

export interface FleetRouterOptions {
  readonly directory: Pick<TenantDirectory, 'find'>;
  readonly runtime: Pick<TenantRuntime<LoadedTenant>, 'serve'>;
  readonly traffic: Pick<TenantTraffic, 'run'>;
  readonly absentTenants: Pick<AbsentTenants, 'serve' | 'placeholder'>;
  readonly management: ApiHandler;
  /** Parent domain of the tenants' host names. */
  readonly domain: string | undefined;
  readonly logger: ErrorLog;
}

const PREFIX = '/tenants/';

interface Address {
  readonly name: string;
  /** Whether the tenant shares its host name, and so its origin, with others. */
  readonly isByPath: boolean;
  /** The path within the tenant's API. */
  readonly path: string;
}

/**
 * Routes requests to tenants. Requests for unknown or inactive tenants, and requests without credentials, get identical
 * responses, before anything of the tenant is loaded. The address is the connection's, `request.host`, never a
 * header's.
 */
export function fleetRouter(options: FleetRouterOptions): ApiHandler {
  const { management, domain, logger } = options;
  const tenants = tenantHandler(options);
  return async (request) => {
    const address = addressOf(request, domain);
    if (address !== undefined) {
      const answer = await tenants(request, address);
      return address.isByPath ? { ...answer, headers: { ...answer.headers, ...SANDBOX } } : answer;
    }
    try {
      return await management(request);
    } catch (error) {
      logger.error('the management plane could not start', error);
      return earlyAnswer(request, newUnavailable(error, 'the management plane is unavailable', 1));
    }
  };
}

/**
 * Tenants below paths share an origin. A browser must not run what one of them sends, such as a page of a remote API
 * server, since it could use its visitor's client certificate for the others. Clients of the API ignore this.
 */
const SANDBOX = { 'content-security-policy': 'sandbox' };

type TenantHandler = (request: ApiRequest, address: Address) => Promise<ApiResponse>;

function tenantHandler(options: FleetRouterOptions): TenantHandler {
  const { directory, runtime, traffic, absentTenants, logger } = options;
  return async (request, { name, path }) => {
    let entry: TenantEntry | undefined;
    try {
      entry = TENANT_NAME.test(name) ? await directory.find(name) : undefined;
    } catch (error) {
      logger.error(`control plane ${name} can't be looked up in the directory`, error);
      return earlyAnswer(request, newUnavailable(error, 'the directory of control planes is unavailable', 1));
    }
    try {
      const tenantRequest = changedRequest(request, { path });
      if (entry?.state === 'Active' && (hasCredential(request) || mayAllowAnonymous(entry)))
        return await traffic.run(entry, tenantRequest, (metered) => runtime.serve(entry, metered));
      return await traffic.run(absentTenants.placeholder, tenantRequest, (metered) =>
        absentTenants.serve(name, entry, metered),
      );
    } catch (error) {
      logger.error(`control plane ${name} can't be loaded`, error);
      const unavailable = newUnavailable(error, `control plane ${name} is unavailable`, 1);
      return earlyAnswer(request, unavailable, name);
    }
  };
}

/** Undefined: the management plane. A tenant's host name does not serve `/tenants/` of others. */
function addressOf({ host = '', path }: ApiRequest, domain: string | undefined): Address | undefined {
  const hostName = host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  if (domain !== undefined && hostName.endsWith(`.${domain}`)) {
    const name = hostName.slice(0, -domain.length - 1);
    // On its own host name, too, the management plane serves tenants below `/tenants/`.
    if (name !== MANAGEMENT_PLANE) return { name, path, isByPath: false };
  }
  if (!path.startsWith(PREFIX)) return undefined;
  const end = path.indexOf('/', PREFIX.length);
  const isByPath = true;
  if (end < 0) return { name: path.slice(PREFIX.length), path: '/', isByPath };
  return { name: path.slice(PREFIX.length, end), path: path.slice(end), isByPath };
}
