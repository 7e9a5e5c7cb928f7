/** What all servers of a chain share (upstream's `buildGenericConfig`). */

import type { AdmissionChain } from '../admission/admission.ts';
import type { GetProxyClientCertificate } from '../aggregator/remote-server.ts';
import { builtinDefaultTables } from '../apis/default-tables.ts';
import { installAll } from '../apis/install.ts';
import { applyRuntimeConfig, defaultResourceConfig, type ResourceConfig } from '../apis/resource-config.ts';
import { builtinTypeTables } from '../apis/type-tables.ts';
import type { RequestAuthenticator, TokenAuthenticator } from '../authn/authenticator.ts';
import { newAuthenticators } from '../authn/authenticator-config.ts';
import type { RequestHeaderNames } from '../authn/request/request-header-authenticator.ts';
import { type GetSigningKey, parseSigningKey } from '../authn/serviceaccount/keys.ts';
import type { OpenIDMetadata } from '../authn/serviceaccount/openid-metadata.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import type { Authorizer, RuleResolver } from '../authz/authorizer.ts';
import type { AuditConfig } from '../endpoints/filters/audit.ts';
import type { LogError } from '../endpoints/filters/panic-recovery.ts';
import { WatchTermination } from '../endpoints/filters/watch-termination.ts';
import { ChainLoopbackClient } from '../endpoints/routing/chain-loopback-client.ts';
import { StorageResourceAccess } from '../registry/generic/storage-resource-access.ts';
import { type ResolveService, serviceResolver } from '../rest/service-resolver.ts';
import { Defaulter } from '../runtime/defaulting.ts';
import { Scheme } from '../runtime/scheme.ts';
import { CodecFactory } from '../runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../runtime/serializer/scheme-kinds.ts';
import type { MediaType } from '../runtime/serializer/serializer.ts';
import type { NewKeyService } from '../storage/encryption/encryption.ts';
import type { StorageFactory } from '../storage/storage.ts';
import { type AddressGuard, ANY_ADDRESS } from '../util/address-guard.ts';
import { type ReadFile, readLocalFile } from '../util/read-file.ts';
import { buildAdmission, type HostAdmissionPlugins } from './admission.ts';
import { buildAudit } from './audit.ts';
import { authenticatorConfig, serverOpenIDMetadata } from './authentication.ts';
import { authorizationModes, buildAuthorizers } from './authorization.ts';
import type { CompletedOptions } from './completed-options.ts';
import { type ConfigFiles, checkConfigFiles, type FileParts, loadedModule } from './config-files.ts';
import type { Encryption } from './encryption.ts';
import { featureEnabled } from './feature-gates.ts';
import type { HostKeys } from './host-keys.ts';
import { readOptionFile } from './option-files.ts';
import { OwnServers } from './own-servers.ts';
import { type ServerMetrics, serverMetrics } from './server-metrics.ts';
import { optionWarnings, validateOptions } from './validate-options.ts';

/** What the host gives. */
export interface ServerDependencies {
  readonly storageFactory: StorageFactory;
  readonly logError: LogError;
  /** Told of what will not work for ever. */
  readonly logWarning?: ((text: string) => void) | undefined;
  /** Absent: made from the options. */
  readonly authenticator?: RequestAuthenticator | undefined;
  readonly authorizer?: Authorizer | undefined;
  readonly admission?: AdmissionChain | undefined;
  /** Run beside the built-in ones, after those that default; on unless `--disable-admission-plugins` names them. */
  readonly admissionPlugins?: HostAdmissionPlugins | undefined;
  /** Parsed configuration files; needed when options name some (`loadConfigFiles`). */
  readonly files?: ConfigFiles | undefined;
  /** Reads the files that options and other files name. Absent: those of this machine. */
  readonly readFile?: ReadFile | undefined;
  /** Absent: only what options name. */
  readonly keys?: HostKeys | undefined;
  /** Absent: AWS KMS. */
  readonly newKeyService?: NewKeyService | undefined;
  /** Whom webhooks, APIServices and OpenID issuers may make the host call. Absent: any address. */
  readonly addresses?: AddressGuard | undefined;
  /** The host may be frozen as soon as an answer has ended. */
  readonly frozenBetweenRequests?: boolean | undefined;
}

export interface GenericConfig {
  readonly options: CompletedOptions;
  readonly storageFactory: StorageFactory;
  readonly logError: LogError;
  readonly readFile: ReadFile;
  readonly keys: HostKeys | undefined;
  readonly scheme: Scheme;
  readonly defaulter: Defaulter;
  readonly codecs: CodecFactory;
  readonly resourceConfig: ResourceConfig;
  /** The servers' own way to the API; works once the servers are there. */
  readonly resources: StorageResourceAccess;
  readonly own: OwnServers;
  readonly authenticator: RequestAuthenticator;
  readonly tokenAuthenticator: TokenAuthenticator | undefined;
  /** Signs service accounts' tokens. */
  readonly signingKey: GetSigningKey | undefined;
  readonly tokenGenerator: ServiceAccountTokenGenerator | undefined;
  /** In which front proxies say who the user is. */
  readonly requestHeaders: RequestHeaderNames | undefined;
  /** Undefined without keys, and for issuers that OpenID doesn't allow. */
  readonly openIDMetadata: OpenIDMetadata | undefined;
  readonly authorizer: Authorizer;
  readonly authorizationModes: readonly string[];
  readonly ruleResolver: RuleResolver | undefined;
  readonly encryption: Encryption;
  readonly admission: AdmissionChain;
  readonly audit: AuditConfig | undefined;
  readonly metrics: ServerMetrics;
  readonly watchTermination: WatchTermination;
  /** Where Services answer that webhooks and APIServices name. */
  readonly resolveService: ResolveService;
  /** Which addresses objects and flags may make this server call. */
  readonly addresses: AddressGuard;
  /** By which remote API servers know this one. */
  readonly proxyClient: GetProxyClientCertificate | undefined;
}

