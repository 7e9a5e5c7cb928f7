/**
 * https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/registry/customresourcedefinition/strategy.go.
 * Unlike upstream, the status is reconciled as part of the write, so that the resources are served as soon as the write
 * is answered, with or without a controller.
 */

import { type Definition, storageVersionOf } from '../../../apis/apiextensions/definition.ts';
import { dropping, type GatedPaths } from '../../../apis/gated-paths.ts';
import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { nextGeneration } from '../../../meta/next-generation.ts';
import { nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import type { RequestContext } from '../../../request/request-context.ts';
import type { RESTStrategy } from '../../../rest/strategy.ts';
import { quote } from '../../../runtime/go-format.ts';
import { inPieces } from '../../../util/breathe.ts';
import { deepCopy } from '../../../util/deep-copy.ts';
import type { AcceptedNames } from '../../controller/names.ts';
import { manageStatus } from '../../controller/status-manager.ts';
import { schemasOf } from '../../definition/definition-schemas.ts';
import type { SchemaToolsLoader } from '../../definition/schema-tools.ts';
import { itemsOf, schemaHas } from '../../schema/json-schema-props.ts';
import { packSummary, summaryOf } from '../../serving/definition-summary.ts';

export interface DefinitionStrategyDependencies {
  readonly tools: SchemaToolsLoader;
  /** The current accepted names of a group's definitions. */
  acceptedNames(group: string): Promise<readonly AcceptedNames[]>;
}

/** Loaded on demand, because most processes never write a definition. */
const loadValidation = () => import('../../definition/definition-validation.ts');

const KIND = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
const NAME = FieldPath.of('metadata', 'name');
const GENERATE_NAME = FieldPath.of('metadata', 'generateName');

/** Drops an empty webhook, which upstream's internal form doesn't represent. */
function dropEmptyWebhook({ spec: { conversion } }: Definition): void {
  const { webhook } = conversion ?? {};
  if (webhook && !webhook.clientConfig && !webhook.conversionReviewVersions?.length)
    delete conversion!.webhook;
}

function storeVersion({ spec, status }: Definition): void {
  const version = storageVersionOf(spec);
  const stored = status.storedVersions ?? [];
  if (version !== undefined && !stored.includes(version)) status.storedVersions = [...stored, version];
}

/** Applies to generateName without its suffix as well, so no name can be generated. */
function validateDefinitionName({ metadata, spec }: Definition): FieldError[] {
  const wanted = `${spec.names.plural}.${spec.group}`;
  const isOdd = (name: string | undefined): boolean => Boolean(name) && name !== wanted;
  const detail = 'must be spec.names.plural+"."+spec.group';
  return [
    ...(isOdd(metadata.generateName) ? [invalid(GENERATE_NAME, metadata.generateName, detail)] : []),
    ...(isOdd(metadata.name) ? [invalid(NAME, metadata.name, detail)] : []),
  ];
}

/** Formats that aren't validated are probably mistakes. */
async function unrecognizedFormats({ spec }: Definition): Promise<string[]> {
  const { isRecognizedFormat } = await import('../../validation/formats/formats.ts');
  const formats: string[] = [];
  for (const root of schemasOf(spec)) {
    schemaHas(root, (schema) => {
      if (schema.format && !isRecognizedFormat(schema)) formats.push(schema.format);
      return false;
    });
  }
  return formats;
}

/** Types of set items that other implementations of merging can't compare. */
function setsOfNoScalars({ spec }: Definition): string[] {
  const types = new Set<string>();
  for (const root of schemasOf(spec)) {
    schemaHas(root, (schema) => {
      const { type } = itemsOf(schema) ?? {};
      const isSet = schema['x-kubernetes-list-type'] === 'set';
      if (isSet && (type === 'object' || type === 'array')) types.add(type);
      return false;
    });
  }
  return [...types].sort();
}

const setWarnings = (types: readonly string[]): string[] =>
  types.map(
    (type) =>
      `x-kubernetes-list-type: set for items of type ${quote(type)} is not supported by server-side apply or CEL validation rules`,
  );

const formatWarnings = (formats: readonly string[]): string[] =>
  formats.map((format) => `unrecognized format ${quote(format)}`);

export function definitionStrategy(dependencies: DefinitionStrategyDependencies): RESTStrategy<Definition> {
  const settle = async ({ request }: RequestContext, definition: Definition): Promise<void> => {
    // A dry run gets no status, because upstream's controllers never see the object.
    if (request.query.has('dryRun')) return;
    const now = Date.now();
    const acceptedNames = await dependencies.acceptedNames(definition.spec.group);
    const { reconcileStatus } = await import('../../controller/reconcile-status.ts');
    const tools = await dependencies.tools.load();
    const changed = await inPieces(reconcileStatus(definition, { acceptedNames, tools, now }));
    if (changed) manageStatus(definition, now);
  };
  return {
    kind: KIND,
    repeatsErrors: true,
    namespaced: false,
    validateName: nameIsDNSSubdomain,
    allowUnconditionalUpdate: false,
    // The lead contains what discovery and name conflicts need.
    terms: ({ metadata }) => [metadata.name!],
    lead: (definition) => packSummary(summaryOf(definition)),
    resetFields: {
      'apiextensions.k8s.io/v1': [['status']],
      'apiextensions.k8s.io/v1beta1': [['status']],
    },

    async prepareForCreate(context, definition) {
      dropEmptyWebhook(definition);
      definition.status = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: null };
      definition.metadata.generation = 1;
      storeVersion(definition);
      await settle(context, definition);
    },

    async validate(context, definition) {
      const { validateDefinition } = await loadValidation();
      const tools = await dependencies.tools.loadFor(definition.spec);
      return [
        ...validateDefinitionName(definition),
        ...(await inPieces(validateDefinition(definition, versionOf(context), tools))),
      ];
    },

    warningsOnCreate: async (_context, definition) => [
      ...formatWarnings(await unrecognizedFormats(definition)),
      ...setWarnings(setsOfNoScalars(definition)),
    ],

    async prepareForUpdate(context, definition, old) {
      dropEmptyWebhook(definition);
      definition.status = deepCopy(old.status);
      if (!semanticDeepEqual(old.spec, definition.spec)) {
        definition.metadata.generation = nextGeneration(old.metadata.generation);
      }
      storeVersion(definition);
      await settle(context, definition);
    },

    async validateUpdate(context, definition, old) {
      const { validateDefinitionUpdate } = await loadValidation();
      const tools = await dependencies.tools.loadFor(definition.spec);
      return inPieces(validateDefinitionUpdate(definition, old, { version: versionOf(context), tools }));
    },

    async warningsOnUpdate(_context, definition, old) {
      const before = new Set(await unrecognizedFormats(old));
      const setsBefore = new Set(setsOfNoScalars(old));
      return [
        ...formatWarnings((await unrecognizedFormats(definition)).filter((format) => !before.has(format))),
        ...setWarnings(setsOfNoScalars(definition).filter((type) => !setsBefore.has(type))),
      ];
    },
  };
}

const versionOf = (context: RequestContext): string => context.requestInfo.apiVersion;

const GATED_STATUS: GatedPaths = {
  CRDObservedGenerationTracking: ['status.observedGeneration', 'status.conditions[].observedGeneration'],
};

/** Updates status and metadata, but never the spec. */
export const definitionStatusStrategy: RESTStrategy<Definition> = {
  kind: KIND,
  repeatsErrors: true,
  namespaced: false,
  validateName: nameIsDNSSubdomain,
  allowUnconditionalUpdate: false,
  resetFields: {
    'apiextensions.k8s.io/v1': [['spec']],
    'apiextensions.k8s.io/v1beta1': [['spec']],
  },
  dropDisabledFields: dropping(GATED_STATUS),
  prepareForUpdate(_context, definition, old) {
    definition.spec = old.spec;
  },
  validateUpdate: async (_context, definition) => (await loadValidation()).validateStatus(definition),
};
