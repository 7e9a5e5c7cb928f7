/** The one OpenAPI 2 document of everything (https://github.com/kubernetes/kube-openapi/blob/master/pkg/builder/openapi.go). */

import { createHash } from 'node:crypto';
import { commonParameters, isCommon } from './common-parameters.ts';
import { definitionClosure } from './definition-closure.ts';
import { type DefinitionSchemas, gvkExtension, reference } from './definition-schemas.ts';
import { INFO, responseText, UNAUTHORIZED } from './document-texts.ts';
import type {
  ContentModel,
  OpenAPIModel,
  OpenAPISchema,
  OperationModel,
  ParameterModel,
  PathModel,
  Swagger,
} from './openapi-model.ts';

const schemaOf = (model: ContentModel): OpenAPISchema =>
  model === 'string' ? { type: 'string' } : reference(model.definition, 2);

/** Parameters that stand in many operations, once each. */
class SharedParameters {
  readonly all: Record<string, OpenAPISchema> = {};

  /** A reference to the parameter. */
  share(name: string, parameter: OpenAPISchema): OpenAPISchema {
    const hash = createHash('sha256').update(JSON.stringify(parameter)).digest('base64url').slice(0, 8);
    const key = `${name}-${hash}`;
    this.all[key] = parameter;
    return { $ref: `#/parameters/${key}` };
  }
}

/** What kubectl before 1.27 looks for among the parameters of patches, and doesn't see behind references. */
const LOOKED_FOR: ReadonlySet<string> = new Set(['dryRun', 'fieldValidation']);

class DocumentBuilder {
  readonly parameters = new SharedParameters();

  #parameter({ name, in: place, type, description }: ParameterModel, action?: string): OpenAPISchema {
    const parameter = {
      ...(description !== undefined && { description }),
      in: place,
      name,
      ...(place === 'path' && { required: true }),
      type,
      uniqueItems: true,
    };
    // A name's description is of its kind: nobody shares it.
    const isOwn = place === 'path' && name === 'name';
    if (isOwn || (action === 'patch' && LOOKED_FOR.has(name))) return parameter;
    return this.parameters.share(name, parameter);
  }

  #body({ content, required }: NonNullable<OperationModel['body']>): OpenAPISchema {
    const parameter = { in: 'body', name: 'body', ...(required && { required }), schema: schemaOf(content) };
    return content !== 'string' && content.definition.endsWith('.DeleteOptions')
      ? this.parameters.share('body', parameter)
      : parameter;
  }

  #operation(model: OperationModel, common: readonly ParameterModel[]): OpenAPISchema {
    const own = model.parameters.filter((candidate) => !isCommon(candidate, common));
    const parameters = [
      ...(model.body ? [this.#body(model.body)] : []),
      ...own.map((each) => this.#parameter(each, model.action)),
    ];
    return {
      consumes: model.consumes,
      description: model.description,
      operationId: model.operationId,
      ...(parameters.length > 0 && { parameters }),
      produces: model.produces,
      responses: {
        ...Object.fromEntries(
          Object.entries(model.responses).map(([code, answer]) => [
            code,
            { description: responseText(code), schema: schemaOf(answer) },
          ]),
        ),
        401: { description: UNAUTHORIZED },
      },
      schemes: ['https'],
      ...(model.tags.length > 0 && { tags: model.tags }),
      ...(model.action && { 'x-kubernetes-action': model.action }),
      ...(model.gvk && { 'x-kubernetes-group-version-kind': gvkExtension(model.gvk) }),
    };
  }

  pathItem(path: PathModel): OpenAPISchema {
    const common = commonParameters(path);
    return {
      ...Object.fromEntries(
        Object.entries(path)
          .sort(([left], [right]) => (left < right ? -1 : 1))
          .map(([method, model]) => [method, this.#operation(model, common)]),
      ),
      ...(common.length > 0 && { parameters: common.map((each) => this.#parameter(each)) }),
    };
  }
}

export function buildDocumentV2(
  models: readonly OpenAPIModel[],
  builtin: DefinitionSchemas,
): OpenAPISchema & Swagger {
  const builder = new DocumentBuilder();
  const paths = models.flatMap((model) => [...model.paths]);
  return {
    definitions: definitionClosure(models, builtin, 2),
    info: INFO,
    paths: Object.fromEntries(
      paths
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([path, item]) => [path, builder.pathItem(item)]),
    ),
    parameters: builder.parameters.all,
    security: [{ BearerToken: [] }],
    securityDefinitions: {
      BearerToken: {
        description: 'Bearer Token authentication',
        in: 'header',
        name: 'authorization',
        type: 'apiKey',
      },
    },
    swagger: '2.0',
  };
}
