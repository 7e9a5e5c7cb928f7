/** What all servers of a chain share (upstream's `buildGenericConfig`). */

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
import { type Apis, buildApis } from './apis.ts';
import type { HostKeys } from './host-keys.ts';
import { buildIdentity, type Identity } from './identity.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { optionWarnings, validateOptions } from './options/validate-options.ts';
import { buildRuntime, type Runtime } from './runtime.ts';
import type { TracingConfiguration } from './tracing/tracing-configuration.ts';

/** What the host gives. */
export interface ServerDependencies {
  readonly storageFactory: StorageFactory;
  readonly logger: Logger;
  /** Counts what the store's table is asked, for `/metrics` and the log's lines of storage calls. */
  readonly tableUsage?: TableUsageCounter | undefined;
  /** Other control planes' calls are counted there too: its users are not told. */
  readonly sharesTable?: boolean | undefined;
  /** Absent: made from the options. */
  readonly authenticator?: RequestAuthenticator | undefined;
  readonly authorizer?: Authorizer | undefined;
  readonly admission?: AdmissionChain | undefined;
  /** Run beside the built-in ones, after those that default; on unless `--disable-admission-plugins` names them. */
  readonly admissionPlugins?: HostAdmissionPlugins | undefined;
  /** Reads the files that options and other files name. Absent: those of this machine. */
  readonly readFile?: ReadFile | undefined;
  /** Absent: only what options name. */
  readonly keys?: HostKeys | undefined;
  /** Absent: AWS KMS. */
  readonly newKeyService?: NewKeyService | undefined;
  /** Whom webhooks, APIServices and OpenID issuers may make the host call. Absent: any address. */
  readonly addresses?: AddressGuard | undefined;
  /** In place of the file that options name: whether and where requests are traced. */
  readonly tracingConfiguration?: TracingConfiguration | undefined;
  /** Of all spans, where requests are traced: whose they are. */
  readonly traceResource?: Readonly<Record<string, string>> | undefined;
  /** The host may be frozen as soon as an answer has ended. */
  readonly frozenBetweenRequests?: boolean | undefined;
}

export interface GenericConfig {
  readonly runtime: Runtime;
  readonly identity: Identity;
  readonly apis: Apis;
}

/** Rejects with an Error that names everything that is wrong with the options, or a file that can't be used. */
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
