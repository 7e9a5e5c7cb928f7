/** What is served, in which forms, and what changes or refuses it on its way in. */

import type { AdmissionChain } from '../admission/admission.ts';
import { gatedDefaulter } from '../apis/gated-defaults.ts';
import {
  applyRuntimeConfig,
  defaultResourceConfig,
  emulatedResourceConfig,
  type ResourceConfig,
} from '../apis/resource-config.ts';
import type { ResourceTable } from '../apis/resource-table.ts';
import type { ObjectDefaulter } from '../runtime/defaulting.ts';
import type { Scheme } from '../runtime/scheme.ts';
import { CodecFactory } from '../runtime/serializer/codec-factory.ts';
import { schemeKinds } from '../runtime/serializer/scheme-kinds.ts';
import type { MediaType } from '../runtime/serializer/serializer.ts';
import { buildAdmission } from './admission.ts';
import { builtinScheme } from './builtin-scheme.ts';
import type { Emulation } from './emulation/emulation.ts';
import type { ServerDependencies } from './generic-config.ts';
import type { Identity } from './identity.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { featureEnabled, knownFeatures } from './options/feature-gates.ts';
import type { Runtime } from './runtime.ts';

export interface Apis {
  readonly scheme: Scheme;
  readonly defaulter: ObjectDefaulter;
  readonly codecs: CodecFactory;
  /** Which groups, versions and resources are on. */
  readonly resourceConfig: ResourceConfig;
  readonly admission: AdmissionChain;
  /** Of the release that clients are shown, where it isn't the one that is served. */
  readonly emulated?: EmulatedApis | undefined;
}

interface EmulatedApis {
  /** All of the minor's, and what flags add of later ones. */
  readonly resources: ResourceTable;
  readonly codecs: CodecFactory;
  readonly resourceConfig: ResourceConfig;
}

/** Rejects with Error for admission plugins nobody knows and configurations that can't be used. */
export async function buildApis(
  runtime: Runtime,
  { authorizer }: Identity,
  dependencies: ServerDependencies,
): Promise<Apis> {
  const { options, metrics } = runtime;
  const { scheme, defaulter: ungated } = builtinScheme();
  const defaulter = gatedDefaulter(ungated, knownFeatures(options));
  const resourceConfig = defaultResourceConfig();
  applyRuntimeConfig(resourceConfig, options.runtimeConfig, scheme);
  const { emulation } = options;
  const hostPlugins = dependencies.admissionPlugins ?? {};
  const parts = { ...runtime, metrics: metrics.admission, scheme, defaulter, authorizer, hostPlugins };
  return {
    scheme,
    defaulter,
    codecs: new CodecFactory(schemeKinds(scheme), mediaTypes(options)),
    resourceConfig,
    admission: dependencies.admission ?? (await buildAdmission(options, parts)),
    ...(emulation && { emulated: await emulatedApis(options, emulation) }),
  };
}

async function emulatedApis(
  options: CompletedOptions,
  { resources, scheme }: Emulation,
): Promise<EmulatedApis> {
  const resourceConfig = emulatedResourceConfig(resources);
  applyRuntimeConfig(resourceConfig, options.runtimeConfig, scheme);
  const { withLaterResources } = await import('./later-resources.ts');
  return {
    codecs: new CodecFactory(schemeKinds(scheme), mediaTypes(options)),
    resourceConfig,
    resources: withLaterResources(options, resources, resourceConfig),
  };
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
