/** The served API: resources, encodings and admission. */

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
  /** The enabled groups, versions and resources. */
  readonly resourceConfig: ResourceConfig;
  readonly admission: AdmissionChain;
  /** The APIs of the emulated release; absent without emulation. */
  readonly emulated?: EmulatedApis | undefined;
}

interface EmulatedApis {
  /** All resources of the minor release, and those of later ones that flags enable. */
  readonly resources: ResourceTable;
  readonly codecs: CodecFactory;
  readonly resourceConfig: ResourceConfig;
}

/** Rejects with Error for unknown admission plugins and invalid configurations. */
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

/** CBOR is alpha and enabled by upstream's feature gate. */
function mediaTypes(options: CompletedOptions): readonly MediaType[] {
  return [
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    ...(featureEnabled(options, 'CBORServingAndStorage') ? (['application/cbor'] as const) : []),
  ];
}
