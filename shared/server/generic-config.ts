/** Configuration common to all servers of a chain (upstream's `buildGenericConfig`). */

import type { AdmissionChain } from '../admission/admission.ts';
import type { HostAdmissionPlugins } from '../admission/options.ts';
import type { RequestAuthenticator } from '../authn/authenticator.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { NewKeyService } from '../storage/encryption/encryption.ts';
import type { StorageFactory } from '../storage/storage.ts';
import type { TableUsageCounter } from '../storage/table-usage.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import type { Logger } from '../util/logger.ts';
import type { ReadFile } from '../util/read-file.ts';
import type { SharedBytes } from '../util/shared-bytes.ts';
import { type Apis, buildApis } from './apis.ts';
import type { HostKeys } from './host-keys.ts';
import { buildIdentity, type Identity } from './identity.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { optionWarnings, validateOptions } from './options/validate-options.ts';
import { buildRuntime, type Runtime } from './runtime.ts';
import type { TracingConfiguration } from './tracing/tracing-configuration.ts';

/** Dependencies provided by the host. */
export interface ServerDependencies {
  readonly storageFactory: StorageFactory;
  readonly logger: Logger;
  /** Counts DynamoDB calls, for `/metrics` and for log lines of storage calls. */
  readonly tableUsage?: TableUsageCounter | undefined;
  /**
   * Whether `tableUsage` also counts other control planes, which are in this process too: neither that nor the process's
   * metrics are exposed to users then.
   */
  readonly sharesTable?: boolean | undefined;
  /** If absent, built from the options. */
  readonly authenticator?: RequestAuthenticator | undefined;
  readonly authorizer?: Authorizer | undefined;
  readonly admission?: AdmissionChain | undefined;
  /**
   * Run in addition to the built-in plugins, after those that set defaults; enabled unless
   * `--disable-admission-plugins` names them.
   */
  readonly admissionPlugins?: HostAdmissionPlugins | undefined;
  /** Reads the files named by options and by other files. If absent, those on this machine. */
  readonly readFile?: ReadFile | undefined;
  /** If absent, only keys from options are used. */
  readonly keys?: HostKeys | undefined;
  /** If absent, AWS KMS. */
  readonly newKeyService?: NewKeyService | undefined;
  /** Restricts the addresses of webhooks, APIServices and OpenID issuers. If absent, all are allowed. */
  readonly addresses?: AddressGuard | undefined;
  /** Replaces the tracing file that options name. */
  readonly tracingConfiguration?: TracingConfiguration | undefined;
  /** Attributes of all spans that identify their source. */
  readonly traceResource?: Readonly<Record<string, string>> | undefined;
  /** Bounds the memory of waiting audit events of all control planes in the process; absent: there are no others. */
  readonly auditMemory?: SharedBytes | undefined;
  /** Annotations of all audit events that identify their source. */
  readonly auditAnnotations?: Readonly<Record<string, string>> | undefined;
  /** Whether the host may freeze the process as soon as an answer has ended. */
  readonly frozenBetweenRequests?: boolean | undefined;
}

export interface GenericConfig {
  readonly runtime: Runtime;
  readonly identity: Identity;
  readonly apis: Apis;
}

/** Rejects with an Error that lists all invalid options, or names a file that can't be used. */
export async function buildGenericConfig(
  options: CompletedOptions,
  dependencies: ServerDependencies,
): Promise<GenericConfig> {
  const errors = validateOptions(options);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  for (const warning of optionWarnings(options)) dependencies.logger.warning(warning);
  const runtime = await buildRuntime(options, dependencies);
  const identity = await buildIdentity(runtime, dependencies);
  const apis = await buildApis(runtime, identity, dependencies);
  return { runtime, identity, apis };
}