/** A scheme with every built-in kind. */
export function newScheme(): Scheme {
  const scheme = new Scheme(builtinTypeTables());
  installAll(scheme);
  return scheme;
}

/** Read by every server of a process, changed by none: a fleet's tenants share it. */
let builtin: { readonly scheme: Scheme; readonly defaulter: Defaulter } | undefined;

/** The built-in kinds and their defaults. */
export function builtinScheme(): NonNullable<typeof builtin> {
  if (builtin === undefined) {
    const scheme = newScheme();
    builtin = { scheme, defaulter: new Defaulter(scheme, builtinDefaultTables()) };
  }
  return builtin;
}

/** CBOR is alpha: upstream's gate turns it on. */
function mediaTypes(options: CompletedOptions): readonly MediaType[] {
  return [
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    ...(featureEnabled(options, 'CBORServingAndStorage') ? (['application/cbor'] as const) : []),
  ];
}

/** Throws Error naming everything that is wrong with the options. */
export function buildGenericConfig(
  options: CompletedOptions,
  dependencies: ServerDependencies,
): GenericConfig {
  const { logError, files = {}, readFile = readLocalFile } = dependencies;
  const metrics = serverMetrics(options, dependencies.storageFactory);
  const { storageFactory } = metrics;
  const { keys, frozenBetweenRequests = false, addresses = ANY_ADDRESS } = dependencies;
  const { scheme, defaulter } = builtinScheme();
  const errors = validateOptions(options, scheme);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  if (dependencies.logWarning) optionWarnings(options).forEach(dependencies.logWarning);
  checkConfigFiles(options, files);
  const resourceConfig = defaultResourceConfig();
  applyRuntimeConfig(resourceConfig, options.runtimeConfig, scheme);
  const own = new OwnServers();
  const client = new ChainLoopbackClient((context) => own.handler(context));
  const resources = new StorageResourceAccess(client);
  const fileParts = { files, readFile, logError };
  const authentication = authenticatorConfig(options, { ...fileParts, keys, client, addresses });
  const signingKey = serviceAccountSigningKey(options, readFile) ?? keys?.serviceAccounts.signingKey;
  const authenticators = newAuthenticators(authentication);
  const authorizers = buildAuthorizers(options, fileParts, resources);
  const authorizer = dependencies.authorizer ?? authorizers.authorizer;
  const resolveService = serviceResolver(resources, options.serviceEndpoints);
  const hostPlugins = dependencies.admissionPlugins ?? {};
  const parts = {
    scheme,
    metrics: metrics.admission,
    resources,
    authorizer,
    resolveService,
    addresses,
    files,
    readFile,
    own,
    hostPlugins,
  };
  return {
    options,
    storageFactory,
    logError,
    readFile,
    keys,
    scheme,
    defaulter,
    codecs: new CodecFactory(schemeKinds(scheme), mediaTypes(options)),
    resourceConfig,
    resources,
    own,
    authenticator: dependencies.authenticator ?? authenticators.request,
    tokenAuthenticator: authenticators.token,
    signingKey,
    tokenGenerator:
      signingKey && new ServiceAccountTokenGenerator(options.serviceAccountIssuer[0]!, signingKey),
    requestHeaders: authentication.requestHeader,
    openIDMetadata: serverOpenIDMetadata(options, authentication, signingKey),
    authorizer,
    authorizationModes: authorizationModes(options, files),
    ruleResolver: authorizers.ruleResolver,
    encryption: encryptionOf(options, fileParts, dependencies),
    admission: dependencies.admission ?? buildAdmission(options, parts),
    metrics,
    watchTermination: new WatchTermination(),
    resolveService,
    addresses,
    proxyClient: proxyClient(options, readFile) ?? keys?.proxyClient,
    audit: buildAudit(options, files, { logError, flushEachRequest: frozenBetweenRequests }),
  };
}

const NO_ENCRYPTION: Encryption = { transformerFor: () => undefined, healthChecks: [] };

function encryptionOf(
  options: CompletedOptions,
  parts: FileParts,
  { newKeyService }: ServerDependencies,
): Encryption {
  if (options.encryptionProviderConfig === '') return NO_ENCRYPTION;
  return loadedModule(parts.files, 'encryption').buildEncryption(options, parts, newKeyService);
}

function serviceAccountSigningKey(
  { serviceAccountSigningKeyFile: path }: CompletedOptions,
  readFile: ReadFile,
): GetSigningKey | undefined {
  const pem = readOptionFile('service-account-signing-key-file', path, readFile);
  if (pem === undefined) return undefined;
  const key = parseSigningKey(pem);
  return async () => key;
}

function proxyClient({ proxyClientCertFile, proxyClientKeyFile }: CompletedOptions, readFile: ReadFile) {
  const certificate = readOptionFile('proxy-client-cert-file', proxyClientCertFile, readFile);
  const key = readOptionFile('proxy-client-key-file', proxyClientKeyFile, readFile);
  return certificate === undefined || key === undefined ? undefined : async () => ({ certificate, key });
}
