/** What all servers of a chain share (upstream's `buildGenericConfig`). */

import type { AdmissionChain } from '../admission/admission.ts';
import { builtinDefaultTables } from '../apis/default-tables.ts';
import { installAll } from '../apis/install.ts';
import { applyRuntimeConfig, defaultResourceConfig, type ResourceConfig } from '../apis/resource-config.ts';
import { builtinTypeTables } from '../apis/type-tables.ts';
import type { RequestAuthenticator } from '../authn/authenticator.ts';
import { AnonymousAuthenticator } from '../authn/request/anonymous-authenticator.ts';
import { AlwaysAllowAuthorizer } from '../authz/always-allow-authorizer.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { NO_ADMISSION } from '../endpoints/admission-attributes.ts';
import type { LogError } from '../endpoints/filters/panic-recovery.ts';
import type { Filter } from '../endpoints/handler.ts';
import { Defaulter } from '../runtime/defaulting.ts';
import { Scheme } from '../runtime/scheme.ts';
import { CodecFactory } from '../runtime/serializer/codec-factory.ts';
import type { MediaType } from '../runtime/serializer/serializer.ts';
import type { StorageFactory } from '../storage/storage.ts';
import type { CompletedOptions } from './completed-options.ts';
import { validateOptions } from './validate-options.ts';

/** What the host gives. */
export interface ServerDependencies {
  readonly storageFactory: StorageFactory;
  readonly logError: LogError;
  /** Absent: made from the options. */
  readonly authenticator?: RequestAuthenticator | undefined;
  readonly authorizer?: Authorizer | undefined;
  readonly admission?: AdmissionChain | undefined;
  readonly auditFilter?: Filter | undefined;
}

export interface GenericConfig extends ServerDependencies {
  readonly options: CompletedOptions;
  readonly scheme: Scheme;
  readonly defaulter: Defaulter;
  readonly codecs: CodecFactory;
  readonly resourceConfig: ResourceConfig;
  readonly authenticator: RequestAuthenticator;
  readonly authorizer: Authorizer;
  readonly admission: AdmissionChain;
}

/** A scheme with every built-in kind. */
export function newScheme(): Scheme {
  const scheme = new Scheme(builtinTypeTables());
  installAll(scheme);
  return scheme;
}

const MEDIA_TYPES: readonly MediaType[] = ['application/json', 'application/yaml'];

/** Throws Error naming everything that is wrong with the options. */
export function buildGenericConfig(
  options: CompletedOptions,
  dependencies: ServerDependencies,
): GenericConfig {
  const scheme = newScheme();
  const errors = validateOptions(options, scheme);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  const resourceConfig = defaultResourceConfig();
  applyRuntimeConfig(resourceConfig, options.runtimeConfig, scheme);
  return {
    ...dependencies,
    options,
    scheme,
    defaulter: new Defaulter(scheme, builtinDefaultTables()),
    codecs: new CodecFactory((gvk) => scheme.schema(gvk), MEDIA_TYPES),
    resourceConfig,
    authenticator: dependencies.authenticator ?? new AnonymousAuthenticator([]),
    authorizer: dependencies.authorizer ?? new AlwaysAllowAuthorizer(),
    admission: dependencies.admission ?? NO_ADMISSION,
  };
}
