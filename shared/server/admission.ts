/**
 * Builds the admission chain from options
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/server/options/admission.go).
 */

import type {
  AdmissionChain,
  AdmissionDependencies,
  AuthorizationQuestion,
  ResourceMapping,
} from '../admission/admission.ts';
import type { AdmissionMetrics } from '../admission/admission-metrics.ts';
import {
  enabledPlugins,
  type HostAdmissionPlugins,
  newAdmissionChain,
  validateAdmissionOptions,
} from '../admission/options.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import { authorizerAttributes } from '../authz/authorizer-attributes.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import type { ReloadMetrics } from '../metrics/reload-metrics.ts';
import type { ResourceAccess } from '../rest/resource-access.ts';
import type { ResolveService } from '../rest/service-resolver.ts';
import type { ObjectDefaulter } from '../runtime/defaulting.ts';
import type { GroupKind } from '../runtime/group-version.ts';
import type { Scheme } from '../runtime/scheme.ts';
import type { AddressGuard } from '../util/address-guard.ts';
import { type Logger, VERBOSITY } from '../util/logger.ts';
import type { ReadFile } from '../util/read-file.ts';
import type { ReadFolder } from '../util/read-folder.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import type { ConfigFiles } from './options/config-files.ts';
import { knownFeatures } from './options/feature-gates.ts';
import type { ServerDirectory } from './server-directory.ts';

export interface AdmissionParts {
  readonly scheme: Scheme;
  readonly metrics: AdmissionMetrics;
  readonly reloads: ReloadMetrics;
  readonly resources: ResourceAccess;
  readonly authorizer: Authorizer;
  readonly resolveService: ResolveService;
  readonly addresses: AddressGuard;
  readonly readFile: ReadFile;
  readonly files: ConfigFiles;
  /** If absent, the host has no folders. */
  readonly readFolder: ReadFolder | undefined;
  readonly defaulter: ObjectDefaulter;
  /** The servers of this process, looked up when a plugin needs them. */
  readonly directory: ServerDirectory;
  readonly logger: Logger;
  /** The host's own plugins by name, in the order in which they run. */
  readonly hostPlugins: HostAdmissionPlugins;
}

/** Rejects with Error for unknown plugins and invalid configurations. */
export async function buildAdmission(
  options: CompletedOptions,
  parts: AdmissionParts,
): Promise<AdmissionChain> {
  const given = {
    onlyPlugins: options.admissionControl,
    enablePlugins: options.enableAdmissionPlugins,
    disablePlugins: options.disableAdmissionPlugins,
    hostPlugins: parts.hostPlugins,
    defaultPlugins: options.emulation?.plugins,
  };
  const errors = validateAdmissionOptions(given);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  parts.logger.info(VERBOSITY.start, 'admission plugins', {
    names: enabledPlugins(given)
      .map(({ name }) => name)
      .join(','),
  });
  const dependencies = await admissionDependencies(options, parts);
  const chain = await newAdmissionChain(
    given,
    parts.files.admissionControlConfigFile ?? new Map(),
    dependencies,
  );
  await chain.open?.();
  return chain;
}

async function admissionDependencies(
  options: CompletedOptions,
  parts: AdmissionParts,
): Promise<Omit<AdmissionDependencies, 'configuration'>> {
  const { scheme, metrics, resources, authorizer, resolveService, addresses, readFile, directory, logger } =
    parts;
  return {
    scheme,
    metrics,
    resources,
    resolveService,
    addresses,
    logger,
    readFile,
    parseYAML: await yamlParser(options),
    openManifests: await manifestsOpener(options, parts),
    resourceFor: (kind) => findResource(directory.servers.discovery, kind),
    tolerationSeconds: {
      notReady: options.defaultNotReadyTolerationSeconds,
      unreachable: options.defaultUnreachableTolerationSeconds,
    },
    schemaOf: schemaSource({ scheme, directory }),
    featureEnabled: knownFeatures(options),
    async authorize(question) {
      const { decision, reason, error } = await authorizer.authorize(attributesOf(question));
      return { allowed: decision === 'Allow', reason, error };
    },
  };
}

/** Returns an opener for manifest folders if the configuration may name some. */
async function manifestsOpener(
  { admissionControlConfigFile }: CompletedOptions,
  { scheme, defaulter, readFolder, logger, reloads }: AdmissionParts,
): Promise<AdmissionDependencies['openManifests']> {
  if (admissionControlConfigFile === '' || readFolder === undefined) return undefined;
  const { manifestOpener } = await import('./admission-manifests.ts');
  return manifestOpener({ scheme, defaulter, readFolder, logger, reloads });
}

/** Loads the YAML parser only if there is a configuration file; nothing else needs it. */
async function yamlParser(options: CompletedOptions): Promise<AdmissionDependencies['parseYAML']> {
  if (options.admissionControlConfigFile !== '') return (await import('../util/parse-yaml.ts')).parseYAML;
  return () => {
    throw new Error('there is no --admission-control-config-file');
  };
}

/** Looks up the schemas of built-in and custom kinds. */
export function schemaSource({
  scheme,
  directory,
}: Pick<AdmissionParts, 'scheme' | 'directory'>): AdmissionDependencies['schemaOf'] {
  return async (kind) => (scheme.recognizes(kind) ? scheme.schema(kind) : directory.servers.customType(kind));
}

async function findResource(
  discovery: DiscoverySource,
  { group, kind, version }: GroupKind & { readonly version?: string },
): Promise<ResourceMapping | undefined> {
  const found = (await discovery.groups()).find(({ name }) => name === group);
  for (const candidate of found?.versions ?? []) {
    if (version !== undefined && candidate.version !== version) continue;
    const resource = candidate.resources.find(({ responseKind }) => responseKind.kind === kind);
    if (resource === undefined) continue;
    return {
      resource: { group, version: candidate.version, resource: resource.resource },
      namespaced: resource.scope === 'Namespaced',
      isRemote: candidate.isRemote,
    };
  }
  return undefined;
}

function attributesOf(question: AuthorizationQuestion) {
  const { user, verb, path = '', namespace = '', name = '' } = question;
  return authorizerAttributes(user, {
    isResourceRequest: question.path === undefined,
    path,
    verb,
    apiPrefix: '',
    apiGroup: question.apiGroup ?? '',
    apiVersion: question.apiVersion ?? '',
    namespace,
    isInNamespace: namespace !== '',
    resource: question.resource ?? '',
    subresource: question.subresource ?? '',
    name,
    parts: [],
    fieldSelector: question.fieldSelector ?? '',
    labelSelector: question.labelSelector ?? '',
  });
}
