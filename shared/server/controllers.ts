/** All controllers of a control plane. Loaded only by hosts that run them. */

import type { RemoteServers } from '../aggregator/remote-servers.ts';
import type { DefinitionReconciler } from '../apiextensions/controller/definition-reconciler.ts';
import { customResourcePrefix } from '../apiextensions/registry/customresource/open-custom-resources.ts';
import { DEFINITIONS } from '../apiextensions/registry/customresourcedefinition/rest-storage.ts';
import type { CustomResourceDiscovery } from '../apiextensions/serving/discovery.ts';
import { validateEndpointIP } from '../apis/core/validation/endpoints.ts';
import { LEGACY_ISSUER } from '../authn/serviceaccount/claims.ts';
import { ServiceAccountTokenGenerator } from '../authn/serviceaccount/token-generator.ts';
import { AvailableConditionController } from '../controllers/apiservice/available-controller.ts';
import {
  type ClusterAuthenticationInfo,
  ClusterAuthenticationTrustController,
} from '../controllers/authentication/cluster-authentication-trust-controller.ts';
import { LegacyTokenTrackingController } from '../controllers/authentication/legacy-token-tracking-controller.ts';
import { builtInControllers } from '../controllers/built-in-controllers.ts';
import { CSRSigningController } from '../controllers/certificates/csr-controllers.ts';
import {
  type CertificateAuthority,
  certificateAuthority,
} from '../controllers/certificates/sign-certificate.ts';
import type { Controller } from '../controllers/controller.ts';
import { DefinitionController } from '../controllers/custom-resource-definition/definition-controller.ts';
import { RegistrationController } from '../controllers/custom-resource-definition/registration-controller.ts';
import { DiscoveryCatalog } from '../controllers/discovery-catalog.ts';
import { FlowSchemaStatusController } from '../controllers/flowcontrol/flow-schema-status-controller.ts';
import { OWNERS, SCANS } from '../controllers/garbage-collector/garbage-collector.ts';
import { IndexController } from '../controllers/index-controller.ts';
import {
  KubernetesEndpointsController,
  LEASE_MS,
} from '../controllers/kubernetes-service/endpoints-controller.ts';
import { DefaultServiceCIDRController } from '../controllers/networking/default-service-cidr-controller.ts';
import type { ResourceCatalog } from '../controllers/resource-catalog.ts';
import { RootCAPublisher } from '../controllers/service-account/root-ca-publisher.ts';
import { TokensController } from '../controllers/service-account/tokens-controller.ts';
import { ValidatingAdmissionPolicyStatusController } from '../controllers/validating-admission-policy/policy-status-controller.ts';
import type { DiscoverySource } from '../endpoints/discovery/discovery-source.ts';
import { FieldPath } from '../meta/field-path.ts';
import { EVENTS } from '../registry/core/event/rest-storage.ts';
import { resourcePrefix } from '../registry/generic/store.ts';
import { type Heartbeat, Presence } from '../storage/presence.ts';
import { recordConfig } from '../storage/record-config.ts';
import { systemClock } from '../util/clock.ts';
import { schemaSource } from './admission.ts';
import type { Apis } from './apis.ts';
import type { GenericConfig } from './generic-config.ts';
import type { Identity } from './identity.ts';
import { knownFeatures } from './options/feature-gates.ts';
import { readOptionFile } from './options/option-files.ts';
import { requestheaderUIDHeaders } from './options/request-header.ts';
import type { Runtime } from './runtime.ts';
import { serviceRanges } from './service-ranges.ts';

/** Outside of `/registry`, because it isn't an API resource. */
const SERVERS = recordConfig<Heartbeat>('/zeroplane/servers');
const BINDINGS = { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' };

/** The parts of a server that controllers need. */
export interface ControlledServers {
  readonly config: GenericConfig;
  readonly discovery: DiscoverySource;
  readonly remotes: RemoteServers;
  /** Discovery of the remote servers. */
  readonly remoteDiscovery: DiscoverySource;
  readonly definitions: DefinitionReconciler;
  /** Discovery of custom resources. */
  readonly custom: CustomResourceDiscovery;
  /** Discovery of built-in resources. */
  readonly builtIn: DiscoverySource;
}

export interface ServerControllers {
  /** The controllers of kube-controller-manager, omitted if one runs elsewhere. */
  readonly controllerManagers: readonly Controller[];
  /** The controllers that kube-apiserver itself runs, which maintain the server's own objects. */
  readonly own: readonly Controller[];
  readonly catalog: ResourceCatalog;
}

/** Creates controllers, which start without state. Throws Error for files that can't be read or are invalid. */
export function newControllers(servers: ControlledServers): ServerControllers {
  const { runtime, identity, apis } = servers.config;
  const { discovery, builtIn, custom, remoteDiscovery } = servers;
  const { options, resources, storageFactory } = runtime;
  const catalog = new DiscoveryCatalog({
    all: discovery,
    builtIn,
    remote: remoteDiscovery,
    custom: (name) => custom.ofDefinition(name),
    written: () => storageFactory.written(),
    prefixesOf: (resource) => [
      resourcePrefix(resource.resource === EVENTS.resource ? EVENTS : resource),
      customResourcePrefix(resource),
    ],
    newestRevision: (prefix) => storageFactory.newestRevision(prefix),
  });
  return {
    catalog,
    controllerManagers: [
      ...builtInControllers({
        resources,
        catalog,
        owners: storageFactory.pairs(OWNERS),
        scans: storageFactory.pairs(SCANS),
        featureEnabled: knownFeatures(options),
      }),
      ...keyedControllers(runtime, identity),
      policyStatusController(runtime, apis),
    ],
    own: [
      ...authenticationControllers(runtime),
      ...endpointsControllers(runtime),
      new AvailableConditionController(resources, {
        remotes: servers.remotes,
        configured: options.serviceEndpoints,
        metrics: runtime.metrics.availability,
      }),
      new DefaultServiceCIDRController(resources, serviceRanges(options)),
      new FlowSchemaStatusController(resources),
      new DefinitionController(servers.definitions),
      new RegistrationController(resources, custom),
      new IndexController('subject-index-controller', resources, BINDINGS),
      new IndexController('definition-index-controller', resources, DEFINITIONS),
    ],
  };
}

function keyedControllers(runtime: Runtime, { signingKey }: Identity): Controller[] {
  const { options, resources } = runtime;
  const rootCA = rootCAOf(runtime);
  const authority = clusterSigning(runtime);
  const maxDurationMs = options.clusterSigningDurationSeconds * 1000;
  const controllers: (Controller | undefined)[] = [
    rootCA && new RootCAPublisher(resources, rootCA),
    signingKey &&
      new TokensController(resources, {
        generator: new ServiceAccountTokenGenerator(LEGACY_ISSUER, signingKey),
        rootCA,
      }),
    authority && new CSRSigningController(resources, { authority, maxDurationMs }),
  ];
  return controllers.filter((controller) => controller !== undefined);
}

/** Publishes the authentication configuration, as kube-apiserver does. */
function authenticationControllers(runtime: Runtime): Controller[] {
  return [
    new ClusterAuthenticationTrustController(runtime.resources, authenticationInfo(runtime)),
    new LegacyTokenTrackingController(runtime.resources),
  ];
}

/** Publishes the endpoints of servers that have a reachable address. */
function endpointsControllers({ options, resources, storageFactory }: Runtime): Controller[] {
  const { advertiseAddress: address, advertisePort: port, endpointReconcilerType } = options;
  const isTold =
    endpointReconcilerType !== 'none' &&
    validateEndpointIP(address, FieldPath.of('advertise-address')).length === 0;
  if (!isTold) return [];
  const servers = new Presence(storageFactory.storageFor(SERVERS), systemClock, LEASE_MS);
  return [new KubernetesEndpointsController(resources, { address, port, servers })];
}

/** Type-checks policies against all served kinds. */
function policyStatusController({ resources, directory }: Runtime, { scheme }: Apis): Controller {
  return new ValidatingAdmissionPolicyStatusController(resources, {
    schemaOf: schemaSource({ scheme, directory }),
    async kindOf({ group, version, resource }) {
      const found = (await directory.servers.discovery.groups()).find(({ name }) => name === group);
      const versions = found?.versions.find((candidate) => candidate.version === version);
      return versions?.resources.find((candidate) => candidate.resource === resource)?.responseKind;
    },
  });
}

function authenticationInfo({ options, readFile, keys }: Runtime): ClusterAuthenticationInfo {
  const bundle = readOptionFile('client-ca-file', options.clientCAFile, readFile);
  const path = options.requestheaderClientCAFile;
  const frontProxyCA = readOptionFile('requestheader-client-ca-file', path, readFile);
  return {
    clientCA: bundle === undefined ? keys?.clientCA : async () => bundle,
    requestHeader: {
      clientCA: async () => frontProxyCA ?? keys?.frontProxyCA(),
      allowedNames: options.requestheaderAllowedNames,
      usernameHeaders: options.requestheaderUsernameHeaders,
      uidHeaders: requestheaderUIDHeaders(options),
      groupHeaders: options.requestheaderGroupHeaders,
      extraHeaderPrefixes: options.requestheaderExtraHeadersPrefix,
    },
  };
}

function rootCAOf({ options, readFile, keys }: Runtime): (() => string) | undefined {
  const bundle = readOptionFile('root-ca-file', options.rootCAFile, readFile);
  return bundle === undefined ? keys?.rootCA : () => bundle;
}

/** Checks files immediately; reads the host's key when the first certificate is signed. */
function clusterSigning({
  options,
  readFile,
  keys,
}: Runtime): (() => Promise<CertificateAuthority>) | undefined {
  const { clusterSigningCertFile, clusterSigningKeyFile } = options;
  const certificate = readOptionFile('cluster-signing-cert-file', clusterSigningCertFile, readFile);
  const key = readOptionFile('cluster-signing-key-file', clusterSigningKeyFile, readFile);
  if (certificate !== undefined && key !== undefined) {
    const authority = certificateAuthority(certificate, key);
    return async () => authority;
  }
  if (keys === undefined) return undefined;
  return async () => {
    const pair = await keys.clusterSigning();
    return certificateAuthority(pair.certificate, pair.key);
  };
}
